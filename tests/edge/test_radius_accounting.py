"""Sessions told to an account server over true datagrams and a true SQLite file: each once, exact, whatever fails."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Accounted, Method
from gateway.access.session import Cause, Limits, Session
from gateway.errors import StoreError
from gateway.flows.accounts import Accounts, tell_accounts
from gateway.flows.admit import admit
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, meter
from gateway.flows.nightly import close_night
from gateway.flows.reconcile import reconcile
from gateway.ports import NewSession
from gateway.radius.accounting import TERMINATE_CAUSES, RadiusAccounting
from gateway.radius.auth import Nas
from gateway.radius.link import Link, Server, Servers, Timing
from gateway.radius.values import number_of, text_of
from gateway.radius.wire import Packet, Type
from gateway.store.accounted import SqliteAccounted
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.edge.radius_server import SECRET, ScriptedServer, accepts, scripted, silent
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, ZONE

NAS = Nas("sa-thay", "")
START, STOP, INTERIM, ON = 1, 2, 3, 7


@dataclass(slots=True)
class Box:
    """One life of the daemon; `again` is the next one, over the same file and kernel."""

    path: Path
    clock: FakeClock
    kernel: FakeFirewall
    server: ScriptedServer
    gate: Gate
    database: Database
    accounts: Accounts
    opened: AsyncExitStack

    async def tell(self) -> list[tuple[int, str]]:
        """A round; kind and Acct-Session-Id of what came of it."""
        before = len(self.server.came)
        await tell_accounts(self.accounts)
        return [
            (number_of(packet, Type.ACCT_STATUS_TYPE) or 0, text_of(packet, Type.ACCT_SESSION_ID) or "")
            for packet in self.server.came[before:]
        ]

    async def admit(self, mac: Mac = PHONE, name: str = "a1", interim_s: int | None = None) -> Session:
        accounted = Accounted("lan", name, (b"\x01\xff", b"two"), interim_s)
        limits = Limits(7200, 900)
        new = NewSession(mac, AccessKind.WIFI, Method.RADIUS, "adult", limits, TERMS, True, "p", accounted)
        return await admit(self.gate, new)

    async def rows(self) -> list[tuple[object, ...]]:
        ask = "SELECT acct_session_id, started FROM radius_sessions ORDER BY session_id"
        return [tuple(row) for row in await self.database.read(lambda sql: sql.execute(ask).fetchall())]

    async def again(self) -> "Box":
        """kill -9: nothing is closed in order, nothing in memory stays."""
        await self.opened.aclose()
        return await _box(self.path, self.clock, self.kernel, self.server)


async def _box(path: Path, clock: FakeClock, kernel: FakeFirewall, server: ScriptedServer) -> Box:
    opened = AsyncExitStack()
    database = await Database.open(path)
    opened.push_async_callback(database.close)
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, kernel, FakeNeighbours(), FakeConnections(), sessions, usage, 600)
    timing = Timing(0.05, 2, 60)
    servers = Servers([Link(Server("127.0.0.1", server.port, SECRET, False), timing, clock)], timing, clock)
    opened.callback(servers.close)
    teller = RadiusAccounting(servers, NAS, gate.neighbours)
    accounts = Accounts(gate, Watch(60, clock.boot_s()), SqliteAccounted(database), teller, True)
    return Box(path, clock, kernel, server, gate, database, accounts, opened)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    clock = FakeClock()
    async with scripted(accepts()) as server:
        made = await _box(tmp_path / "cong.sqlite", clock, FakeFirewall(clock), server)
        assert [kind for kind, _ in await made.tell()] == [ON]
        yield made
        await made.opened.aclose()


def of(packet: Packet, *kinds: Type) -> list[int | None]:
    return [number_of(packet, kind) for kind in kinds]


AMOUNTS = (
    Type.ACCT_INPUT_OCTETS,
    Type.ACCT_INPUT_GIGAWORDS,
    Type.ACCT_OUTPUT_OCTETS,
    Type.ACCT_OUTPUT_GIGAWORDS,
)


async def test_start_interim_and_stop_tell_the_ledgers_bytes(box: Box) -> None:
    session = await box.admit(interim_s=600)
    assert await box.tell() == [(START, "a1")] and await box.tell() == []
    box.kernel.send(PHONE, 3, (5 << 32) + 7)
    box.clock.pass_s(599)
    assert await box.tell() == []
    box.clock.pass_s(1)
    assert await box.tell() == [(INTERIM, "a1")] and await box.tell() == []
    interim = box.server.came[-1]
    assert of(interim, *AMOUNTS) == [3, 0, 7, 5] and of(interim, Type.ACCT_SESSION_TIME) == [600]
    assert of(interim, Type.ACCT_TERMINATE_CAUSE) == [None]
    box.kernel.send(PHONE, 10, 0)
    box.clock.pass_s(30)
    await end(box.gate, session, Cause.USER_REQUEST)
    assert await box.tell() == [(STOP, "a1")] and await box.tell() == []
    stop = box.server.came[-1]
    assert of(stop, *AMOUNTS) == [13, 0, 7, 5]
    assert of(stop, Type.ACCT_SESSION_TIME, Type.ACCT_TERMINATE_CAUSE, Type.ACCT_DELAY_TIME) == [630, 1, 0]
    for packet in box.server.came[1:]:
        assert packet.all_of(Type.CLASS) == (b"\x01\xff", b"two") and text_of(packet, Type.USER_NAME) == "lan"
        assert text_of(packet, Type.CALLING_STATION_ID) == "02-00-5E-10-00-01"
    assert await box.rows() == []


def test_every_cause_has_a_number() -> None:
    assert set(TERMINATE_CAUSES) == set(Cause)


@pytest.mark.parametrize(
    ("cause", "told"),
    [(Cause.ADMIN_RESET, 6), (Cause.NAS_REQUEST, 10), (Cause.PORT_PREEMPTED, 13), (Cause.USER_REQUEST, 1)],
)
async def test_causes_are_those_of_the_rfc(box: Box, cause: Cause, told: int) -> None:
    await end(box.gate, await box.admit(), cause)
    assert await box.tell() == [(START, "a1"), (STOP, "a1")]
    assert of(box.server.came[-1], Type.ACCT_TERMINATE_CAUSE) == [told]


async def test_an_idle_session_stopped_with_its_last_packet(box: Box) -> None:
    await box.admit()
    await box.tell()
    box.clock.pass_s(100)
    box.kernel.send(PHONE, 1, 1)
    watch = Watch(60, box.clock.boot_s())
    await meter(box.gate, watch)
    box.clock.pass_s(900)
    await meter(box.gate, watch)
    assert await box.tell() == [(STOP, "a1")]
    kinds = (Type.ACCT_TERMINATE_CAUSE, Type.ACCT_SESSION_TIME, Type.ACCT_DELAY_TIME)
    assert of(box.server.came[-1], *kinds) == [4, 100, 900]


async def test_a_silent_server_loses_nothing_over_a_kill_and_hears_the_true_times(box: Box) -> None:
    box.server.script = silent
    began = box.clock.now()
    session = await box.admit()
    box.kernel.send(PHONE, 100, 200)
    assert {kind for kind, _ in await box.tell()} == {START}
    box.clock.pass_s(50)
    await end(box.gate, session, Cause.USER_REQUEST)
    box = await box.again()
    box.clock.pass_s(1000)
    assert {kind for kind, _ in await box.tell()} == {START}  # the Stop waits for it
    box = await box.again()
    # a clock that was wrong all the time and is set now: the span is what counts
    box.clock.wall += timedelta(days=365)
    box.server.script = accepts()
    assert await box.tell() == [(START, "a1"), (STOP, "a1")]
    start, stop = box.server.came[-2:]
    kinds = (Type.ACCT_DELAY_TIME, Type.EVENT_TIMESTAMP)
    began_s = epoch_s(began + timedelta(days=365))
    assert of(start, *kinds) == [1050, began_s] and of(stop, *kinds) == [1000, began_s + 50]
    assert of(stop, *AMOUNTS) == [100, 0, 200, 0]
    assert await box.rows() == []
    await box.opened.aclose()


async def test_a_restart_tells_no_second_start(box: Box) -> None:
    await box.admit()
    await box.tell()
    for _ in range(3):
        box = await box.again()
        await reconcile(box.gate)
        assert await box.tell() == []
    assert await box.rows() == [("a1", 1)]
    await box.opened.aclose()


async def test_a_crash_between_answer_and_note_tells_the_same_again(box: Box) -> None:
    await box.admit()
    await box.tell()
    # as if the acknowledgement had come and the power had gone before it was noted
    await box.database.run(lambda sql: sql.execute("UPDATE radius_sessions SET started = 0"))
    box = await box.again()
    assert await box.tell() == [(START, "a1")]
    await box.opened.aclose()


async def test_after_a_power_cut_old_sessions_stop_before_the_box_says_it_is_on(box: Box) -> None:
    await box.admit(PHONE, "old")
    await box.tell()
    box.kernel.send(PHONE, 5, 6)
    watch = Watch(0, 0.0)
    box.clock.pass_s(20)
    await meter(box.gate, watch)
    box.clock.pass_s(30)
    box.clock.reboot()
    box.kernel.flush()
    box = await box.again()
    await reconcile(box.gate)
    await box.admit(TABLET, "new")
    assert await box.tell() == [(STOP, "old"), (ON, box.clock.boot_id()), (START, "new")]
    stop = box.server.came[-3]
    assert of(stop, *AMOUNTS) == [5, 0, 6, 0]
    kinds = (Type.ACCT_TERMINATE_CAUSE, Type.ACCT_SESSION_TIME, Type.ACCT_DELAY_TIME)
    assert of(stop, *kinds) == [11, 20, 30]
    assert await box.tell() == []
    await box.opened.aclose()


async def test_on_waits_for_all_of_the_earlier_boots_however_many(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.flows.accounts._A_ROUND", 3)
    for number in range(4):
        await box.admit(Mac(f"02:00:5e:20:00:{number:02x}"), f"s{number}")
    box.clock.reboot()
    box.kernel.flush()
    await reconcile(box.gate)
    await box.admit(PHONE, "new")
    first = await box.tell()
    assert len(first) == 6 and {name for _, name in first} == {"s0", "s1", "s2"}
    assert [kind for kind, _ in await box.tell()] == [START, STOP, ON, START]


async def test_nothing_of_this_boot_is_told_before_its_on_is_acknowledged(box: Box) -> None:
    box.clock.reboot()
    box.server.script = silent
    await box.admit()
    assert {kind for kind, _ in await box.tell()} == {ON}
    box = replace(box, accounts=replace(box.accounts, tells_on=False))
    assert {kind for kind, _ in await box.tell()} == {START}


async def test_many_that_waited_are_told_at_once_and_a_silent_server_is_asked_for_one_only(box: Box) -> None:
    box.server.script = silent
    for number in range(200):
        mac = Mac(f"02:00:5e:20:{number >> 8:02x}:{number & 255:02x}")
        await end(box.gate, await box.admit(mac, f"s{number}"), Cause.USER_REQUEST)
    assert len(set(await box.tell())) == 1
    box.server.script = accepts()
    told = await box.tell()
    assert len(told) >= 400 and len(set(told)) == 400  # a burst may lose a datagram: it is sent again
    assert await box.rows() == []


async def test_past_the_most_that_wait_the_oldest_are_given_up_and_it_is_said(
    box: Box, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gateway.flows.accounts.MOST_WAITING", 2)
    box.server.script = silent
    for number in range(4):
        await end(box.gate, await box.admit(name=f"s{number}"), Cause.USER_REQUEST)
    await box.admit(name="open")
    await box.tell()
    assert [name for name, _ in await box.rows()] == ["s2", "s3", "open"]
    assert '"radius.accounting_given_up", "sessions": 2' in capsys.readouterr().err


async def test_names_that_could_not_be_told_go_with_the_mac(box: Box) -> None:
    box.server.script = silent
    await end(box.gate, await box.admit(PHONE, "ended"), Cause.USER_REQUEST)
    await box.admit(TABLET, "open")
    box.clock.pass_s(8 * 86400)
    day = box.clock.now().astimezone(ZONE).date()
    await close_night(Facts(box.database), day, zone=ZONE, now=box.clock.now())
    assert [name for name, _ in await box.rows()] == ["open"]


async def test_a_store_that_can_not_note_it_tells_it_again(box: Box) -> None:
    await box.admit()
    await box.database.run(
        lambda sql: sql.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON radius_sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    )
    with pytest.raises(StoreError):  # the job tells it and comes again
        await box.tell()
    await box.database.run(lambda sql: sql.execute("DROP TRIGGER full"))
    assert await box.tell() == [(START, "a1")] and await box.tell() == []
