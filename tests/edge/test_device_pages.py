"""What known devices, those who ask the staff and those who come back see: true HTTP, with a browser's cookies."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.access.approval import Answer, Approval, ApprovalId
from gateway.access.client import Mac
from gateway.access.device import Device, Standing
from gateway.access.login import Method
from gateway.flows.approvals import StaffApproval, answer_request
from gateway.flows.desk_codes import DeskCodes
from gateway.flows.devices import KnownDevices
from gateway.flows.gate import Gate
from gateway.flows.resume import Returns
from gateway.flows.sign_in import AcceptedTerms
from gateway.pages import Pages
from gateway.portal.asking import AskingPages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.returning import COOKIE, ReturnPages
from gateway.portal.terms import terms
from gateway.ports import IpAddress, Verifier
from gateway.store.approvals import SqliteApprovals
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.resumes import SqliteResumes
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import reception

HERE = IpAddress("127.0.0.1")
ROTATED = Mac("0a:00:5e:20:00:01")


@dataclass(slots=True)
class Portal:
    url: str
    browser: aiohttp.ClientSession
    kernel: FakeFirewall
    clock: FakeClock
    neighbours: FakeNeighbours
    known: KnownDevices
    devices: SqliteDevices
    approvals: SqliteApprovals
    codes: DeskCodes
    path: Path

    async def get(self, target: str) -> tuple[int, str]:
        """The page a browser ends at."""
        async with self.browser.get(self.url + target) as answer:
            return answer.status, await answer.text()

    async def post(self, target: str, form: dict[str, str]) -> tuple[int, str]:
        async with self.browser.post(self.url + target, data=form) as answer:
            return answer.status, await answer.text()

    async def sign_in(self) -> str:
        _, page = await self.get("/")
        return (await self.post("/login", {**form_of(page, "/login"), "agree": "yes"}))[1]

    async def say(self, mac: Mac, standing: Standing) -> None:
        await self.devices.put(Device(mac, standing, "PC07", None, "Hà", "mượn không trả", self.clock.now()))
        await self.known.look()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


def form_of(page: str, action: str) -> dict[str, str]:
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}' in each)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    kernel, neighbours = FakeFirewall(clock), FakeNeighbours({HERE: PHONE})
    gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
    approvals, devices, codes = SqliteApprovals(database), SqliteDevices(database), DeskCodes(clock)
    methods: dict[Method, Verifier] = {Method.TERMS: AcceptedTerms(), Method.APPROVAL: StaffApproval(approvals, clock)}
    desk = reception(gate, verifiers=methods)
    known = KnownDevices(desk, devices)
    welcome = Welcome("Thư viện Sa Thầy", "", "", "vi", frozenset({"127.0.0.1"}))
    frame = Frame(gate, Pages(), welcome, b"k" * 32)
    minutes = desk.longest_s() // 60
    accepted = partial(terms, limit_min=minutes, methods=methods, operator=welcome.operator)
    returns = Returns(desk, SqliteResumes(database), accepted)
    pages = PatronPages(
        desk,
        frame,
        welcome=known.welcome,
        returning=ReturnPages(returns, frame, codes, b"r" * 32, lambda session: None),
        asking=AskingPages(desk, frame, approvals, lambda session: None),
    )
    runner = web.AppRunner(pages.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        yield Portal(url, browser, kernel, clock, neighbours, known, devices, approvals, codes, path)
    await runner.cleanup()
    await database.close()


async def test_the_status_page_leaves_a_cookie_no_script_reads(portal: Portal) -> None:
    _, page = await portal.get("/")
    form = {**form_of(page, "/login"), "agree": "yes"}
    await portal.browser.post(portal.url + "/login", data=form, allow_redirects=False)
    async with portal.browser.get(portal.url + "/status") as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7200"} <= set(cookie.split("; ")) and "Secure" not in cookie
    assert PHONE.replace(":", "") not in cookie
    async with portal.browser.get(portal.url + "/status") as answer:
        assert "Set-Cookie" not in answer.headers  # it has it


async def test_one_tap_goes_on_under_another_mac_without_a_tick(portal: Portal) -> None:
    await portal.sign_in()
    portal.clock.pass_s(1800)
    portal.neighbours.table[HERE] = ROTATED
    _, page = await portal.get("/?to=http://www.example.com/")
    assert "Bạn còn 90 phút" in page and "Dùng tiếp phiên của tôi" in page
    form = form_of(page, "/resume")
    taps = await asyncio.gather(*(portal.post("/resume", form) for _ in range(3)))
    assert all("Bạn đã vào mạng" in page and "90 phút" in page for _, page in taps)
    assert portal.rows("SELECT state, resumed_from FROM sessions") == [("closed", None), ("open", 1)]
    assert portal.kernel.send(ROTATED, 1, 1) and not portal.kernel.send(PHONE, 1, 1)
    assert portal.rows(
        "SELECT counted_as = (SELECT client_id FROM sessions WHERE id = 1) FROM sessions WHERE id = 2"
    ) == [(1,)]


async def test_a_stolen_form_without_its_token_or_a_made_up_cookie_opens_nothing(portal: Portal) -> None:
    await portal.sign_in()
    portal.neighbours.table[HERE] = ROTATED
    _, page = await portal.get("/")
    form = form_of(page, "/resume")
    assert "Dùng tiếp" not in (await portal.post("/resume", {"token": "x"}))[1].split("<main")[0]
    portal.browser.cookie_jar.clear()
    for value in ("", "x", "A" * 54, '"', "AAAAAAAAAAEAAAAAa60_IMfEJY0oNBXXRBnl4c5AG84BI4PDxPN57w=="):
        portal.browser.cookie_jar.update_cookies({COOKIE: value})
        _, page = await portal.post("/resume", form)
        assert "Không thể dùng tiếp phiên đó" in page and "Dùng tiếp phiên của tôi" not in page
    assert portal.rows("SELECT count(*) FROM sessions") == [(1,)]


async def test_the_patrons_own_end_kills_the_token(portal: Portal) -> None:
    page = await portal.sign_in()
    jar = {cookie.key: cookie.value for cookie in portal.browser.cookie_jar}
    await portal.post("/end", form_of(page, "/end"))
    assert [cookie.key for cookie in portal.browser.cookie_jar] == []
    portal.browser.cookie_jar.update_cookies(jar)
    portal.neighbours.table[HERE] = ROTATED
    assert "Dùng tiếp phiên của tôi" not in (await portal.get("/"))[1]


async def test_the_desks_code_goes_on_and_is_used_up(portal: Portal) -> None:
    await portal.sign_in()
    portal.browser.cookie_jar.clear()
    portal.neighbours.table[HERE] = ROTATED
    assert 'href="/return' in (await portal.get("/"))[1]
    (number,) = [row[0] for row in portal.rows("SELECT id FROM sessions")]
    letters = iter("0417")
    portal.codes.make(number, lambda choices: next(letters))  # type: ignore[arg-type]  # a row's plain number
    form = form_of((await portal.get("/return"))[1], "/return")
    assert "Thông tin chưa đúng" in (await portal.post("/return", {**form, "code": "0418"}))[1]
    assert "Bạn đã vào mạng" in (await portal.post("/return", {**form, "code": " 0417"}))[1]
    portal.neighbours.table[HERE] = TABLET
    form = form_of((await portal.get("/return"))[1], "/return")
    assert "Thông tin chưa đúng" in (await portal.post("/return", {**form, "code": "0417"}))[1]
    assert portal.rows("SELECT count(*) FROM sessions WHERE state = 'open'") == [(1,)]


async def test_a_barred_device_is_told_so_and_nothing_more(portal: Portal) -> None:
    await portal.say(PHONE, Standing.BARRED)
    for status, page in (await portal.get("/"), await portal.get("/status")):
        assert status == 403 and "Thiết bị này không được vào mạng" in page
        assert "PC07" not in page and "mượn" not in page and PHONE not in page
    assert portal.rows("SELECT refused FROM attempts") == [("barred",)]


async def test_a_form_filled_before_the_bar_opens_nothing(portal: Portal) -> None:
    _, page = await portal.get("/")
    form = {**form_of(page, "/login"), "agree": "yes"}
    await portal.say(PHONE, Standing.BARRED)
    status, page = await portal.post("/login", form)
    assert status == 403 and "không được vào mạng" in page
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_an_exempt_devices_first_page_is_its_status(portal: Portal) -> None:
    portal.neighbours.table.clear()
    await portal.say(PHONE, Standing.EXEMPT)
    portal.neighbours.table[HERE] = PHONE
    _, page = await portal.get("/")
    assert "Bạn đã vào mạng" in page and "Thiết bị này của thư viện" in page
    assert list(portal.browser.cookie_jar) == []
    assert portal.rows("SELECT method, counted FROM sessions") == [("exempt", 0)]


async def test_a_pc_says_whose_it_is_and_leaves_no_cookie(portal: Portal) -> None:
    await portal.say(PHONE, Standing.KIOSK)
    _, page = await portal.get("/")
    assert "máy tính của thư viện (PC07)" in page and 'href="/return' not in page
    assert "PC07" in await portal.sign_in()
    assert list(portal.browser.cookie_jar) == []
    portal.neighbours.table[HERE] = TABLET
    assert "PC07" not in (await portal.get("/"))[1]


async def test_asking_the_staff_waits_by_itself_until_the_answer(portal: Portal) -> None:
    _, page = await portal.get("/?way=approval")
    form = form_of(page, "/login")
    assert "Hãy đánh dấu" in (await portal.post("/login", form))[1]  # the terms first
    assert portal.rows("SELECT count(*) FROM approvals") == [(0,)]
    pages = await asyncio.gather(*(portal.post("/login", {**form, "agree": "yes"}) for _ in range(3)))
    codes = {code for _, page in pages for code in re.findall(r'class="host">(\d{4})<', page)}
    assert len(codes) == 1
    async with portal.browser.get(portal.url + "/waiting?to=http://www.example.com/") as answer:
        assert answer.headers["Refresh"] == "5"
        (still,) = re.findall(r'href="(/waiting[^"]*still=1)"', await answer.text())
    async with portal.browser.get(portal.url + still.replace("&amp;", "&")) as answer:
        assert "Refresh" not in answer.headers and "example.com" in await answer.text()
    assert "Đang chờ" in (await portal.get("/waiting"))[1]
    now = portal.clock.now()
    yes = Approval(ApprovalId(0), "", None, now, Answer.APPROVED, now, "Hà", 1800)
    await answer_request(portal.approvals, codes.pop(), yes, now)
    _, page = await portal.get("/waiting")  # the gateway was told nothing: the page itself finds the yes
    assert "Bạn đã vào mạng" in page and "30 phút" in page
    assert portal.rows("SELECT method, session_s FROM sessions") == [("approval", 1800)]
    assert len(list(portal.browser.cookie_jar)) == 1


async def test_a_refused_and_a_late_request_say_what_to_do(portal: Portal) -> None:
    _, page = await portal.get("/?way=approval")
    _, page = await portal.post("/login", {**form_of(page, "/login"), "agree": "yes"})
    (code,) = re.findall(r'class="host">(\d{4})<', page)
    now = portal.clock.now()
    no = Approval(ApprovalId(0), "", None, now, Answer.REFUSED, now, "Hà")
    await answer_request(portal.approvals, code, no, now)
    _, page = await portal.get("/waiting")
    assert "chưa đồng ý" in page
    async with portal.browser.get(portal.url + "/waiting") as answer:
        assert "Refresh" not in answer.headers
    portal.clock.pass_s(901)
    assert "quá 15 phút" in (await portal.get("/waiting"))[1]
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]
