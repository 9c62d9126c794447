"""Tries by address become counts of their profile; a restart and the ends of sessions lose nothing that matters."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.access.session import Cause, Session
from gateway.flows.admit import admit
from gateway.flows.by_address import ByAddress
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import new_session


@dataclass
class Counted:
    """The Refusals port."""

    sums: Counter[tuple[str, str]] = field(default_factory=Counter)

    def refused(self, profile: str, category: str, count: int) -> None:
        self.sums[profile, category] += count


@dataclass
class House:
    gate: Gate
    kernel: FakeFirewall
    strict: Session
    looking: Session


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    kernel = FakeFirewall(FakeClock())
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(kernel.clock, kernel, FakeNeighbours({}), FakeConnections(), sessions, usage, 600)
    strict = await admit(gate, new_session(PHONE, "child"))
    looking = await admit(gate, new_session(TABLET))
    yield House(gate, kernel, strict, looking)
    await database.close()


async def test_tries_are_counted_by_profile_and_looked_at_ones_told(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = Counted()
    watch = ByAddress(house.gate, counted, {"adult"})
    house.kernel.tried = {house.strict.id: 5}
    await watch.look()
    assert not counted.sums, "what was before the start has been counted before it"
    house.kernel.tried = {house.strict.id: 7, house.looking.id: 3}
    await watch.look()
    await watch.look()
    assert counted.sums == {("child", "by-address"): 2}
    told = capsys.readouterr()
    assert (told.out + told.err).count("strict.would_refuse") == 1
    house.kernel.tried = {house.strict.id: 1}  # an hour without a try: the kernel began anew
    await watch.look()
    assert counted.sums == {("child", "by-address"): 3}


async def test_the_last_minute_of_a_session_counts(house: House) -> None:
    counted = Counted()
    watch = ByAddress(house.gate, counted, ())
    await watch.look()
    house.kernel.tried = {house.strict.id: 4}
    await end(house.gate, house.strict, Cause.ADMIN_RESET)
    await watch.look()
    assert counted.sums == {("child", "by-address"): 4}
    house.kernel.tried = {}
    await watch.look()
    assert counted.sums == {("child", "by-address"): 4}
