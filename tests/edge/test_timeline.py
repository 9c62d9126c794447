"""Devices on their way in: over a true SQLite file and by true HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.access.session import Cause
from gateway.access.timeline import Step
from gateway.flows.admit import admit
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, book_all
from gateway.flows.timeline import MOST_DEVICES, Timeline
from gateway.pages import Pages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.redirector import is_probing
from gateway.portal.watching import Watching
from gateway.ports import IpAddress
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import new_session, reception


@dataclass(slots=True)
class Way:
    clock: FakeClock
    gate: Gate
    kernel: FakeFirewall
    timeline: Timeline
    url: str
    client: aiohttp.ClientSession

    async def steps(self) -> list[tuple[Step, str]]:
        return [(moment.step, moment.detail) for moment in await self.timeline.of(PHONE)]


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, kernel, neighbours, FakeConnections(), sessions, usage, 600)
    timeline = Timeline(clock, neighbours, sessions)
    welcome = Welcome("Thư viện", "0260", "", "vi", frozenset({"127.0.0.1"}))
    pages = PatronPages(reception(gate), Frame(gate, Pages(), welcome, b"k" * 32)).application()
    runner = web.AppRunner(Watching(gate, timeline).over(pages), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Way(clock, gate, kernel, timeline, f"http://127.0.0.1:{runner.addresses[0][1]}", client)
    await runner.cleanup()
    await database.close()


async def test_a_day_in_steps_from_the_first_name_to_the_end(way: Way) -> None:
    for step in (Step.NAME, Step.NAME, Step.PROBE):
        way.timeline.heard("127.0.0.1", step)
        way.timeline.heard("192.0.2.99", step)  # nobody's: it leaves no trace
    for _ in range(4):
        await way.timeline.answer_next()
    way.clock.pass_s(3)
    async with way.client.get(way.url + "/") as page:
        token = (await page.text()).split('name="token" value="')[1].split('"')[0]
    way.clock.pass_s(3)
    async with way.client.post(way.url + "/login", data={"token": token, "way": "terms"}) as answer:
        assert answer.status == 200
    way.clock.pass_s(3)
    session = await admit(way.gate, new_session(PHONE))
    way.clock.pass_s(60)
    way.kernel.send(PHONE, 10, 10)
    await book_all(way.gate, Watch(60))
    way.clock.pass_s(60)
    await end(way.gate, session, Cause.USER_REQUEST)
    assert await way.steps() == [
        (Step.NAME, ""),
        (Step.PROBE, ""),
        (Step.PAGE, ""),
        (Step.REFUSED, "agree"),
        (Step.OPENED, "terms"),
        (Step.TRAFFIC, ""),
        (Step.CLOSED, "user-request"),
    ]
    assert list(way.timeline.devices()) == [PHONE]
    way.clock.pass_s(25 * 3600)
    assert await way.steps() == [] and not way.timeline.devices()


async def test_a_flood_of_addresses_is_forgotten_and_waits_for_nobody(way: Way) -> None:
    for n in range(10_000):
        way.timeline.heard(f"10.77.{n >> 8 & 255}.{n & 255}", Step.WEB)
    for _ in range(512):
        await way.timeline.answer_next()
    way.timeline.heard("127.0.0.1", Step.WEB)
    await way.timeline.answer_next()
    assert await way.steps() == [(Step.WEB, "")]
    assert len(way.timeline.devices()) <= MOST_DEVICES


@pytest.mark.parametrize(
    ("head", "probing"),
    [
        (b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n", True),
        (b"GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: news.example.vn\r\n\r\n", False),
        (b"\x16\x03\x01", False),
    ],
)
def test_a_devices_own_question_is_told_from_a_patrons(head: bytes, probing: bool) -> None:
    assert is_probing(head) == probing
