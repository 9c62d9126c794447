"""cong account over a true database."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import command_group
from gateway.errors import GatewayError, UsageError
from gateway.local_accounts.passwords import is_right


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "cong.toml"
    text = f"""
[site]
name = "Thư viện <Sa Thầy>"
[state]
directory = "{tmp_path}/state"
run_directory = "{tmp_path}"
[login]
methods = ["account", "terms"]
"""
    path.write_text(text, encoding="utf-8")
    return path


def cong(config: Path, *words: str, typed: str = "") -> Result:
    command = ["account", *words, "--config", str(config)]
    result = CliRunner().invoke(command_group(), command, env={"SUDO_USER": "hoa"}, input=typed)
    if isinstance(result.exception, GatewayError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def listed(config: Path) -> Any:
    return json.loads(cong(config, "list", "--json").stdout)


def rows(config: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(config.parent / "state" / "cong.sqlite") as database:
        return database.execute(sql).fetchall()


def written(config: Path, text: str, encoding: str = "utf-8") -> str:
    path = config.parent / "list.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_an_account_is_added_and_its_password_is_a_hash_alone(config: Path) -> None:
    said = cong(config, "add", "Lan.Anh", "--kind", "class 7A", "--profile", "child", "--until", "30d").stdout
    name, password = said.split()
    assert name == "Lan.Anh"
    ((stored, key),) = rows(config, "SELECT password, name_key FROM local_accounts")
    assert key == "lan.anh" and stored.startswith("scrypt$16384$8$1$") and is_right(password, stored)
    (told,) = listed(config)
    assert [told[each] for each in ("name", "kind", "profile", "state")] == ["Lan.Anh", "class 7A", "child", "active"]
    assert told["valid_until"].endswith("16:59:59+00:00")  # the end of the site's day
    assert password not in (config.parent / "state" / "cong.sqlite").read_bytes().decode("latin-1")
    with pytest.raises(UsageError, match="already"):
        cong(config, "add", " LAN.ANH ")


def test_a_given_password_is_not_said_again(config: Path) -> None:
    result = cong(config, "add", "mai", "--password-file", "-", typed="mật khẩu\n")
    assert "mật" not in result.output
    ((stored,),) = rows(config, "SELECT password FROM local_accounts")
    assert is_right("mật khẩu", stored)
    with pytest.raises(UsageError, match="6 to 128"):
        cong(config, "passwd", "mai", "--password-file", "-", typed="short\n")
    made = cong(config, "passwd", "MAI").stdout.split()[1]
    ((stored,),) = rows(config, "SELECT password FROM local_accounts")
    assert is_right(made, stored) and not is_right("mật khẩu", stored)


def test_the_trail_says_who_did_what_and_outlives_the_account_without_its_name(config: Path) -> None:
    cong(config, "add", "lan.7a.xyz")
    cong(config, "disable", "lan.7a.xyz", "--by", "mai")
    assert listed(config)[0]["state"] == "disabled"
    cong(config, "enable", "lan.7a.xyz", "--until", "2d")
    assert listed(config)[0]["state"] == "active"
    cong(config, "passwd", "lan.7a.xyz")
    assert cong(config, "remove", "lan.7a.xyz").stdout.startswith("1 removed; the gateway is not running")
    assert rows(config, "SELECT author, deed, account_id FROM local_account_trail ORDER BY id") == [
        ("hoa", "added", 1), ("mai", "disabled", 1), ("hoa", "enabled", 1), ("hoa", "password", 1),
        ("hoa", "removed", 1),
    ]  # fmt: skip
    assert "hoa  removed  (account 1, gone)" in cong(config, "history").stdout
    assert b"lan.7a.xyz" not in (config.parent / "state" / "cong.sqlite").read_bytes()


def test_a_list_is_imported_with_its_slips(config: Path) -> None:
    file = written(config, "﻿Tên đăng nhập;Mật khẩu;Loại\r\nlan;123456;7A\r\nBình;;\r\n")
    sheet = config.parent / "slips.html"
    looked = cong(config, "import", file, "--dry-run")
    assert looked.stdout == "2 accounts would be added; nothing was done\n" and listed(config) == []
    done = cong(config, "import", file, "--kind", "reader", "--sheet", str(sheet))
    assert done.stdout == "" and "2 accounts added" in done.stderr
    assert [(each["name"], each["kind"]) for each in listed(config)] == [("Bình", "reader"), ("lan", "7A")]
    page = sheet.read_text(encoding="utf-8")
    made = re.findall(r"<b>([^<]*)</b>", page)
    assert sheet.stat().st_mode & 0o777 == 0o600
    assert made[0:3] == ["lan", "123456", "Bình"] and "Thư viện &lt;Sa Thầy&gt;" in page
    assert not re.search(r"<script|<link|<img|src=|url\(", page)
    stored = dict(rows(config, "SELECT name, password FROM local_accounts"))
    assert is_right("123456", stored["lan"]) and is_right(made[3], stored["Bình"])
    again = cong(config, "import", written(config, "name,password\nlan,\nhoa,\nan,geheim-9\n"), "--skip-known")
    (hoa, made_for_hoa), an = (line.split("  ") for line in again.stdout.splitlines())
    assert hoa == "hoa" and made_for_hoa.count("-") == 2 and an == ["an", "(as given)"]
    assert dict(rows(config, "SELECT name, password FROM local_accounts"))["lan"] == stored["lan"]


def test_nothing_is_half_imported(config: Path) -> None:
    cong(config, "add", "mai")
    with pytest.raises(UsageError) as refused:
        cong(config, "import", written(config, "name,password\nlan,123456\nMAI,123456\n"))
    assert 'line 3: there is an account "MAI" already' in str(refused.value)
    with pytest.raises(UsageError, match=r"2 problems, nothing was imported\n  line 2: .*\n  line 3: "):
        cong(config, "import", written(config, "name,password\nlan,1\n,123456\nhoa,123456\n"))
    assert [each["name"] for each in listed(config)] == ["mai"]


def test_names_in_an_exported_list_run_nothing(config: Path) -> None:
    cong(config, "add", "=cmd|'/c calc'!A0", "--note", "@note")
    out = config.parent / "out.csv"
    cong(config, "list", "--csv", str(out))
    text = out.read_text(encoding="utf-8-sig")
    assert "\n'=cmd" in text and ",'@note," in text and "scrypt" not in text
    cong(config, "remove", "=cmd|'/c calc'!A0")
    cong(config, "import", str(out))
    assert [each["name"] for each in listed(config)] == ["=cmd|'/c calc'!A0"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", ""), ("add", "x" * 65), ("add", "a\nb" * 40), ("add", "lan", "--until", "2020-01-01"),
        ("add", "lan", "--until", "9999d"), ("add", "lan", "--profile", "nobody"), ("add", "lan", "--kind", "x" * 121),
        ("disable", "nobody"), ("enable", "nobody"), ("passwd", "nobody"), ("remove", "nobody"),
        ("import", "/nonexistent.csv"),
    ],
)  # fmt: skip
def test_what_can_not_be_done_is_refused(config: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        cong(config, *words)
    assert listed(config) == []
