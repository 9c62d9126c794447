"""Orders of an account server (RFC 5176): only its own, proved, of our time; done once; over true datagrams."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Accounted, Method
from gateway.access.quota import Caps
from gateway.access.session import Limits, Rates, Session, SessionId
from gateway.errors import GatewayError
from gateway.flows.admit import admit
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, meter
from gateway.flows.orders import change, disconnect
from gateway.ports import IpAddress, NewSession
from gateway.radius.orders import WINDOW_S, ErrorCause, OrderDoor, Orders
from gateway.radius.values import CHILLISPOT, WISPR, instant, integer, number_of, text
from gateway.radius.wire import Attribute, Code, Type, decode, is_answer_to, proved_request, signed_request
from gateway.store.accounted import SqliteAccounted
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, new_session

SECRET, SERVER, PEER = b"the orders' secret", "192.0.2.5", ("192.0.2.5", 4000)
LAPTOP = Mac("02:00:5e:10:00:03")


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    database: Database
    orders: Orders
    identifier: int = 0

    async def admit(self, mac: Mac, name: str, session_id: str) -> Session:
        accounted = Accounted(name, session_id)
        limits = Limits(7200, 900)
        return await admit(
            self.gate,
            NewSession(mac, AccessKind.WIFI, Method.RADIUS, "adult", limits, TERMS, True, "p", accounted),
        )

    async def ask(self, *attributes: Attribute, code: Code = Code.DISCONNECT_REQUEST) -> tuple[Code, int | None]:
        """The answer's code and Error-Cause; each order is a new one."""
        self.identifier = (self.identifier + 1) % 256
        data = signed_request(code, self.identifier, attributes, SECRET)
        told = await self.orders.answer(data, PEER, "203.0.113.2")
        assert told is not None
        answer = decode(told)
        assert is_answer_to(answer, decode(data), SECRET, proof_required=True)
        return Code(answer.code), number_of(answer, Type.ERROR_CAUSE)

    async def states(self) -> list[tuple[str, str | None]]:
        ask = "SELECT state, cause FROM sessions ORDER BY id"
        return [tuple(row) for row in await self.database.read(lambda sql: sql.execute(ask).fetchall())]

    def now(self) -> Attribute:
        return instant(self.clock.now())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("10.77.0.11"): PHONE, IpAddress("10.77.0.12"): TABLET})
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, kernel, neighbours, FakeConnections(), sessions, usage, 600)
    store, caps = SqliteAccounted(database), {"adult": Caps(10_000, 1800, 8 << 32, rates=Rates(None, 20_000))}
    orders = Orders(
        {SERVER: SECRET}, "sa-thay", partial(disconnect, gate, store), partial(change, gate, store, caps), clock
    )
    found = House(gate, clock, kernel, database, orders)
    await found.admit(PHONE, "lan", "a1")
    await found.admit(TABLET, "lan", "b2")
    yield found
    await database.close()


ACK, NAK = (Code.DISCONNECT_ACK, None), Code.DISCONNECT_NAK
OPEN, ENDED = ("open", None), ("closed", "admin-reset")
A1 = text(Type.ACCT_SESSION_ID, "a1")


async def test_a_session_by_its_own_name_is_ended_and_the_ledger_says_why(house: House) -> None:
    house.kernel.send(PHONE, 10, 20)
    assert await house.ask(A1, text(Type.USER_NAME, "lan")) == ACK
    assert await house.states() == [ENDED, OPEN]
    assert not house.kernel.send(PHONE, 1, 1) and house.kernel.send(TABLET, 1, 1)
    assert await house.ask(A1) == (NAK, ErrorCause.SESSION_NOT_FOUND)


async def test_a_user_is_ended_with_all_devices(house: House) -> None:
    assert await house.ask(text(Type.USER_NAME, "lan"), house.now()) == ACK
    assert await house.states() == [ENDED, ENDED]


async def test_a_device_by_its_mac_or_address(house: House) -> None:
    assert await house.ask(text(Type.CALLING_STATION_ID, "02-00-5E-10-00-02"), house.now()) == ACK
    assert await house.states() == [OPEN, ENDED]
    assert await house.ask(Attribute(Type.FRAMED_IP_ADDRESS, bytes((10, 77, 0, 11))), house.now()) == ACK
    assert await house.states() == [ENDED, ENDED]


@pytest.mark.parametrize(
    "attributes",
    [
        (text(Type.USER_NAME, "mai"),),
        (A1, text(Type.USER_NAME, "mai")),
        (A1, text(Type.CALLING_STATION_ID, "02-00-5E-10-00-02")),
        (A1, Attribute(Type.FRAMED_IP_ADDRESS, bytes((10, 77, 0, 12)))),
        (A1, Attribute(Type.FRAMED_IP_ADDRESS, bytes((10, 77, 0, 99)))),
    ],
)
async def test_all_that_is_said_must_fit(house: House, attributes: Sequence[Attribute]) -> None:
    assert await house.ask(*attributes, house.now()) == (NAK, ErrorCause.SESSION_NOT_FOUND)
    assert await house.states() == [OPEN, OPEN]


async def test_who_came_in_another_way_is_none_of_the_servers(house: House) -> None:
    await admit(house.gate, new_session(LAPTOP))
    mac = text(Type.CALLING_STATION_ID, "02-00-5E-10-00-03")
    assert await house.ask(mac, house.now()) == (NAK, ErrorCause.SESSION_NOT_FOUND)
    assert await house.states() == [OPEN, OPEN, OPEN]


@pytest.mark.parametrize(
    ("attributes", "cause"),
    [
        ((), ErrorCause.MISSING_ATTRIBUTE),
        ((text(Type.USER_NAME, "lan"),), ErrorCause.MISSING_ATTRIBUTE),  # could be played back for ever
        ((A1, integer(Type.SESSION_TIMEOUT, 60)), ErrorCause.UNSUPPORTED_ATTRIBUTE),
        ((A1, Attribute(250, b"x")), ErrorCause.UNSUPPORTED_ATTRIBUTE),
        ((A1, A1), ErrorCause.INVALID_REQUEST),
        ((A1, Attribute(Type.USER_NAME, b"")), ErrorCause.INVALID_REQUEST),
        ((A1, Attribute(Type.USER_NAME, b"\xff")), ErrorCause.INVALID_REQUEST),
        ((A1, text(Type.CALLING_STATION_ID, "a phone")), ErrorCause.INVALID_REQUEST),
        ((A1, Attribute(Type.FRAMED_IP_ADDRESS, b"10.77.0.11")), ErrorCause.INVALID_REQUEST),
        ((A1, text(Type.NAS_IDENTIFIER, "another")), ErrorCause.NAS_IDENTIFICATION_MISMATCH),
        ((A1, Attribute(Type.NAS_IP_ADDRESS, bytes((203, 0, 113, 9)))), ErrorCause.NAS_IDENTIFICATION_MISMATCH),
    ],
)
async def test_what_can_not_be_done_is_told_with_its_cause(
    house: House, attributes: Sequence[Attribute], cause: ErrorCause
) -> None:
    assert await house.ask(*attributes) == (NAK, cause)
    assert await house.states() == [OPEN, OPEN]


def vendors(vendor: int, kind: int, value: int) -> Attribute:
    held = bytes((kind, 6)) + value.to_bytes(4, "big")
    return Attribute(Type.VENDOR_SPECIFIC, vendor.to_bytes(4, "big") + held)


async def limits(house: House, number: int = 1) -> tuple[object, ...]:
    ask = f"SELECT session_s, idle_s, limit_bytes, up_kbit_s, down_kbit_s FROM sessions WHERE id = {number}"
    return tuple(await house.database.read(lambda sql: sql.execute(ask).fetchone()))


COA_ACK = (Code.COA_ACK, None)
LOW, HIGH, UP, DOWN = ((CHILLISPOT, 3), (CHILLISPOT, 23), (WISPR, 7), (WISPR, 8))


@pytest.mark.parametrize(
    ("attributes", "then"),
    [
        ((integer(Type.SESSION_TIMEOUT, 60),), (60, 900, None, None, None)),
        ((integer(Type.SESSION_TIMEOUT, 9000), integer(Type.IDLE_TIMEOUT, 300)), (9000, 300, None, None, None)),
        ((integer(Type.SESSION_TIMEOUT, 99_999), integer(Type.IDLE_TIMEOUT, 9999)), (10_000, 1800, None, None, None)),
        ((vendors(*LOW, 5), vendors(*HIGH, 2)), (7200, 900, (2 << 32) + 5, None, None)),
        ((vendors(*HIGH, 9),), (7200, 900, 8 << 32, None, None)),
        ((vendors(*UP, 512_000), vendors(*DOWN, 90_000_000)), (7200, 900, None, 512, 20_000)),
    ],
)
async def test_a_change_holds_in_store_and_kernel_and_never_above_the_profile(
    house: House, attributes: Sequence[Attribute], then: tuple[object, ...]
) -> None:
    house.clock.pass_s(50)
    house.kernel.send(PHONE, 10, 20)
    before = house.kernel.lasts[SessionId(1)]
    assert await house.ask(A1, *attributes, code=Code.COA_REQUEST) == COA_ACK
    assert await limits(house) == then and await limits(house, 2) == (7200, 900, None, None, None)
    session_s, *_, up, down = then
    assert isinstance(session_s, int)
    assert house.kernel.lasts[SessionId(1)] == (before if session_s == 7200 else session_s - 51 + 600)
    rates = [session.limits.rates for session in house.kernel.treated]
    assert rates == ([] if (up, down) == (None, None) else [Rates(512, 20_000)])
    assert house.kernel.send(PHONE, 1, 1) and await house.states() == [OPEN, OPEN]


async def test_a_time_that_is_over_by_the_change_ends_the_session_at_the_next_look(house: House) -> None:
    house.clock.pass_s(100)
    assert await house.ask(A1, integer(Type.SESSION_TIMEOUT, 60), code=Code.COA_REQUEST) == COA_ACK
    await meter(house.gate, Watch(60))
    assert await house.states() == [("closed", "session-timeout"), OPEN]
    again = await house.ask(A1, integer(Type.SESSION_TIMEOUT, 600), code=Code.COA_REQUEST)
    assert again == (Code.COA_NAK, ErrorCause.SESSION_NOT_FOUND)


@pytest.mark.parametrize(
    ("attributes", "cause"),
    [
        ((), ErrorCause.MISSING_ATTRIBUTE),
        ((text(Type.FILTER_ID, "child"),), ErrorCause.UNSUPPORTED_ATTRIBUTE),
        ((vendors(WISPR, 99, 1),), ErrorCause.UNSUPPORTED_ATTRIBUTE),
        ((Attribute(Type.VENDOR_SPECIFIC, b"x"),), ErrorCause.UNSUPPORTED_ATTRIBUTE),
        ((integer(Type.SESSION_TIMEOUT, 0),), ErrorCause.INVALID_ATTRIBUTE_VALUE),
        ((Attribute(Type.IDLE_TIMEOUT, b"60"),), ErrorCause.INVALID_ATTRIBUTE_VALUE),
        ((vendors(*UP, 0),), ErrorCause.INVALID_ATTRIBUTE_VALUE),
        ((integer(Type.SESSION_TIMEOUT, 60),) * 2, ErrorCause.INVALID_ATTRIBUTE_VALUE),
        ((integer(Type.SESSION_TIMEOUT, 60), text(Type.USER_NAME, "mai")), ErrorCause.SESSION_NOT_FOUND),
    ],
)
async def test_a_change_that_can_not_be_is_told_with_its_cause_and_changes_nothing(
    house: House, attributes: Sequence[Attribute], cause: ErrorCause
) -> None:
    assert await house.ask(A1, *attributes, code=Code.COA_REQUEST) == (Code.COA_NAK, cause)
    assert await limits(house) == (7200, 900, None, None, None) and await house.states() == [OPEN, OPEN]


async def test_a_change_of_a_user_without_a_time_could_be_played_back(house: House) -> None:
    named, half = text(Type.USER_NAME, "lan"), integer(Type.SESSION_TIMEOUT, 3600)
    refused = (Code.COA_NAK, ErrorCause.MISSING_ATTRIBUTE)
    assert await house.ask(named, half, code=Code.COA_REQUEST) == refused
    assert await house.ask(named, half, house.now(), code=Code.COA_REQUEST) == COA_ACK
    assert [(await limits(house, number))[0] for number in (1, 2)] == [3600, 3600]


async def test_ours_by_name_and_address_with_everything_proved(house: House) -> None:
    named = text(Type.NAS_IDENTIFIER, "sa-thay"), Attribute(Type.NAS_IP_ADDRESS, bytes((203, 0, 113, 2)))
    proxied = Attribute(Type.PROXY_STATE, b"by the proxy")
    data = proved_request(Code.DISCONNECT_REQUEST, 9, (A1, *named, house.now(), proxied), SECRET)
    told = await house.orders.answer(data, PEER, "203.0.113.2")
    assert told is not None
    assert decode(told).code == Code.DISCONNECT_ACK and decode(told).all_of(Type.PROXY_STATE) == (b"by the proxy",)


@pytest.mark.parametrize("off_s", [-WINDOW_S - 1, WINDOW_S + 1])
async def test_an_order_of_another_time_gets_no_answer(house: House, off_s: int) -> None:
    at = instant(house.clock.now() + timedelta(seconds=off_s))
    data = signed_request(Code.DISCONNECT_REQUEST, 1, (text(Type.USER_NAME, "lan"), at), SECRET)
    assert await house.orders.answer(data, PEER) is None
    assert await house.states() == [OPEN, OPEN]


async def test_a_packet_sent_again_gets_its_old_answer_and_nothing_is_done_again(house: House) -> None:
    data = signed_request(Code.DISCONNECT_REQUEST, 1, (text(Type.USER_NAME, "lan"), house.now()), SECRET)
    first = await house.orders.answer(data, PEER)
    await house.admit(PHONE, "lan", "c3")
    assert await house.orders.answer(data, PEER) == first  # played back at once
    house.clock.pass_s(WINDOW_S + 1)
    assert await house.orders.answer(data, ("192.0.2.5", 4001)) is None  # and later, from another port
    assert await house.states() == [ENDED, ENDED, OPEN]


@pytest.mark.parametrize("peer", [("192.0.2.6", 4000), ("::1", 4000)])
async def test_strangers_get_no_answer(house: House, peer: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    data = signed_request(Code.DISCONNECT_REQUEST, 1, (A1,), SECRET)
    assert await house.orders.answer(data, peer) is None
    assert await house.orders.answer(signed_request(Code.DISCONNECT_REQUEST, 1, (A1,), b"guessed"), PEER) is None
    assert await house.orders.answer(signed_request(Code.ACCOUNTING_REQUEST, 1, (A1,), SECRET), PEER) is None
    assert await house.orders.answer(b"", PEER) is None
    assert await house.orders.answer(data[:-1], PEER) is None
    assert capsys.readouterr().err.count("radius.order_ignored") == 1
    assert await house.states() == [OPEN, OPEN]


async def test_a_store_that_fails_is_told_as_such(house: House) -> None:
    await house.database.close()
    assert await house.ask(A1) == (NAK, ErrorCause.RESOURCES_UNAVAILABLE)


async def test_the_door_answers_over_a_socket_and_outlives_garbage(house: House) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    local = Orders({"127.0.0.1": SECRET}, "sa-thay", house.orders.disconnect, house.orders.change, house.clock)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    class Asker(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
            heard.put_nowait(data)

        def error_received(self, exc: Exception) -> None: ...

    door = OrderDoor(local)
    async with door.opened(port), asyncio.TaskGroup() as tasks:
        with pytest.raises(GatewayError, match=f"port {port} can't be had"):
            await OrderDoor(local).opened(port).__aenter__()
        serving = tasks.create_task(door.serve())
        asker, _ = await asyncio.get_running_loop().create_datagram_endpoint(Asker, remote_addr=("127.0.0.1", port))
        data = signed_request(Code.DISCONNECT_REQUEST, 1, (A1,), SECRET)
        told = None
        async with asyncio.timeout(5):
            while told is None:
                for garbage in (b"", b"\xff" * 4096, data[:-3]):
                    asker.sendto(garbage)
                asker.sendto(data)
                try:
                    async with asyncio.timeout(0.1):
                        told = await heard.get()
                except TimeoutError:
                    continue
        assert decode(told).code == Code.DISCONNECT_ACK
        asker.close()
        serving.cancel()
    assert await house.states() == [ENDED, OPEN]
