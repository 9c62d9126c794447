"""Opening hours at the door: over a true SQLite file, by a true HTTP client, and by the command."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from gateway.access.login import Claim, Method, Refused
from gateway.access.session import Session
from gateway.cli.main import command_group
from gateway.errors import UsageError
from gateway.flows.admit import admit
from gateway.flows.closing import end_at_closing
from gateway.flows.gate import Gate
from gateway.flows.hours import Hours
from gateway.flows.sign_in import Reception, sign_in
from gateway.pages import Pages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.ports import IpAddress
from gateway.service.calendar import Calendar, Change, ChangeKind
from gateway.service.calendar import Hours as Span
from gateway.store.calendar import SqliteCalendar
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, ZONE, new_session, reception

PLAN = Calendar(ZONE, {2: (Span(450, 690),), 3: (Span(450, 690),)})  # Wednesday and Thursday, 07:30-11:30
MORNING_S = 3.5 * 3600  # from the fake clock's Wednesday, 08:00, to closing


@dataclass(slots=True)
class Door:
    clock: FakeClock
    gate: Gate
    calendar: SqliteCalendar
    reception: Reception
    database: Database
    url: str
    client: aiohttp.ClientSession

    async def causes(self) -> list[str | None]:
        rows = await self.database.read(lambda sql: sql.execute("SELECT cause FROM sessions ORDER BY id").fetchall())
        return [row["cause"] for row in rows]

    async def page(self, path: str = "/") -> str:
        async with self.client.get(self.url + path) as answer:
            return await answer.text()

    async def decide(self, kind: ChangeKind, begin: datetime, end: datetime) -> int:
        number = await self.calendar.decide(Change(kind, begin, end, self.clock.now()), "Lan")
        await self.reception.hours.refresh()
        return number


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, FakeFirewall(clock), neighbours, FakeConnections(), sessions, usage, 600)
    calendar = SqliteCalendar(database)
    hours = Hours(clock, PLAN, calendar, enforced=True, warn_s=600)
    desk = reception(gate, staff=frozenset({TABLET}), hours=hours)
    welcome = Welcome("Thư viện", "0260", "", "vi", frozenset({"127.0.0.1"}))
    runner = web.AppRunner(PatronPages(desk, Frame(gate, Pages(), welcome, b"k" * 32)).application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Door(clock, gate, calendar, desk, database, f"http://127.0.0.1:{runner.addresses[0][1]}", client)
    await runner.cleanup()
    await database.close()


async def test_at_closing_patrons_are_ended_staff_stay_and_nobody_new_gets_in(door: Door) -> None:
    await admit(door.gate, new_session(PHONE))
    await admit(door.gate, new_session(TABLET, counted=False))
    door.clock.pass_s(MORNING_S - 1)
    await end_at_closing(door.reception)
    assert await door.causes() == [None, None]
    door.clock.pass_s(1)
    await end_at_closing(door.reception)
    assert await door.causes() == ["nas-request", None]
    assert await sign_in(door.reception, Claim(PHONE, Method.TERMS), TERMS) == Refused("closed")
    page = await door.page()
    assert "Mở lại thứ Năm 01/04, lúc 07:30" in page and "<form" not in page


async def test_a_form_that_was_loaded_before_closing_opens_nothing_after(door: Door) -> None:
    html = await door.page()
    token = html.split('name="token" value="')[1].split('"')[0]
    now = door.clock.now()
    await door.decide(ChangeKind.CLOSURE, now, now + timedelta(hours=1))
    form = {"token": token, "agree": "yes", "way": "terms"}
    async with door.client.post(door.url + "/login", data=form, allow_redirects=False) as answer:
        assert (answer.status, "Mạng của thư viện đang nghỉ" in await answer.text()) == (200, True)
    assert await door.causes() == []


async def test_an_extra_opening_lets_in_and_its_end_is_told(door: Door) -> None:
    door.clock.pass_s(4 * 3600)
    now = door.clock.now()
    number = await door.decide(ChangeKind.EXTRA, now, now + timedelta(minutes=9))
    assert isinstance(await sign_in(door.reception, Claim(PHONE, Method.TERMS), TERMS), Session)
    page = await door.page("/status")
    assert "Thư viện đóng cửa lúc 12:09" in page and "9 phút" in page
    assert await door.calendar.take_back(number, "Lan", now)
    assert not await door.calendar.take_back(number, "Lan", now)
    await end_at_closing(door.reception)
    assert await door.causes() == ["nas-request"]


async def test_a_box_that_does_not_know_the_time_shuts_nobody_out(door: Door) -> None:
    door.clock.wall = datetime(1970, 1, 1, tzinfo=ZONE)
    assert isinstance(await sign_in(door.reception, Claim(PHONE, Method.TERMS), TERMS), Session)
    await end_at_closing(door.reception)
    assert await door.causes() == [None]


def run(config: Path, *words: str) -> str:
    done = CliRunner().invoke(command_group(), [*words, "--config", str(config)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_shows_hours_and_decides_changes(tmp_path: Path) -> None:
    config = tmp_path / "cong.toml"
    config.write_text(
        f'[state]\ndirectory = "{tmp_path}"\n[site]\nholidays = ["2099-01-01"]\n'
        '[hours]\nenforce = true\nfri = ["07:30-11:30"]\nthu = ["07:30-11:30"]\n',
        encoding="utf-8",
    )
    assert run(config, "hours", "extra", "2099-01-03", "08:00-10:00", "--reason", "ngày hội", "--by", "Lan")
    run(config, "hours", "close", "2099-01-02", "--by", "Mai")
    told = json.loads(run(config, "hours", "--from", "2099-01-01", "--days", "3", "--json"))
    assert [(day["weekday"], day["open"], day["promised"]) for day in told["days"]] == [
        ("Thu", [], []),
        ("Fri", [], []),
        ("Sat", ["08:00-10:00"], []),
    ]
    found = [(each["kind"], each["author"], each["reason"]) for each in told["changes"]]
    assert found == [("closure", "Mai", ""), ("extra", "Lan", "ngày hội")]
    run(config, "hours", "take-back", str(told["changes"][0]["id"]))
    assert "2099-01-02 Fri  07:30-11:30" in run(config, "hours", "--from", "2099-01-02", "--days", "1")


@pytest.mark.parametrize(
    "words",
    [
        ("hours", "close", "2020-01-01"),
        ("hours", "extra", "2099-13-01", "08:00-10:00"),
        ("hours", "extra", "2099-01-01", "10:00-08:00"),
        ("hours", "take-back", "7"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_write(tmp_path: Path, words: tuple[str, ...]) -> None:
    config = tmp_path / "cong.toml"
    config.write_text(f'[state]\ndirectory = "{tmp_path}"\n', encoding="utf-8")
    with pytest.raises(UsageError):
        run(config, *words)
