"""PCs seen, the line's volume, devices by destroyed keys: what the record keeps, and what the month's report says."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.access.client import AccessKind, Mac
from gateway.access.device import Device, Roster, Standing
from gateway.accounting.counters import Epoch
from gateway.facts.fact import Fact
from gateway.flows.day_bytes import DayBytes
from gateway.flows.nightly import close_night
from gateway.flows.pc_presence import PcPresence
from gateway.ports import IpAddress
from gateway.ports_bytes import ByteCount
from gateway.probing import InterfaceCounters
from gateway.store.day_bytes import SqliteDayBytes
from gateway.store.db import Database
from gateway.store.device_counts import SqliteDeviceCounts
from gateway.store.devices import SqliteDevices
from gateway.store.facts import Facts
from gateway.store.live_facts import LiveFacts
from gateway.store.presence import SqlitePresence
from gateway.store.sessions import SqliteSessions
from gateway.units import epoch_s
from tests.edge.desk import CommandDesk
from tests.fakes import FakeClock
from tests.reception import ZONE, new_session

PC, OTHER = Mac("02:00:5e:20:00:07"), Mac("02:00:5e:20:00:08")
ADDRESS = IpAddress("10.77.0.20")


@dataclass(slots=True)
class Table:
    """A neighbour table that a test writes; asking makes a device that is on answer."""

    on: set[Mac] = field(default_factory=set)
    sure: set[Mac] = field(default_factory=set)
    asked: int = 0

    async def neighbours(self) -> Mapping[Mac, Mapping[IpAddress, bool]]:
        return {PC: {ADDRESS: PC in self.sure}}

    def ask(self, addresses: Sequence[IpAddress]) -> None:
        self.asked += len(addresses)
        self.sure |= self.on


@dataclass(slots=True)
class Record:
    """What a test holds in its hands."""

    database: Database
    path: Path
    clock: FakeClock = field(default_factory=FakeClock)

    async def facts(self, kind: str) -> list[Fact]:
        live = LiveFacts(self.database, "sa-thay", ZONE, self.clock)
        return [fact for fact in await live.facts(None) if fact.kind.name == kind]

    async def night(self, at: datetime) -> None:
        await close_night(Facts(self.database), at.astimezone(ZONE).date(), zone=ZONE, now=at)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[Record]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    yield Record(database, path)
    await database.close()


def device(mac: Mac, name: str, standing: Standing = Standing.KIOSK) -> Device:
    return Device(mac, standing, name, None, "hoa", "", datetime(2027, 1, 1, tzinfo=UTC))


async def test_a_pc_is_noted_every_five_minutes_as_one_span_of_the_day(record: Record) -> None:
    table = Table(on={PC})
    roster = Roster([device(PC, "PC07"), device(OTHER, ""), device(Mac("02:00:5e:20:00:09"), "x", Standing.EXEMPT)])
    look = PcPresence(record.clock, ZONE, roster, table, SqlitePresence(record.database)).look
    began = record.clock.now()
    await look()
    assert await record.facts("pc_seen") == [] and table.asked == 1  # the kernel finds out
    for _ in range(120):  # twenty minutes
        record.clock.pass_s(10)
        await look()
    (fact,) = await record.facts("pc_seen")
    assert (fact.text("pc"), fact.instant_of("at")) == ("PC07", began + timedelta(seconds=10))
    assert fact.instant_of("until") == began + timedelta(seconds=910)
    table.sure, table.on = set(), set()  # switched off
    record.clock.pass_s(900)
    await look()
    assert len(await record.facts("pc_seen")) == 1
    table.on = {PC}
    record.clock.pass_s(10)
    await look()
    await look()
    record.clock.pass_s(86400)  # on overnight: a new day, a new span
    await look()
    spans = await record.facts("pc_seen")
    assert len(spans) == 3 and not spans[1].has("until")
    assert record.rows("SELECT count(*), count(DISTINCT pc) FROM pc_presence") == [(3, 1)]
    await record.night(record.clock.now() + timedelta(days=3600))
    assert len(await record.facts("pc_seen")) == 3
    await record.night(record.clock.now() + timedelta(days=3670))
    assert await record.facts("pc_seen") == []


async def test_sessions_keep_the_code_of_their_pc_beyond_its_mac(record: Record) -> None:
    await SqliteDevices(record.database).put(device(PC, "PC07"))
    sessions, clock = SqliteSessions(record.database), record.clock
    new = replace(new_session(PC), kind=AccessKind.KIOSK)
    await sessions.open_session(new, clock.now(), clock.boot_s(), clock.boot_id())
    await sessions.open_session(new_session(OTHER), clock.now(), clock.boot_s(), clock.boot_id())
    assert record.rows("SELECT pc FROM sessions ORDER BY id") == [("PC07",), (None,)]
    await record.database.run(lambda sql: sql.execute("UPDATE clients SET mac = NULL"))  # seven days later
    live = LiveFacts(record.database, "sa-thay", ZONE, clock)
    told = await live.sessions(None, closed_only=False)
    assert [one.pc for one in told] == ["PC07", None]


async def test_the_lines_bytes_by_day_over_restarts_reboots_and_a_new_interface(record: Record) -> None:
    @dataclass(slots=True)
    class Counters:
        count: ByteCount | None

        async def counted(self) -> ByteCount | None:
            return self.count

    counters, clock = Counters(ByteCount(Epoch("b1/3"), 1000, 9000)), record.clock
    ledger = SqliteDayBytes(record.database, "wan", counts_before=False)
    volume = DayBytes(counters, ledger, clock, ZONE)
    await volume.book()  # what crossed before is of no known day
    counters.count = ByteCount(Epoch("b1/3"), 1100, 9500)
    await volume.book()
    await volume.book()
    volume = DayBytes(counters, ledger, clock, ZONE)  # the daemon starts anew
    counters.count = ByteCount(Epoch("b1/3"), 1200, 9600)
    await volume.book()
    assert [(one.number("up_bytes"), one.number("down_bytes")) for one in await record.facts("wan_day")] == [(200, 600)]
    counters.count = None  # PPP is down
    await volume.book()
    counters.count = ByteCount(Epoch("b1/4"), 5, 50)  # and back, as a new interface
    await volume.book()
    counters.count = ByteCount(Epoch("b2/3"), 7, 70)  # a reboot
    await volume.book()
    clock.wall = datetime(2027, 3, 31, 17, tzinfo=UTC)  # midnight at the site: still of the day before
    counters.count = ByteCount(Epoch("b2/3"), 17, 70)
    await volume.book()
    clock.pass_s(60)
    counters.count = ByteCount(Epoch("b2/3"), 18, 71)
    await volume.book()
    told = {
        one.day_of("day"): (one.number("up_bytes"), one.number("down_bytes")) for one in await record.facts("wan_day")
    }
    assert told == {date(2027, 3, 31): (222, 720), date(2027, 4, 1): (1, 1)}
    desk = CommandDesk.at(record.path.parent)
    volume_told = (await asyncio.to_thread(desk.told, "report", "month", "2027-03"))["sites"][0]["line_volume"]
    assert volume_told == {"up_bytes": 222, "down_bytes": 720, "days": 1}
    assert "đường truyền tải xuống" in await asyncio.to_thread(desk.cong, "report", "month", "2027-03")
    await record.night(clock.now() + timedelta(days=3670))
    assert await record.facts("wan_day") == []


def test_the_kernels_own_counters_are_read() -> None:
    seen = InterfaceCounters("lo", "b1").read()
    assert seen is not None and seen.epoch == "b1/1" and seen.up_bytes == seen.down_bytes
    assert InterfaceCounters("cong-none0", "b1").read() is None


async def come(record: Record, mac: Mac, at: datetime, *, person: str | None = None, counted: bool = True) -> None:
    new = replace(new_session(mac, counted=counted), person=person)
    sessions = SqliteSessions(record.database)
    session, _ = await sessions.open_session(new, at, epoch_s(at), "b1")
    await record.database.run(
        lambda sql: sql.execute(
            "UPDATE sessions SET state = 'closed', cause = 'user-request', stopped_at = opened_at + 60 WHERE id = ?",
            (session.id,),
        )
    )


def phone(number: int, *, local: bool = True) -> Mac:
    return Mac(f"{'02' if local else '00'}:00:5e:30:{number >> 8:02x}:{number & 255:02x}")


async def test_devices_of_a_month_and_the_visitors_range_survive_their_keys(record: Record) -> None:
    first = datetime(2027, 3, 1, 9, tzinfo=ZONE)
    counts = SqliteDeviceCounts(record.database, ZONE)
    for day in range(3):
        for number in range(40):
            at = first + timedelta(days=day, minutes=number)
            await come(record, phone(number + 10 * day, local=number % 2 == 0), at, person=f"p{number}")
        await counts.count(first + timedelta(days=day))
        await counts.count(first + timedelta(days=day))
    await come(record, phone(900), first + timedelta(days=2), counted=False)  # staff
    await counts.count(first + timedelta(days=3))
    (fact,) = await record.facts("month_devices")
    expected = {(number + 10 * day, number % 2) for day in range(3) for number in range(40)}
    assert fact.number("devices") == len(expected) == 60
    assert (fact.number("most_a_day"), fact.number("persons"), fact.number("local")) == (40, 40, 30)
    keys = record.rows("SELECT device FROM device_keys WHERE period = '2027-03-01'")
    again = record.rows("SELECT device FROM device_keys WHERE period = '2027-03-02'")
    assert len(keys) == 40 and not set(keys) & set(again)  # no day can be linked with another
    desk = CommandDesk.at(record.path.parent)
    before = (await asyncio.to_thread(desk.told, "report", "month", "2027-03"))["sites"][0]
    assert before["visitors"]["lower"] == 40 and before["visitors"]["upper"] == 60
    assert before["period"]["devices"] == 60
    await record.night(datetime(2027, 3, 9, 1, tzinfo=ZONE))  # the first day's key is of no use any more
    assert record.rows("SELECT period FROM device_periods WHERE key IS NULL") == [("2027-03-01",)]
    assert record.rows("SELECT count(*) FROM device_keys WHERE period = '2027-03-01'") == [(0,)]
    assert record.rows("SELECT devices FROM device_periods WHERE period = '2027-03-01'") == [(40,)]
    await record.night(datetime(2027, 4, 7, 23, tzinfo=ZONE))
    assert record.rows("SELECT key IS NULL FROM device_periods WHERE period = '2027-03'") == [(0,)]
    await record.night(datetime(2027, 4, 8, 1, tzinfo=ZONE))
    assert record.rows("SELECT count(*) FROM device_keys") == [(0,)]
    assert record.rows("SELECT count(*) FROM device_logins") == [(0,)]
    assert record.rows("SELECT count(*) FROM device_periods WHERE key IS NOT NULL") == [(0,)]
    assert await record.facts("month_devices") == [fact]
    after = (await asyncio.to_thread(desk.told, "report", "month", "2027-03"))["sites"][0]
    assert after["visitors"] == before["visitors"] and after["period"]["devices"] == 60
    assert json.dumps(after).count("p1") == 0
    await record.night(datetime(2037, 5, 8, 1, tzinfo=ZONE))
    assert await record.facts("month_devices") == []


async def test_what_came_before_the_counting_was_there_is_made_up_and_old_periods_are_not(record: Record) -> None:
    await come(record, phone(1), datetime(2027, 2, 20, 9, tzinfo=ZONE))
    await come(record, phone(1), datetime(2027, 3, 2, 9, tzinfo=ZONE))
    await record.database.run(lambda sql: sql.execute("UPDATE clients SET mac = NULL"))
    await come(record, phone(2), datetime(2027, 3, 20, 9, tzinfo=ZONE))
    await SqliteDeviceCounts(record.database, ZONE).count(datetime(2027, 3, 20, 10, tzinfo=ZONE))
    assert record.rows("SELECT period FROM device_periods") == [("2027-03",), ("2027-03-20",)]
    (fact,) = await record.facts("month_devices")
    assert fact.number("devices") == 2


def test_pcs_that_are_seen_open_the_site_and_one_that_is_not_is_suspect(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    for pc in ("PC07", "PC08"):
        desk.cong("pc", "add", pc, "--bought", "2020-01-02")
    first = datetime(2027, 3, 29, tzinfo=ZONE)  # Monday to Wednesday, the month's last days
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        alive = (epoch_s(first), epoch_s(first + timedelta(days=3)))
        sql.execute("INSERT INTO starts (started_at, boot_id, alive_at) VALUES (?, 'b', ?)", alive)
        for day in range(3):
            on, off = (first + timedelta(days=day, hours=hours) for hours in (7.5, 17))
            sql.execute("INSERT INTO pc_presence VALUES ('PC07', ?, ?)", (epoch_s(on), epoch_s(off)))
    states = {row["pc"]: row["state"] for row in desk.told("pc", "state", "--month", "2027-03")}
    assert states == {"PC07": "ok", "PC08": "suspect"}
    service = desk.told("report", "month", "2027-03")["sites"][0]["service"]
    assert service["held_s"] == 3 * 7 * 3600  # the PC was on over lunch; the library was not open
    exported = desk.cong("facts", "export")
    assert exported.count('"kind":"pc_seen"') == 3 and exported.count('"until"') == 3
