"""A session's journeys over a true SQLite file; only the kernel is a fake, so that power can be cut at any step."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access.client import Mac
from gateway.access.session import Cause, Session, SessionId, State
from gateway.accounting.counters import Reading
from gateway.flows.admit import admit
from gateway.flows.close import end, finish
from gateway.flows.gate import Gate
from gateway.flows.listing import live_session, live_sessions
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.reconcile import reconcile
from gateway.ports import Firewall, IpAddress
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import FIREWALL_CONTRACT, PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, new_session


class PowerCut(BaseException):
    """Nothing after this line happens."""


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    connections: FakeConnections
    path: Path

    async def admit(self, mac: Mac = PHONE) -> Session:
        return await admit(self.gate, new_session(mac, counted=mac != TABLET))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()

    def ledger(self, number: int) -> tuple[object, ...]:
        return self.rows(f"SELECT sum(up_bytes), sum(down_bytes) FROM usage WHERE session_id = {number}")[0]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("10.77.0.11"): PHONE, IpAddress("2001:db8:77::11"): PHONE})
    connections = FakeConnections()
    gate = Gate(clock, kernel, neighbours, connections, SqliteSessions(database), SqliteUsage(database), 600)
    yield House(gate, clock, kernel, connections, tmp_path / "cong.sqlite")
    await database.close()


@pytest.mark.parametrize("keeps", FIREWALL_CONTRACT, ids=lambda f: f.__name__)
async def test_the_fake_firewall_keeps_the_contract(keeps: Callable[[Firewall], Awaitable[None]]) -> None:
    await keeps(FakeFirewall(FakeClock()))


async def test_admission_is_stored_then_granted_and_old_connections_forgotten(house: House) -> None:
    session = await house.admit()
    assert house.kernel.send(PHONE, 10, 20)
    assert house.rows("SELECT state, method, profile, counted FROM sessions") == [("open", "terms", "adult", 1)]
    assert house.rows("SELECT terms_version FROM consents") == [(TERMS.version,)]
    assert house.rows("SELECT admitted FROM attempts") == [(1,)]
    assert house.connections.forgotten_soon == [PHONE]
    assert house.kernel.lasts[session.id] == pytest.approx(7800, abs=1)


async def test_two_clicks_are_one_session(house: House) -> None:
    first, second = await house.admit(), await house.admit()
    assert first.id == second.id
    assert house.rows("SELECT count(*) FROM sessions, consents") == [(1,)]


async def test_a_staff_device_is_admitted_but_not_counted(house: House) -> None:
    await house.admit(TABLET)
    assert house.rows("SELECT counted FROM sessions") == [(0,)]


async def test_the_power_goes_between_store_and_kernel(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched, pytest.raises(PowerCut):
        patched.setattr(FakeFirewall, "grant", cut)
        await house.admit()
    assert not house.kernel.send(PHONE, 1, 1)
    await reconcile(house.gate)  # the daemon starts again within the same boot
    assert house.kernel.send(PHONE, 1, 1)
    assert (await live_sessions(house.gate))[0].up_bytes == 1


async def test_every_byte_is_booked_once_over_looks_restarts_and_the_end(house: House) -> None:
    session = await house.admit()
    watch = Watch(book_every_s=60)
    for n in range(10):
        assert house.kernel.send(PHONE, 100, 1000)
        house.clock.pass_s(30)
        await meter(house.gate, watch)
        if n % 3 == 0:
            watch = Watch(book_every_s=60)  # the daemon was killed: its memory is gone
            await reconcile(house.gate)
    house.kernel.send(PHONE, 7, 7)
    live = await live_session(house.gate, PHONE)
    assert live is not None and (live.up_bytes, live.down_bytes) == (1007, 10007)
    assert await end(house.gate, session, Cause.USER_REQUEST)
    assert house.ledger(session.id) == (1007, 10007)
    assert house.rows("SELECT total_up_bytes, total_down_bytes, state, cause FROM sessions") == [
        (1007, 10007, "closed", "user-request")
    ]
    assert house.rows("SELECT sum(closing) FROM usage") == [(1,)]
    assert await house.kernel.read_all() == []


async def test_crossing_bookings_never_count_a_byte_twice(house: House) -> None:
    session = await house.admit()
    house.kernel.send(PHONE, 100, 0)
    early = await house.kernel.read(session.id)
    house.kernel.send(PHONE, 50, 0)
    late = await house.kernel.read(session.id)
    assert early and late
    book = house.gate.usage.book
    await book([late], house.clock.now())
    await book([early], house.clock.now())  # taken before, arriving after
    await book([late], house.clock.now())
    assert house.ledger(session.id) == (150, 0)


@pytest.mark.parametrize("step", ["cut", "read", "remove"])
async def test_the_power_goes_in_the_middle_of_an_end(house: House, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever step the daemon dies at, all bytes are booked, once, and the session ends."""
    session = await house.admit()
    house.kernel.send(PHONE, 500, 5000)
    whole = getattr(FakeFirewall, step)

    async def dies(*arguments: object) -> None:
        if step != "remove":
            await whole(*arguments)  # the kernel did it, the daemon never heard
        raise PowerCut

    with monkeypatch.context() as patched, pytest.raises(PowerCut):
        patched.setattr(FakeFirewall, step, dies)
        await end(house.gate, session, Cause.ADMIN_RESET)
    assert house.rows("SELECT state FROM sessions") == [("closing",)]
    await reconcile(house.gate)
    assert house.rows("SELECT state, cause FROM sessions") == [("closed", "admin-reset")]
    assert house.ledger(session.id) == (500, 5000)
    assert not house.kernel.send(PHONE, 1, 1)


async def test_a_flushed_kernel_is_granted_again_and_nothing_is_counted_twice(house: House) -> None:
    session = await house.admit()
    house.kernel.send(PHONE, 1000, 0)
    await book_all(house.gate, Watch(60))
    house.kernel.send(PHONE, 300, 0)  # lost with the table: nobody has read it
    house.kernel.flush()
    await reconcile(house.gate)
    house.kernel.send(PHONE, 2000, 0)  # more than before: only the table's new life tells that it is all new
    await book_all(house.gate, Watch(60))
    assert house.ledger(session.id) == (3000, 0)


async def test_elements_deleted_by_hand_start_at_nothing(house: House) -> None:
    session = await house.admit()
    house.kernel.send(PHONE, 1000, 0)
    await book_all(house.gate, Watch(60))
    del house.kernel.up[session.id]
    await reconcile(house.gate)
    house.kernel.send(PHONE, 1500, 0)
    await book_all(house.gate, Watch(60))
    assert house.ledger(session.id) == (2500, 0)


async def test_a_stranger_in_the_kernel_is_put_out(house: House) -> None:
    session = await house.admit()
    await house.kernel.grant(replace(session, id=SessionId(99), mac=TABLET), 600)
    await reconcile(house.gate)
    assert [granted.session for granted in await house.kernel.read_all()] == [session.id]
    assert not house.kernel.send(TABLET, 1, 1)


async def test_idle_ends_the_session_at_its_last_packet(house: House) -> None:
    await house.admit()
    watch = Watch(60)
    house.clock.pass_s(300)
    house.kernel.send(PHONE, 1, 1)
    await meter(house.gate, watch)
    for _ in range(20):
        house.clock.pass_s(60)
        await meter(house.gate, watch)
    assert house.rows("SELECT cause, stopped_at - opened_at FROM sessions") == [("idle-timeout", 300)]
    assert not house.kernel.send(PHONE, 1, 1)


async def test_the_limit_ends_a_busy_session(house: House) -> None:
    await house.admit()
    watch = Watch(60)
    for _ in range(121):
        house.clock.pass_s(60)
        house.kernel.send(PHONE, 1, 1)
        await meter(house.gate, watch)
    assert house.rows("SELECT cause, stopped_at - opened_at FROM sessions") == [("session-timeout", 7200)]


@pytest.mark.parametrize("jump_days", [-1, 1, -20000])
async def test_a_clock_that_jumps_neither_ends_nor_stretches_a_session(house: House, jump_days: int) -> None:
    session = await house.admit()
    watch = Watch(60)
    house.clock.pass_s(60)
    house.clock.wall += timedelta(days=jump_days)
    house.kernel.send(PHONE, 5, 5)
    await meter(house.gate, watch)
    live = await live_session(house.gate, PHONE)
    assert live is not None and live.left_s == 7139
    house.clock.pass_s(60)
    await end(house.gate, session, Cause.USER_REQUEST)
    assert house.rows("SELECT stopped_at - opened_at FROM sessions") == [(120,)]
    assert house.ledger(session.id) == (5, 5)


async def test_after_a_power_cut_open_sessions_end_at_their_last_booked_packet(house: House) -> None:
    session = await house.admit()
    house.clock.pass_s(120)
    house.kernel.send(PHONE, 50, 50)
    await book_all(house.gate, Watch(60))
    house.clock.pass_s(30)
    house.clock.reboot()
    house.kernel.flush()
    await reconcile(house.gate)
    assert house.rows("SELECT state, cause, stopped_at - opened_at FROM sessions") == [("closed", "nas-reboot", 120)]
    assert house.ledger(session.id) == (50, 50)
    assert await house.kernel.read_all() == []
    again = await house.admit()
    assert again.id != session.id and house.kernel.send(PHONE, 1, 1)


async def test_the_end_asked_for_by_two_hands_is_one_end(house: House) -> None:
    session = await house.admit()
    house.kernel.send(PHONE, 9, 9)
    assert await end(house.gate, session, Cause.USER_REQUEST)
    assert not await end(house.gate, session, Cause.ADMIN_RESET)
    await finish(house.gate, replace(session, state=State.CLOSING, cause=Cause.ADMIN_RESET))
    assert house.rows("SELECT cause FROM sessions") == [("user-request",)]
    assert house.ledger(session.id) == (9, 9)


async def test_a_click_while_the_session_before_is_closing_opens_a_new_one(house: House) -> None:
    session = await house.admit()
    house.kernel.send(PHONE, 4, 4)
    closing = replace(
        session, state=State.CLOSING, cause=Cause.USER_REQUEST, stopped_at=session.opened_at + timedelta(seconds=1)
    )
    assert await house.gate.sessions.save(closing, was=State.OPEN)
    again = await house.admit()
    assert again.id != session.id and again.state is State.OPEN
    assert house.ledger(session.id) == (4, 4)
    assert house.kernel.send(PHONE, 1, 1)


async def test_a_session_never_gets_the_number_of_an_older_one(house: House) -> None:
    session = await house.admit()
    await end(house.gate, session, Cause.USER_REQUEST)
    with sqlite3.connect(house.path) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM sessions")
    assert (await house.admit()).id > session.id


async def test_the_ledger_can_not_be_rewritten(house: House) -> None:
    session = await house.admit()
    reading = Reading(session.id, await house.kernel.epoch(), house.clock.boot_s(), 1, 1)
    await house.gate.usage.book([reading], house.clock.now())
    with sqlite3.connect(house.path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE usage SET up_bytes = 0")


async def test_splash_views_of_half_an_hour_are_one_attempt(house: House) -> None:
    seen = house.gate.sessions.splash_seen
    for minutes in (0, 10, 29, 30, 45):
        await seen(PHONE, house.clock.now() + timedelta(minutes=minutes))
    assert house.rows("SELECT count(*) FROM attempts") == [(2,)]
