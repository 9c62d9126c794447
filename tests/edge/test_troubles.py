"""A full disk, a cut-off journal, a clock from 1970: people browse on, and no byte is lost or counted twice."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.access.session import State
from gateway.errors import StoreError
from gateway.flows.admit import admit
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.reconcile import reconcile
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import new_session

_SUMS = "SELECT coalesce(sum(up_bytes), 0), coalesce(sum(down_bytes), 0) FROM usage"


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    database: Database
    path: Path

    async def pragma(self, text: str) -> None:
        await self.database.run(lambda sql: sql.execute(f"PRAGMA {text}").fetchall())

    async def ledger(self) -> tuple[int, int]:
        row = await self.database.read(
            lambda sql: sql.execute(
                "SELECT coalesce(sum(up_bytes), 0), coalesce(sum(down_bytes), 0) FROM usage"
            ).fetchone()
        )
        return int(row[0]), int(row[1])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, kernel, FakeNeighbours(), FakeConnections(), sessions, usage, 600)
    yield House(gate, clock, kernel, database, tmp_path / "cong.sqlite")
    await database.close()


async def test_a_full_disk_stops_no_packet_and_loses_no_byte(house: House) -> None:
    await admit(house.gate, new_session(PHONE))
    assert house.kernel.send(PHONE, 100, 1000)
    watch = Watch(60)
    await book_all(house.gate, watch)
    await house.pragma("max_page_count = 1")  # SQLite's own limit: the same error as a full disk
    refused = 0
    for _ in range(400):
        assert house.kernel.send(PHONE, 1, 10)
        try:
            await book_all(house.gate, watch)
        except StoreError:
            refused += 1
    assert refused > 0
    await meter(house.gate, watch)  # who is active is known in memory: nobody is ended as idle
    assert house.kernel.send(PHONE, 100, 1000)
    await house.pragma("max_page_count = 1000000")
    await book_all(house.gate, watch)
    assert await house.ledger() == (600, 6000)


async def test_a_cut_off_journal_leaves_whole_transactions(house: House, tmp_path: Path) -> None:
    await admit(house.gate, new_session(PHONE))
    for _ in range(20):
        house.kernel.send(PHONE, 100, 1000)
        await book_all(house.gate, Watch(60))
    journal = Path(f"{house.path}-wal")
    whole = journal.read_bytes()
    found = set()
    for part in (0.2, 0.5, 0.8, 0.97):
        copy = tmp_path / f"copy-{part}.sqlite"
        shutil.copy(house.path, copy)
        Path(f"{copy}-wal").write_bytes(whole[: int(len(whole) * part)])
        database = await Database.open(copy)
        await database.close()
        with sqlite3.connect(copy) as rows:
            assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            up, down = rows.execute(
                "SELECT coalesce(sum(up_bytes), 0), coalesce(sum(down_bytes), 0) FROM usage"
            ).fetchone()
            totals = rows.execute("SELECT coalesce(sum(total_up_bytes), 0) FROM sessions").fetchone()
        assert down == 10 * up and totals == (up,)
        found.add(up)
    assert max(found) <= 2000 and len(found) > 1


async def test_a_session_from_before_the_time_was_known_goes_on(house: House) -> None:
    house.clock.wall = datetime(1970, 1, 1, tzinfo=UTC)
    session = await admit(house.gate, new_session(PHONE))
    house.clock.pass_s(300)
    house.kernel.send(PHONE, 10, 10)
    house.clock.wall = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)  # the line is back and tells the time
    await meter(house.gate, Watch(0))
    await reconcile(house.gate)
    (booked,) = await house.gate.sessions.live_sessions()
    assert (booked.session.id, booked.session.state) == (session.id, State.OPEN)
    assert house.kernel.send(PHONE, 1, 1)
