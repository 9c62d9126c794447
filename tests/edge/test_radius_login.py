"""Names of an account server: asked over true datagrams, over a true SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.access.client import Mac
from gateway.access.login import WRONG, Claim, Method, Refused
from gateway.access.quota import Caps
from gateway.access.session import Session
from gateway.flows.gate import Gate
from gateway.flows.sign_in import Reception, sign_in
from gateway.flows.tries import MOST_OF_ONE
from gateway.ports import IpAddress
from gateway.radius.auth import Nas, RadiusAccounts
from gateway.radius.link import Link, Server, Servers, Timing
from gateway.radius.values import WISPR, integer, number_of, text, text_of
from gateway.radius.wire import Attribute, Code, Packet, Type, chap_password, encode, response, reveal_password
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE
from tests.edge.radius_server import SECRET, ScriptedServer, accepts, scripted, silent
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import CAPS, TERMS, reception

PROFILES = frozenset({"adult", "child"})
QUICK = Timing(0.05, 3, 60)
NAS = Nas("sa-thay", "02-00-5E-00-00-01")


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    database: Database
    made: list[Servers] = field(default_factory=list)

    def accounts(self, *servers: ScriptedServer, chap: bool = False, timing: Timing = QUICK) -> RadiusAccounts:
        links = [Link(Server("127.0.0.1", each.port, SECRET, True), timing, self.clock) for each in servers]
        self.made.append(Servers(links, timing, self.clock))
        return RadiusAccounts(self.made[-1], NAS, self.gate.neighbours, PROFILES, None, chap)

    def desk(self, accounts: RadiusAccounts) -> Reception:
        caps = {"adult": CAPS, "child": Caps(3600, 900)}
        return reception(self.gate, caps, {Method.RADIUS: accounts})

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.database.read(lambda sql: sql.execute(query).fetchall())]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    neighbours = FakeNeighbours(
        {
            IpAddress("10.77.0.11"): PHONE,
            IpAddress("2001:db8:77::11"): PHONE,
            IpAddress("fe80::1"): PHONE,
        }
    )
    sessions, usage = SqliteSessions(database), SqliteUsage(database)
    gate = Gate(clock, FakeFirewall(clock), neighbours, FakeConnections(), sessions, usage, 600)
    found = House(gate, clock, database)
    yield found
    for servers in found.made:
        servers.close()
    await database.close()


def claim(name: str = "lan", password: str = "thư viện", mac: Mac = PHONE) -> Claim:
    return Claim(mac, Method.RADIUS, {"name": name, "password": password})


def wispr(kind: int, value: int) -> Attribute:
    held = bytes((kind, 6)) + value.to_bytes(4, "big")
    return Attribute(Type.VENDOR_SPECIFIC, WISPR.to_bytes(4, "big") + held)


async def test_what_is_granted_stands_in_the_ledger_and_what_was_asked_was_whole(house: House) -> None:
    granted = (
        integer(Type.SESSION_TIMEOUT, 1800),
        integer(Type.IDLE_TIMEOUT, 300),
        text(Type.FILTER_ID, "child"),
        Attribute(Type.CLASS, b"\x00\xff"),
        Attribute(Type.CLASS, b"two"),
        integer(Type.ACCT_INTERIM_INTERVAL, 5),  # below what RFC 2869 allows
        wispr(7, 512_000),
        wispr(8, 2_048_000),
    )
    async with scripted(accepts(*granted)) as server:
        session = await sign_in(house.desk(house.accounts(server)), claim(), TERMS)
        assert isinstance(session, Session)
        (asked,) = server.came
    columns = "method, profile, person, session_s, idle_s, up_kbit_s, down_kbit_s"
    assert await house.rows(f"SELECT {columns} FROM sessions") == [
        ("radius", "child", "person of radius lan", 1800, 300, 512, 2048)
    ]
    (row,) = await house.rows("SELECT user_name, acct_session_id, classes, interim_s, started FROM radius_sessions")
    assert row == ("lan", text_of(asked, Type.ACCT_SESSION_ID), '["00ff", "74776f"]', 60, 0)
    hidden = asked.first(Type.USER_PASSWORD)
    assert hidden and reveal_password(hidden, asked.authenticator, SECRET) == "thư viện".encode()
    assert asked.attributes[0].type == Type.MESSAGE_AUTHENTICATOR
    assert (text_of(asked, Type.USER_NAME), text_of(asked, Type.NAS_IDENTIFIER)) == ("lan", "sa-thay")
    assert text_of(asked, Type.CALLING_STATION_ID) == "02-00-5E-10-00-01"
    assert text_of(asked, Type.CALLED_STATION_ID) == "02-00-5E-00-00-01"
    assert asked.first(Type.NAS_IP_ADDRESS) == bytes((127, 0, 0, 1))
    assert asked.first(Type.FRAMED_IP_ADDRESS) == bytes((10, 77, 0, 11))
    assert len(asked.all_of(Type.FRAMED_IPV6_ADDRESS)) == 1 and number_of(asked, Type.NAS_PORT_TYPE) == 19


async def test_an_unknown_filter_id_and_zero_rates_change_nothing(house: House) -> None:
    async with scripted(accepts(text(Type.FILTER_ID, "std.ppp"), wispr(7, 0))) as server:
        await sign_in(house.desk(house.accounts(server)), claim(), TERMS)
    assert await house.rows("SELECT profile, session_s, up_kbit_s FROM sessions") == [("adult", 7200, None)]


async def test_a_session_time_of_nothing_lets_nobody_in(house: House) -> None:
    async with scripted(accepts(integer(Type.SESSION_TIMEOUT, 0))) as server:
        assert await sign_in(house.desk(house.accounts(server)), claim(), TERMS) == Refused("day_spent")


async def test_chap_proves_the_password_without_it(house: House) -> None:
    async with scripted(accepts()) as server:
        await house.accounts(server, chap=True).verify(claim(password="secret"))
        (asked,) = server.came
    challenge, proof = asked.first(Type.CHAP_CHALLENGE), asked.first(Type.CHAP_PASSWORD)
    assert challenge and proof and asked.first(Type.USER_PASSWORD) is None
    assert proof == chap_password(proof[0], b"secret", challenge)


@pytest.mark.parametrize("code", [Code.ACCESS_REJECT, Code.ACCESS_CHALLENGE])
async def test_a_rejects_message_is_cut_and_made_printable(house: House, code: Code) -> None:
    told = (Attribute(Type.REPLY_MESSAGE, b"Th\xe1\xba\xbb\x07\n <b>h\xff"), text(Type.REPLY_MESSAGE, "x" * 250))
    async with scripted(lambda _: (code, told)) as server:
        refused = await sign_in(house.desk(house.accounts(server)), claim(), TERMS)
    assert isinstance(refused, Refused) and refused.key == WRONG
    assert refused.said.startswith("Thẻ <b>h xxx") and len(refused.said) == 200 and refused.said.isprintable()
    assert await house.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_lost_packet_is_sent_again_as_it_was(house: House) -> None:
    async with scripted(silent) as server:
        yes = accepts()
        server.script = lambda packet: yes(packet) if len(server.came) == 3 else None
        assert isinstance(await sign_in(house.desk(house.accounts(server)), claim(), TERMS), Session)
        assert len(server.raw) == 3 and len(set(server.raw)) == 1


async def test_no_answer_is_said_so_and_is_no_wrong_try(house: House) -> None:
    async with scripted(silent) as server:
        desk = house.desk(house.accounts(server, timing=Timing(0.01, 1, 60)))
        for _ in range(MOST_OF_ONE + 1):
            assert await sign_in(desk, claim(), TERMS) == Refused("account_server")
        server.script = accepts()
        assert isinstance(await sign_in(desk, claim(), TERMS), Session)


def _forgeries(packet: Packet) -> Sequence[bytes]:
    """What somebody on the way could send: other secrets, no proof, another request's answer, garbage."""
    unproved = encode(Packet(Code.ACCESS_ACCEPT, packet.identifier, packet.authenticator))
    other = Packet(packet.code, packet.identifier, bytes(16), packet.attributes)
    return (
        response(Code.ACCESS_ACCEPT, packet, [], b"not the secret"),
        response(Code.ACCESS_ACCEPT, other, [], SECRET),
        response(Code.ACCESS_ACCEPT, packet, [Attribute(Type.PROXY_STATE, b"blast")], SECRET),
        unproved,
        b"",
        b"\xff" * 4096,
    )


async def test_forged_answers_neither_open_nor_end_anything(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    async with scripted(lambda _: (Code.ACCESS_REJECT, ())) as server:
        server.forge = _forgeries
        assert await sign_in(house.desk(house.accounts(server)), claim(), TERMS) == Refused(WRONG)
        server.script = silent
        assert await sign_in(house.desk(house.accounts(server)), claim(), TERMS) == Refused("account_server")
    assert await house.rows("SELECT count(*) FROM sessions") == [(0,)]
    assert capsys.readouterr().err.count("radius.answer_refused") == 2  # once a minute and link


async def test_a_silent_server_is_passed_over_until_it_has_rested(house: House) -> None:
    async with scripted(silent) as first, scripted(accepts()) as second:
        accounts = house.accounts(first, second, timing=Timing(0.02, 2, 60))
        for _ in range(3):
            assert not isinstance(await accounts.verify(claim()), Refused)
        assert (len(first.came), len(second.came)) == (2, 3)
        house.clock.pass_s(61)
        first.script = accepts()
        assert not isinstance(await accounts.verify(claim()), Refused)
        assert (len(first.came), len(second.came)) == (3, 3)


async def test_a_server_that_is_not_there_costs_the_time_and_no_more(house: House) -> None:
    async with scripted(accepts()) as gone:
        pass
    async with scripted(accepts()) as second:
        assert not isinstance(await house.accounts(gone, second).verify(claim()), Refused)


async def test_a_server_may_be_reached_over_ipv6(house: House) -> None:
    async with scripted(accepts(), "::1") as server:
        links = [Link(Server("::1", server.port, SECRET, True), QUICK, house.clock)]
        house.made.append(Servers(links, QUICK, house.clock))
        accounts = RadiusAccounts(house.made[-1], NAS, house.gate.neighbours, PROFILES, None, False)
        assert not isinstance(await accounts.verify(claim()), Refused)
        (asked,) = server.came
    assert asked.first(Type.NAS_IPV6_ADDRESS) == bytes(15) + b"\x01" and asked.first(Type.NAS_IP_ADDRESS) is None


async def test_after_silence_the_next_question_comes_from_a_new_socket(house: House) -> None:
    ports: list[object] = []
    async with scripted(silent) as server:
        server.heard_from = ports.append
        accounts = house.accounts(server, timing=Timing(0.01, 1, 60))
        await accounts.verify(claim())
        await accounts.verify(claim())
        assert len(set(ports)) == 2  # the line may have given the box another address


async def test_six_hundred_at_once_take_turns_on_the_identifiers_of_one_socket(house: House) -> None:
    ports: set[object] = set()
    macs = [Mac(f"02:00:5e:20:{n >> 8:02x}:{n & 255:02x}") for n in range(600)]
    async with scripted(accepts()) as server:
        server.heard_from = lambda address: ports.add(address)
        accounts = house.accounts(server, timing=Timing(0.5, 5, 60))  # a burst may overflow a socket: asked again
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(accounts.verify(claim(f"user{n}", mac=mac))) for n, mac in enumerate(macs)]
        assert not any(isinstance(each.result(), Refused) for each in asked)
        assert len({text_of(packet, Type.USER_NAME) for packet in server.came}) == 600
        assert len({packet.identifier for packet in server.came}) == 256 and len(ports) == 1


async def test_a_device_can_not_try_many_passwords_at_once(house: House) -> None:
    async with scripted(lambda _: (Code.ACCESS_REJECT, ())) as server:
        desk = house.desk(house.accounts(server))
        tried = await asyncio.gather(*(sign_in(desk, claim(password=f"p{n}"), TERMS) for n in range(50)))
        assert len(server.came) == 2 and sum(each == Refused("tries") for each in tried) == 48
        assert await sign_in(desk, claim(), TERMS) == Refused(WRONG)


@pytest.mark.parametrize(
    ("name", "password"),
    [("", "x"), ("lan", ""), ("lan", "x" * 129), ("lan", "a\0b"), ("a\nb", "x"), ("ă" * 127, "x")],
)
async def test_what_can_not_travel_is_wrong_and_is_not_sent(house: House, name: str, password: str) -> None:
    async with scripted(accepts()) as server:
        assert await house.accounts(server).verify(claim(name, password)) == Refused(WRONG)
        assert server.came == []


async def test_a_double_click_is_one_session_told_once(house: House) -> None:
    async with scripted(accepts()) as server:
        desk = house.desk(house.accounts(server))
        both = await asyncio.gather(sign_in(desk, claim(), TERMS), sign_in(desk, claim(), TERMS))
    assert both[0] == both[1]
    assert await house.rows("SELECT (SELECT count(*) FROM sessions), count(*) FROM radius_sessions") == [(1, 1)]
