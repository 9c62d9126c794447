"""The twelve things staff do most, by a person with a mouse in Chromium against the running gateway, in few clicks.

What the page says, what the patron meets and what the database holds afterwards are held against each other. With
CONG_SCREENSHOTS=DIRECTORY the pictures of each task stay there.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from gateway.config.toml import Tree
from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.edge.test_einvoice import invoice
from tests.lab.reconfigured import reconfigured
from tests.lab.staff_hand import Hand, chromium, signed_in, vi
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk

GAME = "garena.vn"
STUDY = "hoc.example.vn"
SEEN: Tree = {
    "dns": {
        "profiles": {
            "adult": {"port": 5301, "block": ["gambling"], "games": "all", "refusal": "page"},
            "child": {"port": 5303, "block": ["adult", "gambling"], "games": "all", "safe_search": True},
        }
    }
}
"""As shipped, but that a refused name shows its page."""


@pytest.fixture(scope="module")
def pc(lab: Lab) -> Iterator[StaffPc]:
    with reconfigured(lab, SEEN), at_the_desk(lab) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab) -> Iterator[None]:
    yield
    lab.end_all_sessions()


@pytest.fixture
def librarian(browser: Browser, pc: StaffPc) -> Iterator[Hand]:
    with signed_in(browser, pc, pc.user(Role.LIBRARIAN)) as hand:
        yield hand


@pytest.fixture
def desk(browser: Browser, pc: StaffPc) -> Iterator[Hand]:
    with signed_in(browser, pc, pc.user(Role.DESK)) as hand:
        yield hand


@pytest.fixture
def administrator(browser: Browser, pc: StaffPc) -> Iterator[Hand]:
    with signed_in(browser, pc, pc.user(Role.ADMINISTRATOR)) as hand:
        yield hand


def told(lab: Lab, *words: str) -> Any:
    return json.loads(lab.cong(*words, "--json").stdout)


def last_deed(lab: Lab) -> tuple[str, str, str]:
    """Who did what, and what came of it."""
    query = """SELECT a.who, a.act, o.came_of FROM audit a JOIN audit_outcomes o ON o.audit_id = a.id
               ORDER BY a.id DESC LIMIT 1"""
    who, act, came_of = lab.sql(query)[0]
    return str(who), str(act), str(came_of)


def is_refused(lab: Lab, name: str) -> bool:
    return "198.19.255.254" in lab.run("c1", ["dig", "+short", name]).stdout


def test_hand_out_a_voucher(desk: Hand, lab: Lab) -> None:
    desk.menu("vouchers")
    desk.click(desk.button(vi("desk.vouchers.now_2")))
    code = desk.page.locator(".big-code").first.inner_text().strip()
    assert desk.clicks <= 2 and re.fullmatch(r"[A-Z0-9-]{8,}", code)
    (batch,) = told(lab, "voucher", "list")
    assert told(lab, "voucher", "show", code)["vouchers"][0]["code"].replace("-", "") == code.replace("-", "")
    assert batch["count"] == 1 and last_deed(lab) == ("r-desk", "voucher.create", "done")
    desk.is_fine("voucher")


def test_end_a_session(desk: Hand, lab: Lab) -> None:
    lab.login("c1")
    (session,) = lab.sessions()
    desk.menu("sessions")
    desk.click(desk.page.locator(f"a[href='/sessions/{session['id']}']"))
    desk.is_fine("session")
    desk.click(desk.button(vi("desk.session.end_now")))
    assert desk.clicks <= 3 and last_deed(lab) == ("r-desk", "session.end", "done")
    assert lab.sql("SELECT state, cause FROM sessions WHERE id = ?", (session["id"],)) == [("closed", "admin-reset")]
    assert lab.sessions() == [] and lab.patron("c1").get("http://www.example.com/").status == 302
    desk.is_fine("sessions")


def test_open_for_an_extra_saturday(librarian: Hand, lab: Lab) -> None:
    today = date.fromisoformat(told(lab, "hours", "--days", "1")["days"][0]["day"])
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    librarian.menu("calendar")
    if saturday.month != today.month:
        librarian.click(librarian.page.locator("a[rel=next]").first)
    librarian.click(librarian.page.locator(f"a[href='/calendar/days/{saturday}']").first)
    librarian.is_fine("calendar-day")
    librarian.click(librarian.button(vi("desk.calendar.do_extra")))
    assert librarian.clicks <= 4 and last_deed(lab) == ("r-librarian", "calendar.extra", "done")
    change = told(lab, "hours", "--from", str(saturday), "--days", "1")["changes"][-1]
    assert change["kind"] == "extra" and change["begin"].startswith(str(saturday))
    assert told(lab, "hours", "--from", str(saturday), "--days", "1")["days"][0]["open"]
    librarian.menu("calendar")
    librarian.is_fine("calendar")


def test_mark_pc07_broken_and_repaired(desk: Hand, lab: Lab) -> None:
    lab.cong("pc", "add", "PC07", "--bought", "2025-01-10", "--place", "Phòng đọc")
    desk.menu("pcs")
    desk.is_fine("pcs")
    desk.click(desk.link(f"{vi('desk.pcs.broken')} PC07"))
    desk.click(desk.button(vi("desk.pcs.what.power")))
    assert desk.clicks <= 3 and last_deed(lab)[1:] == ("pc.fault", "done")
    (pc07,) = [each for each in told(lab, "pc", "list") if each["code"] == "PC07"]
    assert pc07["open_fault"]["what"] == vi("desk.pcs.what.power")
    desk.clicks = 0
    desk.menu("pcs")
    desk.click(desk.link(f"{vi('desk.pcs.repaired')} PC07"))
    desk.is_fine("pc-broken")
    desk.page.get_by_label(vi("desk.pcs.done"), exact=True).fill("Thay bộ nguồn")
    desk.click(desk.button(vi("desk.pcs.repaired_do")))
    assert desk.clicks <= 3 and last_deed(lab)[1:] == ("pc.repair", "done")
    (pc07,) = [each for each in told(lab, "pc", "list") if each["code"] == "PC07"]
    assert pc07["open_fault"] is None


def test_block_a_site(librarian: Hand, lab: Lab) -> None:
    lab.login("c1")
    assert not is_refused(lab, STUDY)
    librarian.menu("filter")
    librarian.click(librarian.link(vi("desk.filter.tab.names")))
    librarian.page.get_by_label(vi("desk.filter.site"), exact=True).fill(f"https://{STUDY}/lop-6")
    librarian.click(librarian.button(vi("desk.filter.add")))
    lab.wait_until(lambda: is_refused(lab, STUDY), 2, "the filter to refuse it")
    assert librarian.clicks <= 3 and last_deed(lab) == ("r-librarian", "filter.rule", "done")
    assert [each["name"] for each in told(lab, "rules")["standing"]] == [STUDY]
    librarian.is_fine("filter-names")
    lab.cong("unblock", STUDY)


def test_grant_an_unblock_for_an_hour(desk: Hand, lab: Lab) -> None:
    lab.login("c1")
    page = lab.run("c1", ["curl", "-sS", "--max-time", "5", f"http://{GAME}/"]).stdout
    fields = [f"{key}={value}" for key, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)]
    words = [word for each in fields for word in ("--data-urlencode", each)]
    lab.run("c1", ["curl", "-sSL", "--max-time", "5", *words, f"http://{GAME}/cong/ask"])
    desk.menu("filter")
    desk.click(desk.page.locator("a[href='/filter/requests']").first)
    desk.is_fine("filter-requests")
    desk.click(desk.button(vi("desk.filter.open.hour")))
    lab.wait_until(lambda: not is_refused(lab, GAME), 2, "the patron to get there")
    assert desk.clicks <= 3 and last_deed(lab) == ("r-desk", "filter.grant", "done")
    (rule,) = told(lab, "rules")["standing"]
    assert (rule["name"], rule["action"]) == (GAME, "allow") and rule["until"] and told(lab, "requests") == []
    lab.cong("unblock", GAME)


def test_see_why_a_site_is_blocked(desk: Hand, lab: Lab) -> None:
    desk.menu("filter")
    desk.click(desk.link(vi("desk.filter.tab.why")))
    desk.page.get_by_label(vi("desk.filter.site"), exact=True).fill(GAME)
    desk.click(desk.button(vi("desk.filter.look")))
    verdict = told(lab, "lists", "check", GAME, "--profile", "adult")
    section = desk.page.locator("section[aria-labelledby=verdict]").inner_text()
    assert desk.clicks <= 3 and verdict["verdict"] == "block"
    assert vi("desk.filter.verdict.block") in section and verdict["list"] in section
    desk.is_fine("filter-why")


def test_enter_an_invoice(librarian: Hand, lab: Lab, tmp_path: Path) -> None:
    words = ["--isp", "Viễn thông A", "--from", "2025-01-01", "--price", "350000", "--customer", "KH-X"]
    lab.cong("contract", "add", "HĐ-01", *words)
    file = tmp_path / "hoa-don.xml"
    file.write_text(invoice(customer="KH-X"), encoding="utf-8")
    librarian.menu("line")
    librarian.click(librarian.link(vi("desk.bills.tab.invoices")))
    librarian.page.locator("input[type=file]").first.set_input_files(file)
    librarian.click(librarian.button(vi("desk.bills.send_do")))
    librarian.is_fine("invoice")
    take = librarian.page.locator("form[action='/do/invoice.take'] button")
    if take.count():
        librarian.click(take.first)
    assert librarian.clicks <= 4 and last_deed(lab)[2] == "done"
    assert len(told(lab, "invoice", "list")) == 1


def test_print_the_months_report(librarian: Hand, lab: Lab, tmp_path: Path) -> None:
    librarian.menu("reports")
    with librarian.page.expect_download(timeout=60_000) as coming:
        librarian.unfold(librarian.page.locator("section[aria-labelledby=last] a[href*='/file/docx']"))
    assert librarian.clicks <= 2
    target = tmp_path / "report.docx"
    coming.value.save_as(target)
    month = re.search(r"(\d{4}-\d{2})", coming.value.suggested_filename)
    assert month and target.read_bytes()[:2] == b"PK"
    own = lab.config.state.directory.parent / "own.docx"
    lab.cong("report", "month", month[1], "--to", str(own))
    assert target.read_bytes() == own.read_bytes(), "what the command writes"
    librarian.is_fine("reports")


def test_add_a_notice(librarian: Hand, lab: Lab) -> None:
    librarian.menu("board")
    title = "Thứ Bảy có buổi đọc sách <thiếu nhi>"
    librarian.page.locator("#write").get_by_label(vi("desk.board.headline"), exact=True).first.fill(title)
    librarian.page.locator("#write").get_by_label(vi("desk.board.text"), exact=True).first.fill(
        "Từ 8 giờ tại phòng đọc."
    )
    librarian.click(librarian.button(vi("desk.board.publish")))
    assert librarian.clicks <= 2 and last_deed(lab)[1:] == ("notice.add", "done")
    seen = lab.wait_until(
        lambda: "&lt;thiếu nhi&gt;" in lab.patron("c1").get("http://wifi.internal/").body, 8, "the page"
    )
    assert seen and [each["texts"]["vi"]["title"] for each in told(lab, "notice", "list")] == [title]
    librarian.is_fine("board")


def test_make_a_user(administrator: Hand, browser: Browser, pc: StaffPc, lab: Lab) -> None:
    administrator.menu("settings")
    administrator.click(administrator.link(vi("desk.settings.tab.users")))
    administrator.page.locator("form[action='/do/user.create']").get_by_label(vi("desk.users.name"), exact=True).fill(
        "Lan.Anh"
    )
    administrator.click(administrator.button(vi("desk.users.make")))
    password = administrator.page.locator(".big-code").inner_text().strip()
    assert administrator.clicks <= 3 and last_deed(lab)[1:] == ("user.create", "done")
    assert (
        password not in json.dumps(lab.sql("SELECT asked FROM audit")) and "lan.anh" in lab.cong("desk", "users").stdout
    )
    administrator.is_fine("users")
    with signed_in(browser, pc, "lan.anh", password) as newcomer:
        assert newcomer.page.url.endswith("/account"), "a new password comes first"
        newcomer.is_fine("account")


def test_restore_a_backup(administrator: Hand, pc: StaffPc, lab: Lab) -> None:
    administrator.menu("settings")
    administrator.click(administrator.link(vi("desk.settings.tab.backup")))
    administrator.click(administrator.button(vi("desk.backup.make.now")))
    administrator.page.locator("details[id^=restore-]").first.wait_for()
    administrator.is_fine("backup")
    lab.cong("block", "later.example")
    lab.login("c2")
    administrator.unfold(administrator.page.locator("details[id^=restore-] summary").first)
    administrator.click(administrator.page.get_by_role("button", name=vi("desk.backup.restore.sure")).first)
    assert administrator.clicks <= 5
    administrator.page.wait_for_url("**/sign-in?back=**", timeout=60_000)  # nobody who was signed in then is now
    administrator.page.fill("#name", pc.user(Role.ADMINISTRATOR))
    administrator.page.fill("#password", PASSWORD)
    administrator.page.get_by_role("button", name=vi("sign_in.enter"), exact=True).click()
    administrator.page.get_by_role("heading", name=vi("desk.backup.restored")).wait_for()
    assert "later.example" not in json.dumps(told(lab, "rules")), "as it was when the backup was made"
    assert lab.sql("SELECT count(*) FROM sessions WHERE state = 'open'") == [(0,)]
    assert lab.patron("c2").get("http://www.example.com/").status == 302, "nobody stays on by a row that is gone"


def test_a_newcomer_keeps_games_from_children_in_school_hours(administrator: Hand, lab: Lab) -> None:
    """From the first page, reading nothing but the buttons."""
    at_ten, at_six = (f"{_school_day(lab)}T{hour}:00" for hour in ("10", "18"))
    assert told(lab, "lists", "check", GAME, "--profile", "child", "--at", at_six)["verdict"] == "block", "as shipped"
    administrator.menu("filter")
    administrator.click(administrator.button(vi("desk.filter.block_then")))
    assert administrator.clicks == 2 and "done" in last_deed(lab)
    lab.wait_until(
        lambda: told(lab, "lists", "check", GAME, "--profile", "child", "--at", at_six)["verdict"] != "block",
        15,
        "18:00",
    )
    assert told(lab, "lists", "check", GAME, "--profile", "child", "--at", at_ten)["verdict"] == "block"
    administrator.page.goto(f"{administrator.url}/filter")
    administrator.is_fine("filter")


def _school_day(lab: Lab) -> date:
    today = date.fromisoformat(told(lab, "hours", "--days", "1")["days"][0]["day"])
    return today + timedelta(days=(7 - today.weekday()) % 7)
