"""A box without a battery: what it wrote before its clock was set stands in the right time afterwards, once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.access.session import Cause
from gateway.flows.admit import admit
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.line_record import beat
from gateway.flows.meter import Watch, book_all
from gateway.store.db import Database
from gateway.store.live_facts import LiveFacts
from gateway.store.sessions import SqliteSessions
from gateway.store.starts import SqliteStarts
from gateway.store.usage import SqliteUsage
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import new_session

RIGHT = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
ZONE = timezone(timedelta(hours=7))


@dataclass(slots=True)
class Box:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    database: Database
    starts: SqliteStarts
    is_set: bool = False

    async def alive(self) -> None:
        await self.starts.alive(beat(self.clock, lambda: self.is_set))

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.database.read(lambda store: store.execute(sql).fetchall())]

    def is_set_to(self, right: datetime) -> None:
        self.clock.wall, self.is_set = right, True


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with Database.opened(tmp_path / "cong.sqlite") as database:
        clock = FakeClock()
        kernel = FakeFirewall(clock)
        edges = FakeNeighbours(), FakeConnections(), SqliteSessions(database), SqliteUsage(database)
        yield Box(Gate(clock, kernel, *edges, 600), clock, kernel, database, SqliteStarts(database))


@pytest.mark.parametrize("shown", [datetime(1970, 1, 1, 0, 2, tzinfo=UTC), RIGHT - timedelta(hours=14)])
async def test_sessions_and_their_ledger_are_moved_by_the_step_once(box: Box, shown: datetime) -> None:
    await _an_older_boot_leaves_a_session(box)
    before = await box.rows("SELECT opened_at, stopped_at FROM sessions")
    box.clock.reboot()
    box.clock.wall = shown
    await box.starts.started(beat(box.clock, lambda: False))
    await box.gate.sessions.splash_seen(PHONE, box.clock.now())
    session = await admit(box.gate, new_session(PHONE))
    for _ in range(2):
        box.kernel.send(PHONE, 10, 100)
        box.clock.pass_s(60)
        await book_all(box.gate, Watch(60))
        await box.alive()
    assert await end(box.gate, session, Cause.USER_REQUEST)
    box.is_set_to(RIGHT + timedelta(seconds=120))
    late = await admit(box.gate, new_session(TABLET))  # the clock is right, but nobody has seen the step yet
    for _ in range(3):  # the step is seen, and later signs of life find nothing to move
        await box.alive()
        box.clock.pass_s(30)
    at = epoch_s(RIGHT)
    opened = await box.rows("SELECT opened_at, stopped_at FROM sessions ORDER BY id")
    assert opened == [*before, (at, at + 120), (at + 120, None)] and late.id == 3
    after = "SELECT at - (SELECT opened_at FROM sessions WHERE id = 2), closing FROM usage WHERE session_id = 2"
    assert await box.rows(after) == [(60, 0), (120, 0), (120, 1)]
    assert await box.rows("SELECT sum(up_bytes), sum(down_bytes) FROM usage WHERE session_id = 2") == [(20, 200)]
    assert await box.rows("SELECT accepted_at FROM consents WHERE session_id > 1 ORDER BY 1") == [(at,), (at + 120,)]
    assert await box.rows("SELECT opened_at FROM attempts ORDER BY 1") == [(at - 86400,), (at,), (at + 120,)]
    assert await box.rows("SELECT started_at, provisional FROM starts ORDER BY 1 DESC LIMIT 1") == [(at, 0)]
    own = await LiveFacts(box.database, "sa-thay", ZONE).sessions(None, closed_only=True)
    assert [(one.start, one.stop) for one in own][1:] == [(RIGHT, RIGHT + timedelta(seconds=120))]


async def test_a_step_of_a_clock_that_was_right_moves_nothing(box: Box) -> None:
    await box.starts.started(beat(box.clock, lambda: True))
    await admit(box.gate, new_session(PHONE))
    before = await box.rows("SELECT opened_at FROM sessions")
    box.clock.wall += timedelta(hours=3)
    await box.starts.alive(beat(box.clock, lambda: True))
    assert await box.rows("SELECT opened_at FROM sessions") == before


async def _an_older_boot_leaves_a_session(box: Box) -> None:
    box.clock.wall = RIGHT - timedelta(days=1)
    await box.starts.started(beat(box.clock, lambda: True))
    session = await admit(box.gate, new_session(PHONE))
    box.clock.pass_s(600)
    assert await end(box.gate, session, Cause.USER_REQUEST)
    await box.starts.alive(beat(box.clock, lambda: True))
