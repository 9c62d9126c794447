"""A name of the walled garden: opened before it is answered, closed when anything fails, and no way out for data."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import dnslib
import pytest

from gateway.accounting.counters import Epoch
from gateway.flows.day_bytes import DayBytes
from gateway.flows.garden import LONGEST_S, MOST_ADDRESSES, WalledGarden
from gateway.garden import Garden, GardenNames, serve_garden
from gateway.ports import IpAddress
from gateway.ports_garden import Found, GardenCount
from gateway.store.day_bytes import SqliteDayBytes
from gateway.store.db import Database
from tests.fakes import FakeClock

SYNTHETIC4, SYNTHETIC6 = IPv4Network("198.18.0.0/15"), IPv6Network("2001:db8:ffff::/64")
SITE, ELSEWHERE, CLIENT = "catalogue.example", "www.example.com", "10.77.0.11"
PLACE = IpAddress("198.51.100.11")


@dataclass(slots=True)
class FakeKernel:
    """What is open, and for how long; and what was said meanwhile."""

    opened: dict[IpAddress, int] = field(default_factory=dict)
    refuses: OSError | None = None
    moved: tuple[int, int] = (0, 0)

    async def open(self, addresses: Sequence[IpAddress], lasts_s: int) -> None:
        if self.refuses:
            raise self.refuses
        self.opened |= dict.fromkeys(addresses, lasts_s)

    async def counted(self) -> GardenCount:
        return GardenCount(Epoch("boot-1.1"), *self.moved, len(self.opened))


@dataclass(slots=True)
class FakeWorkers:
    """They answer every name alike."""

    found: Found | None = field(default_factory=lambda: Found((PLACE,), 300))
    asked: list[tuple[str, int]] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    many: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def look_up(self, name: str, family: int, profile: str) -> Found | None:
        assert profile == "adult"
        self.asked.append((name, family))
        if len(self.asked) == 49:
            self.many.set()
        await self.answers.wait()
        return self.found


@dataclass(slots=True)
class Held:
    """All of it."""

    kernel: FakeKernel
    workers: FakeWorkers
    clock: FakeClock
    walled: WalledGarden


@pytest.fixture
def held() -> Held:
    kernel, workers, clock = FakeKernel(), FakeWorkers(), FakeClock()
    names = [SITE, "wild.example"]
    return Held(
        kernel, workers, clock, WalledGarden(names, (SYNTHETIC4, SYNTHETIC6), "adult", 600, workers, kernel, clock)
    )


def test_it_holds_the_names_and_all_below_them(held: Held) -> None:
    for name in (SITE, f"static.{SITE}", f"a.b.{SITE}"):
        assert held.walled.holds(name)
    for name in ("example", f"not{SITE}", f"{SITE}.evil.example", "", "x"):
        assert not held.walled.holds(name)


@pytest.mark.parametrize(
    ("ttl_s", "told_s", "lasts_s"), [(0, 1, 601), (30, 30, 601), (900, 60, 901), (86400, 60, LONGEST_S + 1)]
)
async def test_an_address_stays_open_for_longer_than_its_answer_lives(
    held: Held, ttl_s: int, told_s: int, lasts_s: int
) -> None:
    held.workers.found = Found((PLACE,), ttl_s)
    assert await held.walled.open(SITE, 4, CLIENT) == Found((PLACE,), told_s)
    assert held.kernel.opened == {PLACE: lasts_s}


@pytest.mark.parametrize(
    "found",
    [
        None,
        Found((IpAddress("0.0.0.0"),), 30),
        Found((IpAddress("::"),), 30),
        Found((IpAddress("198.19.255.254"),), 30),
        Found((PLACE, IpAddress("2001:db8:ffff::1")), 30),
    ],
)
async def test_what_the_filter_refuses_stays_closed(held: Held, found: Found | None) -> None:
    held.workers.found = found
    assert await held.walled.open(SITE, 4, CLIENT) is None
    assert held.kernel.opened == {}


async def test_where_the_kernel_has_no_room_nothing_is_answered(held: Held) -> None:
    held.kernel.refuses = OSError(23, "Too many open files in system")
    assert await held.walled.open(SITE, 4, CLIENT) is None


async def test_a_name_without_addresses_in_a_family_opens_nothing_and_is_said_to_have_none(held: Held) -> None:
    held.workers.found = Found((), 30)
    assert await held.walled.open(SITE, 6, CLIENT) == Found((), 30)
    assert held.kernel.opened == {}


async def test_an_answer_opens_a_bounded_number_of_addresses(held: Held) -> None:
    held.workers.found = Found(tuple(IpAddress(f"192.0.2.{n}") for n in range(1, 200)), 30)
    found = await held.walled.open(SITE, 4, CLIENT)
    assert found is not None and len(found.addresses) == MOST_ADDRESSES == len(held.kernel.opened)


async def test_new_names_below_a_listed_one_are_few_and_known_ones_free(held: Held) -> None:
    async def asks(client: str, count: int, prefix: str) -> int:
        return sum([await held.walled.open(f"{prefix}{n}.wild.example", 4, client) is not None for n in range(count)])

    assert await asks(CLIENT, 200, "d") == 30
    assert await asks("10.77.0.12", 30, "d") == 30, "what another has made known"
    assert await held.walled.open(SITE, 4, CLIENT) is not None, "a listed name itself"
    held.clock.pass_s(30.5)
    assert await asks(CLIENT, 200, "e") == 10
    # a device with a thousand addresses gets no further than the house does
    assert sum([await asks(f"2001:db8:77::{n:x}", 30, f"f{n}-") for n in range(100)]) < 450


async def test_both_families_of_a_new_name_cost_one(held: Held) -> None:
    for n in range(30):
        for family in (4, 6):
            assert await held.walled.open(f"n{n}.wild.example", family, CLIENT) is not None


def _garden(held: Held) -> Garden:
    names = GardenNames("wifi.internal", ("10.77.0.1", "2001:db8:77::1"), {1: SYNTHETIC4, 28: SYNTHETIC6})
    return Garden(names, held.walled)


def _ask(port: int, name: str, qtype: str, *, tcp: bool) -> list[str]:
    question = dnslib.DNSRecord.question(name, qtype).pack()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as link:
        link.settimeout(5)
        link.connect(("127.0.0.1", port))
        link.send(struct.pack("!H", len(question)) + question if tcp else question)
        answer = link.recv(4096)
    return [str(record.rdata) for record in dnslib.DNSRecord.parse(answer[2:] if tcp else answer).rr]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_the_resolver_leads_open_names_on_and_others_to_the_portal(held: Held, tcp: bool) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    garden = _garden(held)
    async with serve_garden(garden, port):

        async def ask(name: str, qtype: str) -> list[str]:
            return await asyncio.to_thread(_ask, port, name, qtype, tcp=tcp)

        assert await ask(f"WWW.{SITE}", "A") == [PLACE]
        assert await ask(SITE, "TXT") == await ask(SITE, "HTTPS") == []
        assert await ask(ELSEWHERE, "A") == [garden.synthetic(ELSEWHERE)[0]]
        assert await ask("wifi.internal", "A") == ["10.77.0.1"]
        held.workers.found = None
        assert await ask(SITE, "A") == [garden.synthetic(SITE)[0]]
    assert held.workers.asked == [(f"www.{SITE}", 4), (SITE, 4)]
    assert f"www.{SITE}" in garden.asked_by([IpAddress("127.0.0.1")]), "after login it is led on as others are"


async def test_one_device_can_not_keep_all_lookups_busy(held: Held) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    held.workers.answers.clear()
    async with serve_garden(_garden(held), port):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        ):
            other.bind(("127.0.0.2", 0))
            for link, count in ((flood, 200), (other, 1)):
                link.setblocking(False)
                link.connect(("127.0.0.1", port))
                for _ in range(count):
                    link.send(dnslib.DNSRecord.question(SITE).pack())
            async with asyncio.timeout(5):
                await held.workers.many.wait()
            assert len(held.workers.asked) == 49, "48 of the flood, one of the other"
            held.workers.answers.set()
            async with asyncio.timeout(5):
                assert await asyncio.get_running_loop().sock_recv(other, 4096)


async def test_without_names_nothing_is_open() -> None:
    garden = Garden(GardenNames("wifi.internal", ("10.77.0.1",), {1: SYNTHETIC4}))
    query = garden.read(dnslib.DNSRecord.question(SITE).pack())
    assert not isinstance(query, bytes) and query is not None and not garden.is_open(query)


async def test_bytes_are_booked_once_by_day_over_restarts_and_new_tables(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "cong.sqlite")
    ledger, first, second = SqliteDayBytes(database, "garden"), date(2027, 3, 31), date(2027, 4, 1)
    try:
        for epoch, up, down, day in (
            ("a", 100, 1000, first),
            ("a", 100, 1000, first),  # the same again, as after a crash before the answer
            ("a", 150, 1500, second),
            ("b", 20, 30, second),  # the table was made anew
            ("b", 5, 30, second),  # somebody set a counter back
        ):
            await ledger.book(GardenCount(Epoch(epoch), up, down, 0), day)
        assert await ledger.booked(first) == (100, 1000)
        assert await ledger.booked(second) == (50 + 20 + 5, 500 + 30)
        assert await ledger.booked(date(2027, 4, 2)) == (0, 0)
    finally:
        await database.close()


async def test_the_days_bytes_are_told_with_those_of_this_moment(held: Held, tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "cong.sqlite")
    try:
        counted = DayBytes(held.kernel, SqliteDayBytes(database, "garden"), held.clock, timezone(timedelta(hours=7)))
        held.kernel.moved = (10, 20)
        await counted.book()
        held.kernel.moved = (11, 25)
        assert (await counted.today())[1] == (11, 25)
        held.clock.pass_s(86400)
        assert (await counted.today())[1] == (0, 0)
    finally:
        await database.close()
