"""cong doctor: what it says of the library system, and when it says that something is wrong."""

import asyncio
import gzip
import io
import json
import re
import tarfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.backup.manifest import Manifest, written
from gateway.certificate import Fault
from gateway.cli.main import command_group
from gateway.cli.noticed import noticed
from gateway.clock import SystemClock
from gateway.config.load import load_config
from gateway.pages import LANGUAGES, text
from gateway.phone.findings import Finding, Outcome, why
from gateway.phone.judging import STILL_LED
from gateway.ports_mail import Trouble
from gateway.reports.day_state import BackupOld
from tests.edge.desk import CommandDesk
from tests.edge.sip2_server import LibrarySystem, running

ROOT = Path(__file__).parent.parent.parent


class SilentSystem(LibrarySystem):
    """One that takes whatever comes and says nothing."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        await reader.read()


SYSTEM = "library system 127.0.0.1 port "


def found(tmp_path: Path, port: int, more: str = "", **said: str) -> dict[str, Any]:
    """The line of the library system."""
    secret = tmp_path / "sip2"
    secret.write_text("secret 1\n", encoding="utf-8")
    keys = {"host": "127.0.0.1", "login": "gateway", "password_file": str(secret), "timeout": "1s", **said}
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    config = tmp_path / "cong.toml"
    state = f'[state]\ndirectory = "{tmp_path}/state"\nrun_directory = "{tmp_path}"\n'
    config.write_text(
        f'{state}[login]\nmethods = ["card"]\n[login.sip2]\nport = {port}\n{more}{lines}', encoding="utf-8"
    )
    result = CliRunner().invoke(command_group(), ["doctor", "--json", "--config", str(config)])
    told = {line["key"]: line for line in json.loads(result.stdout)}
    gateway, library = told["gateway"], told["library"]
    assert result.exit_code == 1 and not gateway["good"] and "not running" in gateway["said"]
    assert library["thing"] == f"{SYSTEM}{port}" and "secret 1" not in result.output
    return dict(library)


def test_a_good_one_is_told_with_its_time(tmp_path: Path) -> None:
    with running(LibrarySystem({})) as system:
        line = found(tmp_path, system.port)
        assert line["good"] and "reached, logged in, answers within" in line["said"] and "message 63" in line["said"]


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (LibrarySystem({}, login=(b"gateway", b"other")), "it refuses our login"),
        (LibrarySystem({}, online=b"N"), "it is off line"),
        (LibrarySystem({}, takes=b"NNNNNNNNNNNNNNNN"), "it answers no questions about patrons"),
        (LibrarySystem({}, institution=b"OTHER"), "it names itself OTHER"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(tmp_path: Path, system: LibrarySystem, said: str) -> None:
    with running(system):
        line = found(tmp_path, system.port, institution="SATHAY")
        assert not line["good"] and said in line["said"] and line["hint"]


def test_one_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    with running(LibrarySystem({})) as system:
        port = system.port
        assert found(tmp_path, port, line_end="crlf")["good"]
    with running(SilentSystem({})) as silent:
        assert "did not answer within 1 s" in found(tmp_path, silent.port)["said"]
        line = found(tmp_path, silent.port, more="tls = true\n")
        assert "nobody speaks TLS there within 1 s" in line["said"] and "host and port right" in line["hint"]
    assert "refused" in found(tmp_path, port)["said"].lower()
    assert "can't be read" in found(tmp_path, port, password_file="/nonexistent")["said"]


def test_every_text_is_there_in_both_languages() -> None:
    """What a check can say has its sentence, and what to do where it is not good."""
    source = "".join((ROOT / "gateway" / "cli" / f"checks_{part}.py").read_text("utf-8") for part in ("box", "service"))
    found = re.findall(r'\b(good|warning|fault)\(\s*"(\w+)"(?:, "(\w+)")?', source)
    assert len(found) > 20
    for grade, thing, said in found:
        keys = [f"doctor.{thing}", *([f"doctor.{thing}.{said or 'ok'}"] if said or grade == "good" else [])]
        keys += [f"doctor.{thing}.{said}.do"] if grade != "good" and said else []
        for key in keys:
            for language in LANGUAGES:
                assert text(language, key) != key, f"{language}: {key}"


def test_every_reason_has_its_sentence_and_what_to_do() -> None:
    """Reasons that stand in no good(), warning() or fault(): of certificate, mail and the phone's walk."""
    keys = [f"doctor.certificate.{fault}{end}" for fault in Fault for end in ("", ".do")]
    keys += [f"refused.reports.mail-{each}" for each in (*Trouble, "untried", "later")]
    keys += [f"doctor.{thing}.failed{end}" for thing in ("gateway", "library", "backup", "mail") for end in ("", ".do")]
    sources = [*(ROOT / "gateway" / "phone").glob("*.py"), ROOT / "gateway" / "cli" / "self_check.py"]
    reasons = {key for path in sources for key in re.findall(r'\bwhy\("(\w+)"', path.read_text("utf-8"))} | {STILL_LED}
    assert len(reasons) > 15
    for key in (*keys, *(f"phone.why.{reason}" for reason in reasons)):
        for language in LANGUAGES:
            assert text(language, key) != key, f"{language}: {key}"


def test_what_another_program_says_is_quoted_in_the_readers_language(tmp_path: Path) -> None:
    """A Vietnamese page has no English sentence of its own: what a library said stands in quotation marks."""
    desk = CommandDesk.at(tmp_path)
    desk.cong("block", "games.example.vn")
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n", encoding="ascii")
    walked = Finding(
        "captive", Outcome.FAULT, "fault", {"kinds": [why("status", 200, "Apple"), why("cached", of="Apple")]}
    )
    tree = {"at": "2026-11-24T00:00:00+00:00", "good": False, "findings": [asdict(walked)]}
    (tmp_path / "self-check.json").write_text(json.dumps(tree), encoding="utf-8")
    with (tmp_path / "cong.toml").open("a", encoding="utf-8") as file:
        pem = f'"{tmp_path}/broken.pem"'
        file.write(f'[portal]\nhostname = "a.example.vn"\ncertificate = {pem}\ncertificate_key = {pem}\n')
    (tmp_path / "desk.toml").write_text('[session]\nprofile = "nobody"\n', encoding="utf-8")
    lines = {line["key"]: line for line in json.loads(desk.run("doctor", "--json", "--language", "vi").stdout)}
    assert lines["certificate"]["said"].startswith("điện thoại không tin; thư viện mã hóa báo: «")
    assert "openssl x509" in lines["certificate"]["hint"]
    assert "Apple: mã trả lời 200, có thể bị lưu lại" in lines["self_check"]["said"]
    assert re.fullmatch(
        "một giá trị không dùng được, chương trình báo: «.*session.profile.*»", lines["settings"]["said"]
    )
    for line in lines.values():
        ours = re.sub(r"«[^»]*»|/\S+", "", f"{line['said']} {line['hint']}")
        assert not re.search(r"\b(the|is|not|can't|see|was|of)\b", ours), ours


def test_an_old_backup_is_told(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    desk.cong("block", "games.example.vn")
    assert _of(desk, "backup")["outcome"] == "warning" and "cong backup" in _of(desk, "backup")["hint"]
    desk.cong("backup")
    told = _of(desk, "backup")
    assert told["outcome"] == "ok" and "own disk" in told["said"]
    made = next((tmp_path / "backups").iterdir())
    old = SystemClock().now() - timedelta(days=5)
    with gzip.open(made, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        body = written(Manifest(old, "sa-thay", "x", "0.1.0", 21, ()))
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    assert "5 days old" in _of(desk, "backup")["said"]
    assert noticed(load_config(tmp_path / "cong.toml"), SystemClock().now(), tmp_path / "none") == (BackupOld(5),)
    with (tmp_path / "cong.toml").open("a", encoding="utf-8") as file:
        file.write(f'[backup]\ndirectory = "{tmp_path}/stick"\n')
    assert _of(desk, "backup")["outcome"] == "fault" and "stick" in _of(desk, "backup")["said"]


def _of(desk: CommandDesk, key: str) -> dict[str, Any]:
    lines = json.loads(desk.run("doctor", "--json").stdout)
    return next(line for line in lines if line["key"] == key)
