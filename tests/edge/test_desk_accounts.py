"""The library's own accounts at the desk: passwords told once, lists looked at before they are imported."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.access.login import Method, Refused
from gateway.access.session import Session
from gateway.local_accounts.passwords import is_right
from gateway.staff.roles import Role
from tests.edge.desk_house import Answer, Browser
from tests.edge.patron_desk import PatronDesk, patron_desk

PHONE = "02:00:5e:10:00:01"
PASSWORD = re.compile(r'class="big-code"[^>]*>([a-z]{4}-[a-z]{4}-[a-z]{4})<')
HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=1>", "a\0b", "\u202etxt", "x" * 10_000, "=1+1")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PatronDesk]:
    async with patron_desk(tmp_path) as found:
        yield found


async def added(browser: Browser, name: str) -> tuple[Answer, str]:
    page = await browser.do(
        "/accounts", "patron.add", name=name, kind="7A", note="con cô Hoa", valid_until="2027-12-31"
    )
    found = PASSWORD.search(page.text)
    assert found, page.text
    return page, found[1]


async def test_an_account_is_added_its_password_shown_and_then_gone(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    page, password = await added(browser, " Lan.Anh ")
    assert password in (await browser.get(page.url.removeprefix(desk.house.url) + "/slips")).text
    (row,) = desk.house.rows("SELECT name, password, profile, valid_until FROM local_accounts")
    assert row["name"] == "Lan.Anh" and is_right(password, str(row["password"])) and row["valid_until"] == 1830272399
    signed_in = await desk.admitted(PHONE, Method.ACCOUNT, name="lan.anh", password=password)
    assert isinstance(signed_in, Session)
    other = await desk.house.browser(Role.LIBRARIAN)
    assert (await other.get(page.url.removeprefix(desk.house.url))).status == 404, "only its maker sees it"
    desk.house.clock.pass_s(601)
    gone = await browser.get(page.url.removeprefix(desk.house.url))
    assert gone.status == 404 and password not in gone.text
    kept = json.dumps([desk.house.rows(f"SELECT * FROM {table}") for table in ("audit", "audit_outcomes")])
    assert password not in kept and "Lan.Anh" not in kept and "con cô Hoa" not in kept and "account 1" in kept


async def test_an_account_is_shut_opened_given_a_password_and_deleted(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    _, old = await added(browser, "mai")
    session = await desk.admitted(PHONE, Method.ACCOUNT, name="mai", password=old)
    page = await browser.do("/accounts/1", "patron.disable")
    assert page.flash == "Đã khóa tài khoản; ngắt 1 phiên đang dùng." and not await desk.is_on(session)
    await browser.do("/accounts/1", "patron.enable", valid_until="2028-01-31")
    page = await browser.do("/accounts/1", "patron.password")
    found = PASSWORD.search(page.text)
    assert found and found[1] != old
    refused = await desk.admitted(PHONE, Method.ACCOUNT, name="mai", password=old)
    assert isinstance(refused, Refused)
    session = await desk.admitted(PHONE, Method.ACCOUNT, name="mai", password=found[1])
    assert isinstance(session, Session)
    page = await browser.do("/accounts/1", "patron.remove")
    assert page.flash == "Đã xóa tài khoản; ngắt 1 phiên đang dùng." and not await desk.is_on(session)
    assert desk.house.rows("SELECT 1 FROM local_accounts") == []
    _, trail = await desk.house.ask("GET", "/account-history", role=Role.DESK)
    deeds = trail["deeds"]
    assert isinstance(deeds, list)
    assert [(each["deed"], each["author"]) for each in deeds] == [
        (deed, "r-desk") for deed in ("removed", "password", "enabled", "disabled", "added")
    ]


async def test_a_list_is_looked_at_and_every_problem_told_by_line(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await added(browser, "mai")
    lines = "tên,mật khẩu,hồ sơ,hạn dùng\nhoa,123,,\n,,,\nMai,,,\nlan,,nobody,\nan,,,30/2/2027\n,x1234567,,\n"
    page = await browser.do("/accounts", "patron.check_list", file=("ds.csv", lines.encode()), skip_known="false")
    told = dict(re.findall(r'<td class="num">(\d+)</td><td>(.*?)</td>', page.text))
    assert list(told) == ["2", "5", "6", "7"] and "6 đến 128" in told["2"] and "nobody" in told["5"]
    assert (
        "30/2/2027" in told["6"] and told["7"] == "Thiếu tên đăng nhập." and "123" not in told["2"].replace("128", "")
    )
    assert len(desk.house.rows("SELECT 1 FROM local_accounts")) == 1, "a look changes nothing"
    known = await browser.do("/accounts", "patron.check_list", file=("a.csv", b"name\nMAI\n"), skip_known="false")
    assert "Đã có tài khoản" in known.text
    assert not list(desk.house.incoming.iterdir()), "no list lies about"


async def test_a_list_is_imported_once_however_often_it_is_clicked(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await added(browser, "mai")
    lines = "name;password;kind\nhoa;;7B\nmai;;7B\nlan;mật khẩu 1;7C\n"
    page = await browser.do("/accounts", "patron.check_list", file=("ds.csv", lines.encode("utf-16")))
    form = page.form("patron.import_list")
    first = await browser.send("/do/patron.import_list", form)
    second = await browser.send("/do/patron.import_list", form)
    assert first.url == second.url and "mật khẩu 1" in second.text
    rows = desk.house.rows("SELECT name, kind, password FROM local_accounts ORDER BY id")
    assert [(row["name"], row["kind"]) for row in rows] == [("mai", "7A"), ("hoa", "7B"), ("lan", "7C")]
    assert is_right("mật khẩu 1", str(rows[2]["password"]))
    desk.house.clock.pass_s(601)
    assert (await browser.send("/do/patron.import_list", form)).flash == (
        "Lần xem thử này đã quá mười phút. Hãy chọn lại tệp."
    )


async def test_a_program_does_the_same(desk: PatronDesk) -> None:
    status, made = await desk.house.ask("POST", "/accounts", {"name": "an", "password": "mật khẩu 2"}, role=Role.DESK)
    assert status == 200 and made["accounts"] == [{"name": "an", "password": "mật khẩu 2"}]
    assert (await desk.house.ask("POST", "/accounts", {"name": "AN"}, role=Role.DESK))[0] == 409
    for body in (
        {"name": "x", "password": "x"},
        {"name": "y", "valid_until": "2020-01-01"},
        {"name": "y", "profile": "z"},
    ):
        assert (await desk.house.ask("POST", "/accounts", body, role=Role.DESK))[0] == 409, body
    assert (await desk.house.ask("POST", "/accounts/7/disable", {}, role=Role.DESK))[0] == 404
    for role in (Role.VOUCHERS, Role.AUDITOR):
        assert (await desk.house.ask("GET", "/accounts", role=role))[0] == 403
    _, found = await desk.house.ask("GET", "/accounts?search=AN&state=active", role=Role.DESK)
    assert found["total"] == 1


async def test_hostile_words_are_told_or_escaped(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    form = (await browser.get("/accounts")).form("patron.add")
    for hostile in HOSTILE:
        for field in ("name", "kind", "note", "profile", "valid_until", "valid_days"):
            page = await browser.send("/do/patron.add", {**form, "name": f"{field}-{len(hostile)}", field: hostile})
            assert page.status in (200, 413) and "<script>alert" not in page.text and "<img" not in page.text
    for path in ("/accounts", "/accounts/1", "/accounts/history", "/accounts?search=%3Cscript%3E"):
        shown = await browser.get(path)
        assert shown.status == 200 and "<script>alert" not in shown.text and "<img" not in shown.text
    sheet = (await browser.get("/accounts.csv")).text
    assert '"=1+1' not in sheet and ",=1+1" not in sheet and "\n=1+1" not in sheet
    page = await browser.do("/accounts", "patron.check_list", file=("<b>.csv", b"\0\xff\xfe<script>"))
    assert page.status == 200 and "<script>" not in page.text.replace("<script src", "")
