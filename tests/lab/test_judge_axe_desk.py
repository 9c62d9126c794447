"""axe-core judges every page of the desk as the running gateway serves it: phone and PC, light and dark, no sideways
scrolling, nothing the browser complains of; in both languages, and by the keyboard alone."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from gateway.lab.driver import Lab
from gateway.staff.roles import Role
from tests.lab.staff_hand import Hand, chromium, signed_in, vi
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk


@pytest.fixture(scope="module")
def pc(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        lab.login("c1")
        lab.cong("pc", "add", "PC07", "--bought", "2025-01-10", "--place", "Phòng đọc")
        lab.cong("pc", "fault", "PC07", "Không lên nguồn")
        lab.cong("block", "news.example.vn", "--reason", "<i>thử</i>")
        lab.cong("voucher", "create", "--count", "3", "--label", "Lớp <b>7A</b>")
        lab.cong("notice", "add", "--title", "Đọc sách <b>thứ Bảy</b>", "--text", "Từ 8 giờ")
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(pc: StaffPc) -> list[str]:
    told = json.loads(pc.lab.cong("desk", "rights", "--json").stdout)
    plain = [each["path"] for each in told if each["kind"] == "page" and "{" not in each["path"]]
    plain.remove("/board/preview")  # a part that is put into a page
    (session,) = pc.lab.sessions()
    return [*plain, f"/sessions/{session['id']}", f"/devices/{session['mac']}", "/vouchers/1", "/pcs/PC07", "/board/1"]


def test_no_page_has_a_violation(pc: StaffPc, browser: Browser, pages: list[str]) -> None:
    wrong = []
    with signed_in(browser, pc, pc.user(Role.ADMINISTRATOR)) as hand:
        for path in pages:
            wrong += _looked_at(hand, path)
        hand.page.get_by_role("button", name="English", exact=True).click()
        for path in pages[::3]:
            wrong += _looked_at(hand, path)
    assert not wrong, "\n".join(wrong)


def _looked_at(hand: Hand, path: str) -> list[str]:
    answer = hand.page.goto(f"{hand.url}{path}")
    if answer is None or answer.status != 200:
        return [f"{path}: {answer.status if answer else 'no answer'}"]
    try:
        hand.is_fine(path.strip("/").replace("/", "-") or "today")
    except AssertionError as error:
        hand.told.clear()
        return [f"{path}: {str(error)[:600]}"]
    return []


def test_the_desk_is_used_by_the_keyboard_alone(pc: StaffPc, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.goto(f"{pc.url}/sign-in")
    page.keyboard.type(pc.user(Role.LIBRARIAN))  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=vi("nav.today"), exact=True).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "first comes the way past the menu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(f"{pc.url}/filter/names")
    field = page.get_by_label(vi("desk.filter.site"), exact=True)
    field.focus()
    page.keyboard.type("keyboard.example")
    page.keyboard.press("Enter")
    page.locator("p.flash.ok").wait_for()
    standing = json.loads(pc.lab.cong("rules", "--json").stdout)["standing"]
    assert "keyboard.example" in [each["name"] for each in standing]
    context.close()
