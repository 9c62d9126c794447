"""The pages of now over HTTP: what staff click, what the pages say, and that nothing hostile comes out of them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest

from gateway.access.approval import Approval
from gateway.access.client import Mac
from gateway.access.timeline import Step
from gateway.flows.approvals import ask_staff
from gateway.ports import Lease
from gateway.staff.roles import Role
from tests.contracts import PHONE, TABLET
from tests.edge.desk_house import DeskHouse
from tests.edge.desk_now import DeskNow, desk_served
from tests.reception import TERMS

NOW = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>'\"><img src=x>"


def with_house(directory: Path, work: Callable[[DeskNow, DeskHouse], Awaitable[None]]) -> None:
    async def run() -> None:
        async with desk_served(directory, wall=NOW) as (desk, house):
            await work(desk, house)

    asyncio.run(run())


async def asks(desk: DeskNow, mac: Mac = PHONE) -> str:
    asked = await ask_staff(desk.reception, desk.approvals, mac, TERMS, lambda letters: letters[7])
    assert isinstance(asked, Approval)
    return asked.code


def test_a_session_is_ended_in_two_clicks(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        session = await desk.on()
        browser = await house.browser(Role.DESK)
        page = await browser.get("/sessions")
        assert f'href="/sessions/{session.id}"' in page.text and PHONE[-8:] in page.text
        gone = await browser.do(f"/sessions/{session.id}", "session.end")
        assert gone.flash == f"Đã kết thúc phiên {session.id}." and gone.url.endswith("/sessions")
        assert desk.rows("SELECT state, cause FROM sessions") == [("closed", "admin-reset")]
        (trail,) = house.rows("SELECT * FROM audit JOIN audit_outcomes ON audit_id = id")
        assert (trail["act"], trail["subject"]) == ("session.end", f"session {session.id}")
        assert PHONE not in str(trail)
        page = await browser.get(f"/sessions/{session.id}")
        assert "nhân viên kết thúc" in page.text and "/do/session.end" not in page.text

    with_house(tmp_path, work)


def test_more_time_another_profile_and_a_code(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        session = await desk.on()
        browser = await house.browser(Role.DESK)
        at = f"/sessions/{session.id}"
        assert (await browser.do(at, "session.extend", minutes="60")).flash == f"Đã cho phiên {session.id} thêm giờ."
        assert desk.rows("SELECT session_s FROM sessions") == [(10800,)]
        refused = await browser.do(at, "session.extend", minutes="1440")
        assert "dài nhất một ngày" in refused.flash and desk.rows("SELECT session_s FROM sessions") == [(10800,)]
        code = await browser.do(at, "session.code")
        shown = re.search(r": (\d{4})\.", code.flash)
        assert shown and desk.codes.session_of(shown[1], TABLET) == session.id
        assert shown[1] not in str(house.rows("SELECT * FROM audit, audit_outcomes")), "no code in the trail"
        assert shown[1] not in (await browser.get(at)).text, "it is said once"
        moved = await browser.do(at, "session.profile", profile="child")
        assert moved.url.endswith(f"/sessions/{session.id + 1}") and "hồ sơ child" in moved.flash

    with_house(tmp_path, work)


def test_who_may_only_look_has_no_form_and_no_mac(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        session = await desk.on()
        desk.leases.given = [Lease(PHONE, IPv4Address("10.77.0.20"), 0, 60, "iPhone-cua-Lan")]
        code = await asks(desk, TABLET)
        browser = await house.browser(Role.AUDITOR)
        for path in ("/", "/sessions", f"/sessions/{session.id}", "/approvals"):
            page = await browser.get(path)
            assert page.status == 200, path
            assert "/do/" not in page.text and PHONE not in page.text and "iPhone" not in page.text, path
        assert (await browser.get("/devices")).status == 403
        for act, fields in (
            ("session.end", {"number": session.id}),
            ("approval.answer", {"code": code, "answer": "approved"}),
            ("device.set", {"mac": PHONE, "standing": "barred"}),
        ):
            assert (await browser.send(f"/do/{act}", fields)).status == 403
        assert desk.rows("SELECT state FROM sessions") == [("open",)]

    with_house(tmp_path, work)


def test_a_patron_who_asks_is_let_in_from_the_page(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        browser = await house.browser(Role.DESK)
        assert "Không có ai đang xin" in (await browser.get("/approvals")).text
        code = await asks(desk)
        assert "1 người đang xin vào mạng." in (await browser.get("/")).text
        done = await browser.do("/approvals", "approval.answer", answer="approved", profile="child", minutes="30")
        assert done.flash == f"Đã trả lời mã {code}."
        assert desk.rows("SELECT method, profile, session_s FROM sessions") == [("approval", "child", 1800)]

    with_house(tmp_path, work)


def test_why_did_it_not_pop_up_says_what_to_do(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        browser = await house.browser(Role.DESK)
        desk.timeline.note(PHONE, Step.LEASE)
        assert f'href="/devices/{PHONE}"' in (await browser.get("/devices")).text
        page = await browser.get(f"/devices/{PHONE}")
        assert "tắt Wi-Fi rồi bật lại" in page.text
        desk.timeline.note(PHONE, Step.REFUSED, "closed")
        page = await browser.get(f"/devices/{PHONE}")
        assert "lý do ở bước cuối" in page.text and "problem." not in page.text
        for mac, status in (("02:00:5e:10:00:99", 200), ("nonsense", 422)):
            assert (await browser.get(f"/devices/{mac}")).status == status

    with_house(tmp_path, work)


def test_devices_are_noted_and_forgotten_from_the_pages(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        browser = await house.browser(Role.DESK)
        wrong = await browser.do("/devices", "device.set", mac="x")
        assert "MAC" in wrong.text and desk.rows("SELECT * FROM devices") == []
        done = await browser.do(
            "/devices", "device.set", mac=TABLET, standing="kiosk", name="PC07", lasts="ever", reason=HOSTILE
        )
        assert done.flash.startswith("Đã ghi PC07.") and done.url.endswith(f"/devices/{TABLET}")
        assert desk.rows("SELECT mac, standing, name, reason FROM devices") == [(TABLET, "kiosk", "PC07", HOSTILE)]
        gone = await browser.do(f"/devices/{TABLET}", "device.forget")
        assert gone.flash == "Đã bỏ ghi PC07." and desk.rows("SELECT * FROM devices") == []

    with_house(tmp_path, work)


@pytest.mark.parametrize("path", ["/sessions", "/devices", "/approvals", "/"])
def test_hostile_names_and_queries_come_out_as_text(tmp_path: Path, path: str) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        desk.leases.given = [Lease(PHONE, IPv4Address("10.77.0.20"), 0, 60, HOSTILE)]
        await desk.on()
        await desk.do("device.set", mac=TABLET, standing="kiosk", name=HOSTILE, reason=HOSTILE)
        desk.timeline.note(TABLET, Step.REFUSED, HOSTILE)
        browser = await house.browser(Role.DESK)
        for query in ("", "?text=" + "%3Cscript%3Ealert(1)%3C/script%3E", "?find=%22%3E%3Cimg%20src=x%3E", "?page=x"):
            page = await browser.get(path + query)
            assert page.status in (200, 422) and "<script>alert" not in page.text and "<img src=x" not in page.text
        for one in (f"/devices/{TABLET}", f"/devices/{PHONE}", "/sessions/1"):
            text = (await browser.get(one)).text
            assert "<script>alert" not in text and "<img src=x" not in text, one

    with_house(tmp_path, work)


def test_many_sessions_are_pages_of_less_than_a_hundred_kilobytes(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        for n in range(120):
            mac = Mac(f"02:00:5e:11:{n // 256:02x}:{n % 256:02x}")
            await desk.on(mac)
            desk.leases.given.append(Lease(mac, IPv4Address("10.77.0.20"), 0, 60, "N" * 63))
        browser = await house.browser(Role.DESK)
        page = await browser.get("/sessions")
        assert len(page.body) < 100_000 and page.text.count('scope="row"') == 50 and "Trang 1/3" in page.text
        assert "Trang 3/3" in (await browser.get("/sessions?page=20")).text
        status, told = await house.ask("GET", "/sessions?size=1000", role=Role.DESK)
        assert status == 200 and isinstance(told["rows"], list) and len(told["rows"]) == 120

    with_house(tmp_path, work)


@pytest.mark.parametrize(
    ("path", "says"), [("today", "Cần xử lý"), ("sessions?order=name", PHONE[-8:]), ("approvals", "Cho vào")]
)
def test_what_shows_itself_anew_is_what_the_page_shows(tmp_path: Path, path: str, says: str) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        await desk.on()
        await asks(desk, TABLET)
        browser = await house.browser(Role.DESK)
        cookies = browser.cookies
        async with aiohttp.ClientSession(cookies=cookies) as client, client.get(f"{house.url}/live/{path}") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            told = b""
            while not told.endswith(b"\n\n"):
                told += await stream.content.readline()
        lines = [line.removeprefix("data: ") for line in told.decode().splitlines() if line.startswith("data: ")]
        page = (await browser.get(f"/{path}".replace("/today", "/"))).text
        assert says in "".join(lines)
        text = _without_seals(page)
        assert [line for line in map(_without_seals, lines) if line not in text] == [], "the same template and values"

    with_house(tmp_path, work)


def _without_seals(html: str) -> str:
    """Without a form's seal and the page it goes back to."""
    return re.sub(r'value="[0-9a-f]{64}"|value="/[^"]*"', "", html)
