"""Users, tokens, one's own account, the trail and backups at the desk: over HTTP, with the commands' own processes."""

import base64
import contextlib
import csv
import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.backup.folder import Folder
from gateway.child import Commands
from gateway.desk.account import account
from gateway.desk.backups import backups
from gateway.desk.once import Once
from gateway.desk.table import Area
from gateway.desk.tokens import tokens
from gateway.desk.trail import trail
from gateway.desk.users import users
from gateway.flows.staff import Staff
from gateway.local_accounts.hashing import OneThread
from gateway.ports_backup import unfinished
from gateway.staff import totp
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.staff import SqliteStaff
from gateway.store.trail import SqliteTrail
from gateway.units import epoch_s
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import PASSWORD, ZONE, DeskHouse, desk_house
from tests.fakes import FakeClock

HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x>", "a\x00b", "\u202eevil", "x" * 10_000, "=cmd|' /C calc'!A0")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskHouse]:
    CommandDesk.at(tmp_path)
    passwords = OneThread()

    def areas(database: Database, clock: FakeClock) -> list[Area]:
        staff = Staff(SqliteStaff(database), passwords, clock, "Thư viện Sa Thầy")
        place, once = tmp_path / "backups", Once()
        commands = Commands(tmp_path / "cong.toml")
        found = [
            users(staff, once),
            tokens(staff, ZONE, once),
            account(staff, once, is_second_factor_wanted=True),
            backups(Folder(place), commands, place, tmp_path, "sa-thay"),
        ]
        return [*found, trail(SqliteTrail(database), [a.name for area in found for a in area.acts], ZONE)]

    async with desk_house(tmp_path, areas) as opened:
        yield opened
    passwords.close()


async def test_a_user_is_made_changes_the_password_and_is_at_the_desk(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/users", "user.create", name="Hoa", shown="Nguyễn Thị Hoa", role="desk")
    assert "Đã thêm hoa" in page.flash and "<strong>Nguyễn Thị Hoa</strong>" in page.text
    first = re.search(r'class="big-code">([^<]+)<', page.text)
    assert first and first[1] not in (await admin.get("/users")).text, "shown once"
    assert house.rows("SELECT role, must_change, made_by FROM staff_users WHERE name = 'hoa'") == [
        {"role": "desk", "must_change": 1, "made_by": "r-administrator"}
    ]
    assert not any(
        first[1] in str(row) for row in house.rows("SELECT * FROM audit JOIN audit_outcomes ON id = audit_id")
    )
    assert not any(first[1] in str(row) for row in house.rows("SELECT flash FROM staff_browsers"))
    hoa = await house.browser()
    opened = await hoa.sign_in("hoa", first[1])
    assert "Mật khẩu này do người khác đặt" in opened.text and opened.url.endswith("/account")
    wrong = await hoa.do("/account", "account.password", old=first[1], new="mèo con trắng", again="mèo con đen")
    assert "không giống nhau" in wrong.flash and "mèo con" not in wrong.text
    done = await hoa.do("/account", "account.password", old=first[1], new="mèo con trắng", again="mèo con trắng")
    assert "Đã đổi mật khẩu" in done.flash
    assert (await hoa.get("/users")).status == 403 and (await hoa.get("/audit")).status == 403
    trailed = house.rows("SELECT asked FROM audit WHERE act = 'account.password'")
    assert trailed and "mèo" not in str(trailed) and first[1] not in str(trailed)


async def test_dangerous_acts_ask_for_the_password_again_and_the_last_administrator_stays(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    await house.user("binh", Role.LIBRARIAN)
    house.clock.pass_s(700)
    page = await admin.do("/users", "user.disable", name="binh", disabled="true")
    assert "/prove?" in page.url
    assert house.rows("SELECT disabled_at FROM staff_users WHERE name = 'binh'") == [{"disabled_at": None}]
    back = await admin.send("/prove", {**page.form("/prove"), "password": PASSWORD})
    assert "/users" in back.url
    page = await admin.do("/users", "user.disable", name="binh", disabled="true")
    assert (
        "binh" in page.flash and house.rows("SELECT disabled_at FROM staff_users WHERE name='binh'")[0]["disabled_at"]
    )
    page = await admin.do("/users", "user.change", nth=0, name="r-administrator", role="desk", shown="x")
    assert "quản trị" in page.flash.lower()
    assert house.rows("SELECT role FROM staff_users WHERE name = 'r-administrator'") == [{"role": "administrator"}]
    status, told = await house.ask("PUT", "/users/nobody", {"role": "desk"})
    assert (status, told["error"]) == (404, "user_missing")


async def test_a_second_factor_by_the_app_and_its_recovery_codes(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    assert "Quản trị phải đăng nhập hai lớp" in (await admin.get("/account")).text
    page = await admin.get("/account/second-factor")
    assert 'src="data:image/svg+xml' in page.text
    text = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page.text)
    assert text and text[1] in (await admin.get("/account/second-factor")).text, "the same picture until it fits"
    plain = text[1].replace(" ", "")
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    wrong = await admin.do("/account/second-factor", "account.totp", code="000000")
    assert "/account/second-factor" in wrong.url and wrong.flash
    code = totp.code_at(secret, epoch_s(house.clock.now()) // totp.STEP_S)
    page = await admin.do("/account/second-factor", "account.totp", code=code)
    codes = re.findall(r'<li class="code">([A-Z0-9 ]+)</li>', page.text)
    assert len(codes) == 8 and page.url.endswith("/account")
    assert codes[0] not in (await admin.get("/account")).text, "shown once"
    other = await house.browser()
    asked = await other.sign_in("r-administrator")
    assert 'name="code"' in asked.text
    await other.sign_in("r-administrator", code=codes[0])
    assert other.cookies.get("cong_desk")
    again = await house.browser()
    await again.sign_in("r-administrator", code=codes[0])
    assert not again.cookies.get("cong_desk"), "each is good once"
    page = await admin.do("/account", "account.totp_end")
    assert "yêu cầu" in page.flash, "this library wants one"


async def test_a_token_is_shown_once_works_within_its_role_and_ends(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/tokens", "token.create", name="giám sát", role="auditor", until="")
    token = re.search(r'class="code">(cong_[^<]+)<', page.text)
    assert token and token[1] not in (await admin.get("/tokens")).text
    status, told = await house.ask("GET", "/users", token=token[1])
    assert status == 200 and "password" not in str(told)
    assert (await house.ask("POST", "/users", {"name": "eve"}, token=token[1]))[0] == 403
    number = house.rows("SELECT id FROM api_tokens WHERE name = 'giám sát'")[0]["id"]
    page = await admin.do("/tokens", "token.revoke", id=number)
    assert "hết hiệu lực" in page.flash and (await house.ask("GET", "/users", token=token[1]))[0] == 401
    page = await admin.do("/tokens", "token.create", name="x", role="metrics", until="2001-01-01")
    assert "đã qua" in page.flash


async def test_the_trail_says_who_did_what_with_before_and_after(house: DeskHouse) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    await admin.do("/users", "user.create", name="hoa", shown="=cmd|x", role="desk")
    await admin.do("/users", "user.change", name="hoa", shown="Hoa", role="librarian")
    page = (await admin.get("/audit?act=user")).text
    assert "Thêm người dùng" in page and "<del>desk</del>" in page and "<ins>librarian</ins>" in page
    assert "Thêm người dùng" not in (await admin.get("/audit?act=backup")).text
    assert "Thêm người dùng" not in (await admin.get("/audit?who=hoa")).text
    assert "Thêm người dùng" not in (await admin.get("/audit?until=2001-01-01")).text
    assert (await admin.get("/audit?since=yesterday")).status == 422
    file = await admin.get("/audit/audit.csv?act=user")
    rows = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 3 and rows[1][1] == "r-administrator"
    assert not any(cell.startswith("=") for row in rows for cell in row)
    status, told = await house.ask("GET", "/audit?act=user", role=Role.AUDITOR)
    lines = told["rows"]
    assert status == 200 and isinstance(lines, list) and len(lines) == 2
    for _ in range(60):
        await house.ask("PUT", "/users/hoa", {"role": "desk", "shown": "Hoa"})
    first = await house.ask("GET", "/audit")
    assert isinstance(first[1]["rows"], list) and len(first[1]["rows"]) == 50
    rest = await house.ask("GET", f"/audit?before={first[1]['next_before']}")
    assert isinstance(rest[1]["rows"], list) and rest[1]["rows"][0]["id"] == first[1]["rows"][-1]["id"] - 1


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_text_of_anybodys_becomes_markup(house: DeskHouse, words: str) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    for path, body in (
        ("/users", {"name": words, "shown": "x"}),
        ("/users", {"name": "hoa", "shown": words}),
        ("/tokens", {"name": words}),
    ):
        status, _ = await house.ask("POST", path, body)
        assert status in (200, 409, 422)
    for page in ("/users", "/tokens", "/audit"):
        text = (await admin.get(page)).text
        assert "<script>alert" not in text and "<img src=x" not in text and "\x00" not in text
    assert (await admin.get("/backups/" + "%2e%2e%2fcong.toml")).status in (404, 422)


async def test_a_backup_is_made_fetched_taken_in_and_decided(house: DeskHouse, tmp_path: Path) -> None:
    admin = await house.browser(Role.ADMINISTRATOR)
    page = await admin.do("/settings/backup", "backup.create")
    made = next((tmp_path / "backups").iterdir())
    assert f"Đã sao lưu: {made.name}" in page.flash and made.name in page.text
    file = await admin.get(f"/backups/{made.name}")
    assert file.body == made.read_bytes() and f'filename="{made.name}"' in file.headers["Content-Disposition"]
    status, told = await house.ask("GET", "/backups")
    assert status == 200 and isinstance(told["kept"], list) and told["kept"][0]["name"] == made.name
    made.unlink()
    page = await admin.do("/settings/backup", "backup.take_in", file=("x.tar.gz", file.body[:2000]))
    assert "hỏng" in page.flash and not list((tmp_path / "backups").iterdir())
    page = await admin.do("/settings/backup", "backup.take_in", file=("../../evil.tar.gz", file.body))
    assert "Tệp tốt" in page.flash and made.exists()
    assert list((tmp_path / "incoming").iterdir()) == []
    # decided only: the gateway that runs sees the plan and starts itself anew
    page = await admin.do("/settings/backup", "backup.restore", name=made.name)
    assert "Đang phục hồi" in page.text and 'data-until-back="/settings/backup"' in page.text
    assert unfinished(tmp_path)
    done = house.rows(
        "SELECT came_of, subject FROM audit_outcomes o JOIN audit a ON a.id = o.audit_id WHERE act = 'backup.restore'"
    )
    assert done == [{"came_of": "done", "subject": made.name}]
    # the trail that comes back with the backup has never heard of it: the same row waits in it
    row = _restore_row(tmp_path, "backup.restore")
    assert row[:4] == ("r-administrator", "administrator", "desk", "127.0.0.1") and row[5:] == ("done", made.name)
    assert json.loads(str(row[4])) == {"name": made.name, "other_site": False}


def _restore_row(state: Path, act: str) -> tuple[object, ...]:
    """The newest row of a restore in the database that waits to be put in place."""
    with contextlib.closing(sqlite3.connect(state / ".restore" / "cong.sqlite")) as sql:
        found: tuple[object, ...] = sql.execute(
            """SELECT who, role, via, address, asked, came_of, subject FROM audit a
               JOIN audit_outcomes o ON o.audit_id = a.id WHERE act = ? ORDER BY a.id DESC""",
            (act,),
        ).fetchone()
    return found


async def test_a_program_that_restores_is_named_in_what_comes_back(house: DeskHouse, tmp_path: Path) -> None:
    status, made = await house.ask("POST", "/backups", {})
    assert status == 200
    assert (await house.ask("POST", f"/backups/{made['name']}/restore", {}))[0] == 200
    row = _restore_row(tmp_path, "backup.restore")
    assert row[:4] == ("test", "administrator", "token t-administrator", "127.0.0.1")


async def test_another_librarys_backup_wants_its_box_ticked(house: DeskHouse, tmp_path: Path) -> None:
    config = tmp_path / "cong.toml"
    of_sa_thay = config.read_text(encoding="utf-8")
    config.write_text(of_sa_thay.replace("sa-thay", "sa-son"), encoding="utf-8")
    admin = await house.browser(Role.ADMINISTRATOR)
    await admin.do("/settings/backup", "backup.create")
    config.write_text(of_sa_thay, encoding="utf-8")
    made = next((tmp_path / "backups").iterdir())
    page = await admin.do("/settings/backup", "backup.restore", name=made.name)
    assert "bản của Thư viện Sa Thầy" in page.flash and not unfinished(tmp_path)
    page = await admin.do("/settings/backup", "backup.restore", name=made.name, other_site="on")
    assert unfinished(tmp_path)


async def test_who_may_not_neither_sees_nor_fetches_a_backup(house: DeskHouse, tmp_path: Path) -> None:
    await house.ask("POST", "/backups", {})
    made = next((tmp_path / "backups").iterdir())
    for role in (Role.DESK, Role.LIBRARIAN, Role.VOUCHERS):
        browser = await house.browser(role)
        assert (await browser.get("/settings/backup")).status == 403
        assert (await browser.get(f"/backups/{made.name}")).status == 403
    auditor = await house.browser(Role.AUDITOR)
    page = await auditor.get("/settings/backup")
    assert page.status == 200 and "/do/backup" not in page.text
    assert (await auditor.get(f"/backups/{made.name}")).status == 403
    assert (await house.ask("DELETE", f"/backups/{made.name}", role=Role.AUDITOR))[0] == 403 and made.exists()
