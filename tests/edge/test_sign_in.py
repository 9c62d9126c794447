"""Signing in over a true SQLite file: who it is, what is left of the day, how many devices."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.access.client import Mac
from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.access.quota import AS_IT_IS, Caps, Narrowing
from gateway.access.session import Cause, Session
from gateway.flows.day_limits import end_spent
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.sign_in import AcceptedTerms, Reception, sign_in
from gateway.flows.tries import MOST_OF_ALL, MOST_OF_ONE, WITHIN_S
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import CAPS, TERMS, reception

LAPTOP = Mac("02:00:5e:10:00:03")


class Names:
    """A Verifier that knows a few names."""

    def __init__(self, known: Mapping[str, Verified]) -> None:
        self.known = known

    async def verify(self, claim: Claim) -> Verified | Refused:
        return self.known.get(claim.typed.get("name", ""), Refused(WRONG))


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    database: Database

    def desk(self, caps: Caps, by: Narrowing = AS_IT_IS, *, ends_oldest: bool = True) -> Reception:
        lan = Verified("account lan", "adult", by)
        return reception(self.gate, {"adult": caps}, {Method.ACCOUNT: Names({"lan": lan})}, ends_oldest=ends_oldest)

    async def causes(self) -> list[str | None]:
        rows = await self.database.read(lambda sql: sql.execute("SELECT cause FROM sessions ORDER BY id").fetchall())
        return [row["cause"] for row in rows]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    gate = Gate(
        clock, kernel, FakeNeighbours(), FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600
    )
    yield House(gate, clock, kernel, database)
    await database.close()


async def claim(desk: Reception, mac: Mac = PHONE, name: str = "lan") -> Session | Refused:
    return await sign_in(desk, Claim(mac, Method.ACCOUNT, {"name": name}), TERMS)


async def opened(desk: Reception, mac: Mac = PHONE) -> Session:
    session = await claim(desk, mac)
    assert isinstance(session, Session)
    return session


async def test_the_ledger_says_method_person_terms_and_limits(house: House) -> None:
    session = await opened(house.desk(CAPS, Narrowing(session_s=600, session_bytes=5000, down_kbit_s=512)))
    (row,) = await house.database.read(
        lambda sql: sql.execute(
            "SELECT method, person, profile, session_s, limit_bytes, up_kbit_s, down_kbit_s, terms_version"
            " FROM sessions JOIN consents ON session_id = id"
        ).fetchall()
    )
    assert tuple(row) == ("account", "person of account lan", "adult", 600, 5000, None, 512, TERMS.version)
    assert session.limits.rates.down_kbit_s == 512


async def test_an_unoffered_method_opens_nothing(house: House) -> None:
    assert await sign_in(house.desk(CAPS), Claim(PHONE, Method.TERMS), TERMS) == Refused("again")
    assert await house.causes() == []


async def test_a_session_ends_when_its_data_is_used_up(house: House) -> None:
    desk = house.desk(CAPS, Narrowing(session_bytes=1000))
    await opened(desk)
    watch = Watch(60, house.clock.boot_s())
    house.kernel.send(PHONE, 400, 500)
    await meter(house.gate, watch)
    assert await house.causes() == [None]
    house.kernel.send(PHONE, 50, 60)
    await meter(house.gate, watch)
    assert await house.causes() == [Cause.NAS_REQUEST]
    assert not house.kernel.send(PHONE, 1, 1)


async def test_the_second_session_of_a_day_gets_what_the_first_left(house: House) -> None:
    desk = house.desk(Caps(7200, 7200, day_s=9000, day_bytes=1000))
    await opened(desk)
    house.kernel.send(PHONE, 300, 300)
    house.clock.pass_s(7200)
    await meter(house.gate, Watch(0, 0.0))
    again = await opened(desk, TABLET)  # the same person with another device
    assert (again.limits.session_s, again.limits.total_bytes) == (1800, 400)
    house.kernel.send(TABLET, 200, 200)
    await book_all(house.gate, Watch(60))
    await end_spent(desk)
    assert await house.causes() == [Cause.SESSION_TIMEOUT, Cause.NAS_REQUEST]
    assert await claim(desk, LAPTOP) == Refused("day_spent")


async def test_a_new_day_begins_at_the_sites_midnight(house: House) -> None:
    desk = house.desk(Caps(7200, 7200, day_s=7200))
    await opened(desk)
    house.clock.pass_s(7200)
    await meter(house.gate, Watch(0, 0.0))
    assert await claim(desk) == Refused("day_spent")
    house.clock.pass_s(14 * 3600)  # the fake clock stands at 8 in the morning at first
    assert (await opened(desk)).limits.session_s == 7200


async def test_the_oldest_device_makes_room_or_the_new_one_waits(house: House) -> None:
    desk = house.desk(Caps(7200, 900, devices=2))
    for mac in (PHONE, TABLET, LAPTOP):
        await opened(desk, mac)
    assert await house.causes() == [Cause.PORT_PREEMPTED, None, None]
    refusing = house.desk(Caps(7200, 900, devices=2), ends_oldest=False)
    assert await claim(refusing, PHONE) == Refused("devices")
    assert isinstance(await claim(refusing, LAPTOP), Session)  # it is on already: a second click is the same session


async def test_wrong_tries_of_a_device_are_heard_no_more_and_others_are(house: House) -> None:
    desk = house.desk(CAPS)
    for _ in range(MOST_OF_ONE):
        assert await claim(desk, PHONE, "mai") == Refused(WRONG)
    assert await claim(desk, PHONE) == Refused("tries")
    assert isinstance(await claim(desk, TABLET), Session)
    house.clock.pass_s(WITHIN_S + 1)
    assert isinstance(await claim(desk, PHONE), Session)


async def test_codes_are_guarded_against_many_macs(house: House) -> None:
    desk = house.desk(CAPS)
    macs = [Mac(f"02:00:5e:20:{n >> 8:02x}:{n & 255:02x}") for n in range(MOST_OF_ALL)]
    for mac in macs:
        await claim(desk, mac, "mai")
    assert await claim(desk, PHONE) == Refused("tries")
    desk.verifiers[Method.TERMS] = AcceptedTerms()  # type: ignore[index]
    assert isinstance(await sign_in(desk, Claim(PHONE, Method.TERMS), TERMS), Session)


class Slow:
    """A Verifier that answers when it is told to, as one that asks a server does."""

    def __init__(self, answer: Verified | Refused) -> None:
        self.answer, self.asked, self.told = answer, 0, asyncio.Event()

    async def verify(self, claim: Claim) -> Verified | Refused:
        self.asked += 1
        await self.told.wait()
        return self.answer


@pytest.mark.parametrize("answer", [Refused(WRONG), Refused("account_server"), Verified("account lan", "adult")])
async def test_tries_that_wait_for_their_answer_are_counted(house: House, answer: Verified | Refused) -> None:
    slow = Slow(answer)
    desk = reception(house.gate, {"adult": CAPS}, {Method.ACCOUNT: slow})
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(claim(desk)) for _ in range(MOST_OF_ONE * 3)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        asked = slow.asked
        slow.told.set()
    assert asked == MOST_OF_ONE
    answers = [each.result() for each in waiting]
    assert sum(each == Refused("tries") for each in answers) == MOST_OF_ONE * 2
    assert (await claim(desk) == Refused("tries")) is (answer == Refused(WRONG))
