"""Notices, the way to the shelf and the question "what for?" as patrons see them, and what the ledger then says."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.access.client import Mac
from gateway.access.device import Device, Standing
from gateway.config.portal import Purpose
from gateway.flows.board import Board
from gateway.flows.devices import KnownDevices
from gateway.flows.gate import Gate
from gateway.pages import Pages
from gateway.portal.board import BoardPages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.ports import IpAddress
from gateway.ports_board import Notice, NoticeKind, Wording
from gateway.store.board import SqliteNotices, SqlitePurposes
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import ZONE, reception

HERE = IpAddress("127.0.0.1")
DAY = timedelta(days=1)


@dataclass(slots=True)
class Portal:
    url: str
    client: aiohttp.ClientSession
    clock: FakeClock
    neighbours: FakeNeighbours
    notices: SqliteNotices
    board: Board
    known: KnownDevices
    devices: SqliteDevices
    path: Path

    async def get(self, target: str) -> str:
        async with self.client.get(self.url + target) as answer:
            return await answer.text()

    async def post(self, target: str, form: dict[str, str], **headers: str) -> str:
        async with self.client.post(self.url + target, data=form, headers=headers) as answer:
            return await answer.text()

    async def sign_in(self) -> str:
        page = await self.get("/")
        return await self.post("/login", {**form_of(page, "/login"), "agree": "yes"})

    async def tell(self, notice: Notice) -> None:
        await self.notices.write(notice)
        await self.board.refresh()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


def form_of(page: str, action: str) -> dict[str, str]:
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}' in each)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def notice(now: datetime, title: str = "Nghỉ lễ", text: str = "Thư viện nghỉ ngày 2/9.\nMở lại 3/9.") -> Notice:
    wordings = {"vi": Wording(title, text)}
    return Notice(0, NoticeKind.NOTICE, now, now + DAY, None, "", wordings, "hoa", now)


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    neighbours = FakeNeighbours({HERE: PHONE})
    gate = Gate(
        clock, FakeFirewall(clock), neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600
    )
    notices, devices = SqliteNotices(database), SqliteDevices(database)
    board = Board(clock, ZONE, notices, SqlitePurposes(database), Purpose(ask=True).asked)
    desk = reception(gate)
    known = KnownDevices(desk, devices)
    frame = Frame(gate, Pages(), Welcome("Thư viện Sa Thầy", "", "", "vi", frozenset({"127.0.0.1"})), b"k" * 32)

    pages = PatronPages(desk, frame, welcome=known.welcome, board=BoardPages(gate, frame, board, "vi", lambda: True))
    runner = web.AppRunner(pages.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Portal(url, client, clock, neighbours, notices, board, known, devices, path)
    await runner.cleanup()
    await database.close()


async def test_a_notice_is_short_before_the_login_and_whole_after_it(portal: Portal) -> None:
    await portal.tell(notice(portal.clock.now(), "Nghỉ <b>lễ</b>"))
    page = await portal.get("/")
    assert "Nghỉ &lt;b&gt;lễ&lt;/b&gt;" in page and "Mở lại 3/9." not in page and 'href="/notices?' in page
    assert page.index("Nghỉ") < page.index("<form") and len(page.encode()) < 30_000
    page = await portal.sign_in()
    assert "Nghỉ &lt;b&gt;lễ" in page and "Thư viện nghỉ ngày 2/9.\nMở lại 3/9." in page
    assert "Mở lại 3/9." in await portal.get("/notices")


async def test_what_is_not_yet_over_or_ended_is_not_shown(portal: Portal) -> None:
    now = portal.clock.now()
    await portal.tell(replace(notice(now, "Sắp tới"), shown_from=now + timedelta(hours=1), shown_until=now + 2 * DAY))
    await portal.tell(notice(now, "Bây giờ"))
    assert "Sắp tới" not in await portal.get("/") and "Bây giờ" in await portal.get("/")
    portal.clock.pass_s(3601)  # without the store being read anew
    assert "Sắp tới" in await portal.get("/")
    portal.clock.pass_s(24 * 3600 - 3601)
    page = await portal.get("/")
    assert "Sắp tới" in page and "Bây giờ" not in page
    assert await portal.notices.end(1, "hoa", portal.clock.now())
    assert not await portal.notices.end(1, "hoa", portal.clock.now())
    await portal.board.refresh()
    assert "Sắp tới" not in await portal.get("/") and "không có thông báo" in await portal.get("/notices")
    assert portal.rows("SELECT number, ended_by FROM notices ORDER BY id") == [(1, "hoa"), (2, None)]


async def test_an_event_says_when_and_where_in_the_patrons_language(portal: Portal) -> None:
    now = portal.clock.now()
    event = replace(
        notice(now, "Kể chuyện"),
        kind=NoticeKind.EVENT,
        happens_at=datetime(2026, 12, 5, 7, 30, tzinfo=ZONE),
        place="Phòng đọc",
        wordings={"vi": Wording("Kể chuyện", "Mời các em."), "en": Wording("Story time", "")},
        shown_until=now + 60 * DAY,
    )
    await portal.tell(event)
    page = await portal.get("/")
    assert "Kể chuyện" in page and "07:30 thứ Bảy, 05/12 – Phòng đọc" in page
    english = await portal.get("/?lang=en")
    assert "Story time" in english and "Kể chuyện" not in english and "07:30 on Saturday, 05/12" in english
    await portal.tell(notice(now, "Chỉ tiếng Việt"))
    assert '<li lang="vi">Chỉ tiếng Việt' in await portal.get("/?lang=en")


async def test_many_long_notices_keep_the_pages_small(portal: Portal) -> None:
    for _ in range(20):
        await portal.tell(notice(portal.clock.now(), "Ặ" * 100, "Ặ" * 600))
    for page in (await portal.get("/"), await portal.sign_in(), await portal.get("/notices")):
        assert len(page.encode()) < 40_000
    assert len((await portal.get("/")).encode()) < 30_000
    assert (await portal.get("/status")).count("<article") == 4


async def test_one_tap_counts_once_and_asks_no_more(portal: Portal) -> None:
    assert "Bạn có thể bỏ qua" in await portal.get("/")  # the terms tell of it
    page = await portal.sign_in()
    assert "để làm gì?" in page and "Học tập" in page and "Bỏ qua" in page
    form = {**form_of(page, "/purpose"), "purpose": "study"}
    pages = await asyncio.gather(*(portal.post("/purpose", form) for _ in range(4)))
    assert all("Bạn đã vào mạng" in page and "để làm gì?" not in page for page in pages)
    assert portal.rows("SELECT * FROM purposes") == [("2026-11-25", "study", 1)] or portal.rows(
        "SELECT purpose, count FROM purposes"
    ) == [("study", 1)]
    assert portal.rows("SELECT purpose_done FROM sessions") == [(1,)]
    # nowhere else does it stand who answered what
    tables = [row[0] for row in portal.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    held = [table for table in tables for row in portal.rows(f"SELECT * FROM {table}") if "study" in row]
    assert held == ["purposes"]


@pytest.mark.parametrize("purpose", ["", "game", "study' OR 1=1 --", "<script>"])
async def test_passing_over_counts_nothing_and_asks_no_more(portal: Portal, purpose: str) -> None:
    page = await portal.sign_in()
    page = await portal.post("/purpose", {**form_of(page, "/purpose"), "purpose": purpose})
    assert "Bạn đã vào mạng" in page and "để làm gì?" not in page
    assert portal.rows("SELECT * FROM purposes") == []


async def test_leaving_it_alone_changes_nothing(portal: Portal) -> None:
    await portal.sign_in()
    assert "để làm gì?" in await portal.get("/status")
    assert portal.rows("SELECT * FROM purposes") == [] and portal.rows("SELECT purpose_done FROM sessions") == [(0,)]


async def test_a_forged_or_foreign_form_counts_nothing(portal: Portal) -> None:
    page = await portal.sign_in()
    form = {**form_of(page, "/purpose"), "purpose": "study"}
    end = form_of(page, "/end")
    for told, headers in (
        ({"purpose": "study"}, {}),
        ({**form, "token": end["token"]}, {}),
        ({**form, "token": form["token"][:-2] + "xx"}, {}),
        (form, {"Origin": "http://evil.example"}),
    ):
        assert "để làm gì?" in await portal.post("/purpose", told, **headers)
    portal.neighbours.table[HERE] = TABLET  # another device, with a session of its own
    assert "để làm gì?" in await portal.sign_in()
    await portal.post("/purpose", form)
    assert portal.rows("SELECT * FROM purposes") == []
    portal.neighbours.table[HERE] = PHONE
    await portal.post("/end", end)
    assert "Wi-Fi miễn phí" in await portal.post("/purpose", form)  # nobody is online: the first page
    await portal.sign_in()
    assert "để làm gì?" in await portal.post("/purpose", form)  # a session before: its form is worth nothing
    assert portal.rows("SELECT * FROM purposes") == []


async def test_equipment_is_not_asked_and_uncounted_sessions_are_not_counted(portal: Portal) -> None:
    await portal.devices.put(Device(Mac(TABLET), Standing.EXEMPT, "Máy in", None, "hoa", "", portal.clock.now()))
    await portal.known.look()
    portal.neighbours.table[HERE] = TABLET
    assert "để làm gì?" not in await portal.get("/")
    portal.neighbours.table[HERE] = PHONE
    page = await portal.sign_in()
    with sqlite3.connect(portal.path) as sql:
        sql.execute("UPDATE sessions SET counted = 0")
    await portal.post("/purpose", {**form_of(page, "/purpose"), "purpose": "work"})
    assert portal.rows("SELECT * FROM purposes") == []


async def test_counts_are_of_the_sites_day(portal: Portal) -> None:
    store = portal.board._purposes
    for name in ("study", "study", "news"):
        page = await portal.sign_in()
        page = await portal.post("/purpose", {**form_of(page, "/purpose"), "purpose": name})
        await portal.post("/end", form_of(page, "/end"))
    day = portal.clock.now().astimezone(ZONE).date()
    assert await store.counts(day, day) == {day: {"study": 2, "news": 1}}
    assert await store.counts(day + DAY, day + DAY) == {}


async def test_an_answer_the_disk_does_not_take_costs_the_patron_nothing(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await portal.sign_in()
    with sqlite3.connect(portal.path) as sql:
        sql.execute("DROP TABLE purposes")
    form = {**form_of(page, "/purpose"), "purpose": "study", "to": "http://www.example.com/"}
    page = await portal.post("/purpose", form)
    assert "Bạn đã vào mạng" in page and 'href="http://www.example.com/"' in page  # and on where one wanted to go
    assert portal.rows("SELECT purpose_done FROM sessions") == [(0,)]  # the whole transaction went back
    assert "portal.request_failed" in capsys.readouterr().err
