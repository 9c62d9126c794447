"""After a restore nobody is on by an old row, and what happened in between is unknown, not invented."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.access.client import Mac
from gateway.accounting.counters import Epoch
from gateway.clock import SystemClock
from gateway.flows.admit import admit
from gateway.flows.gate import Gate
from gateway.flows.line_record import beat
from gateway.flows.reconcile import reconcile
from gateway.ports_bytes import ByteCount
from gateway.reports.quality import GapKind, gaps_within
from gateway.store.day_bytes import SqliteDayBytes
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.live_facts import LiveFacts
from gateway.store.sessions import SqliteSessions
from gateway.store.starts import SqliteStarts
from gateway.store.usage import SqliteUsage
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.edge.desk import CommandDesk
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import ZONE, new_session

AT = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)


async def _of_a_day(folder: Path, clock: FakeClock, kernel: FakeFirewall, mac: Mac) -> None:
    async with Database.opened(folder / "cong.sqlite") as database:
        gate = _gate(database, clock, kernel)
        starts = SqliteStarts(database)
        await starts.started(beat(clock, lambda: True))
        await admit(gate, new_session(mac))
        kernel.send(mac, 100, 2000)
        await SqliteDayBytes(database, "carried").book(ByteCount(Epoch("e1"), 100, 2000), clock.now().date())
        clock.pass_s(60)
        await starts.alive(beat(clock, lambda: True))


def _gate(database: Database, clock: FakeClock, kernel: FakeFirewall) -> Gate:
    edges = FakeNeighbours(), FakeConnections(), SqliteSessions(database), SqliteUsage(database)
    return Gate(clock, kernel, *edges, 600)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClock]:
    """The commands' clock is the test's."""
    clock = FakeClock()
    clock.wall = AT
    monkeypatch.setattr(SystemClock, "now", lambda self: clock.now())
    yield clock


async def test_nobody_is_on_by_an_old_row_and_the_time_between_is_not_invented(
    tmp_path: Path, times: FakeClock
) -> None:
    desk = CommandDesk.at(tmp_path)
    kernel = FakeFirewall(times)
    await _of_a_day(desk.folder, times, kernel, PHONE)
    desk.cong("backup", str(desk.folder / "b.tar.gz"))
    times.pass_s(3 * 86400)
    async with Database.opened(
        desk.folder / "cong.sqlite"
    ) as database:  # what will be lost: other sessions, more bytes
        later = await admit(_gate(database, times, kernel), new_session(TABLET))
        await SqliteDayBytes(database, "carried").book(ByteCount(Epoch("e1"), 100, 9_000_000), times.now().date())
    desk.cong("restore", str(desk.folder / "b.tar.gz"), "--yes")
    async with Database.opened(desk.folder / "cong.sqlite") as database:
        gate = _gate(database, times, kernel)
        await reconcile(gate)  # as the gateway's start does
        assert await kernel.read_all() == [] and await gate.sessions.live_sessions() == []
        row = await database.read(lambda sql: dict(sql.execute("SELECT * FROM sessions").fetchone()))
        assert (row["state"], row["cause"], row["stopped_at"]) == ("closed", "nas-reboot", epoch_s(AT))
        # its number is given out to nobody again, though the restored database never heard of it
        assert (await admit(gate, new_session(TABLET))).id > later.id
        # the kernel's counters went on; what they counted between is of no known day
        books = SqliteDayBytes(database, "carried")
        await books.book(ByteCount(Epoch("e1"), 200, 9_500_000), times.now().date())
        assert await books.booked(times.now().date()) == (0, 0)
        await books.book(ByteCount(Epoch("e1"), 207, 9_500_050), times.now().date())
        assert await books.booked(times.now().date()) == (7, 50)
        await SqliteStarts(database).started(beat(times, lambda: True))
        span = (AT - timedelta(hours=1), times.now() + timedelta(hours=1))
        told = await LiveFacts(database, "sa-thay", ZONE).facts(span)
        assert not {fact.kind.name for fact in told} & {"outage", "wan_volume"}
        evidence = await Facts(database).evidence(*span)
        gaps = gaps_within(evidence.starts, *span)
        assert [gap.kind for gap in gaps if gap.stop - gap.start > timedelta(days=2)] == [GapKind.LOST]
