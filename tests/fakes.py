"""Fakes for ports. The firewall's passes the same contract as the kernel's (tests/contracts.py)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.access.client import Mac
from gateway.access.session import Session, SessionId
from gateway.accounting.counters import Epoch, Reading
from gateway.ports import Granted, IpAddress, IpNetwork, Lease


@dataclass(slots=True)
class FakeClock:
    """A clock that stands until it is moved. The wall clock can be set apart from the boot clock."""

    wall: datetime = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
    boot: float = 1000.0
    boot_name: str = "boot-1"

    def now(self) -> datetime:
        return self.wall

    def boot_s(self) -> float:
        self.boot += 0.000001  # two looks are never at the same moment
        return self.boot

    def boot_id(self) -> str:
        return self.boot_name

    def pass_s(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.boot += seconds

    def reboot(self) -> None:
        self.boot, self.boot_name = 10.0, self.boot_name + "x"


@dataclass(slots=True)
class FakeFirewall:
    """The kernel's sets as dictionaries."""

    clock: FakeClock
    life: int = 1
    sess: dict[Mac, SessionId] = field(default_factory=dict)
    up: dict[SessionId, int] = field(default_factory=dict)
    down: dict[SessionId, int] = field(default_factory=dict)
    shut: set[SessionId] = field(default_factory=set)
    lasts: dict[SessionId, int] = field(default_factory=dict)
    leases: list[Lease] = field(default_factory=list)
    unmasked: dict[tuple[SessionId, IpAddress], IpAddress] = field(default_factory=dict)
    contests: list[tuple[Mac, str]] = field(default_factory=list)
    treated: dict[Session, int] = field(default_factory=dict)
    resolvers: Sequence[IpNetwork] = ()
    learned: list[tuple[SessionId, IpAddress]] = field(default_factory=list)
    tried: dict[SessionId, int] = field(default_factory=dict)

    def send(self, mac: Mac, up: int, down: int) -> bool:
        """A device's packets; whether they passed."""
        number = self.sess.get(mac)
        if number is None or number not in self.up or number in self.shut:
            return False
        self.up[number] += up
        self.down[number] += down
        return True

    def flush(self) -> None:
        """Another program wiped the table."""
        self.life += 1
        for held in (self.sess, self.up, self.down, self.shut, self.lasts):
            held.clear()

    async def ensure(self) -> None: ...

    async def epoch(self) -> Epoch:
        return Epoch(f"{self.clock.boot_name}.{self.life}")

    async def grant(self, session: Session, lasts_s: int) -> None:
        self.sess[session.mac] = session.id
        self.up.setdefault(session.id, 0)
        self.down.setdefault(session.id, 0)
        self.lasts[session.id] = lasts_s

    async def last(self, session: Session, lasts_s: int) -> None:
        if session.id in self.lasts and session.id not in self.shut:
            self.lasts[session.id] = lasts_s

    async def cut(self, session: SessionId, mac: Mac) -> None:
        self.shut.add(session)
        if self.sess.get(mac) == session:
            del self.sess[mac]

    async def read(self, session: SessionId) -> Reading | None:
        if session not in self.up or session not in self.down:
            return None
        return Reading(session, await self.epoch(), self.clock.boot_s(), self.up[session], self.down[session])

    async def read_all(self) -> Sequence[Granted]:
        macs = {number: mac for mac, number in self.sess.items()}
        return [
            Granted(number, macs.get(number), await self.read(number))
            for number in sorted({*self.up, *self.down, *macs})
        ]

    async def remove(self, session: SessionId) -> Reading | None:
        last = await self.read(session)
        self.up.pop(session, None)
        self.down.pop(session, None)
        self.shut.discard(session)
        return last

    async def unmask(self, session: SessionId, real: Mapping[IpAddress, IpAddress]) -> None:
        self.unmasked |= {(session, synthetic): address for synthetic, address in real.items()}

    async def treat_anew(self, lasts_s: Mapping[Session, int]) -> None:
        self.treated |= lasts_s

    async def set_resolvers(self, networks: Sequence[IpNetwork]) -> None:
        self.resolvers = networks

    async def learn(self, session: SessionId, addresses: Sequence[IpAddress]) -> None:
        self.learned += [(session, address) for address in addresses]

    async def by_address(self) -> Mapping[SessionId, int]:
        return dict(self.tried)

    async def set_leases(self, leases: Sequence[Lease]) -> None:
        self.leases += leases

    async def contested(self) -> Sequence[tuple[Mac, str]]:
        return self.contests


@dataclass(slots=True)
class FakeNeighbours:
    """A neighbour table that is written by hand."""

    table: dict[IpAddress, Mac] = field(default_factory=dict)

    async def mac_of(self, address: IpAddress) -> Mac | None:
        return self.table.get(address)

    async def addresses_of(self, mac: Mac) -> Sequence[IpAddress]:
        return [address for address, holder in self.table.items() if holder == mac]

    async def addresses_of_each(self, macs: Collection[Mac]) -> Mapping[Mac, Sequence[IpAddress]]:
        return {mac: await self.addresses_of(mac) for mac in macs}


@dataclass(slots=True)
class FakeConnections:
    """Remembers whose connections were forgotten."""

    forgotten: list[tuple[IpAddress, ...]] = field(default_factory=list)
    forgotten_soon: list[Mac] = field(default_factory=list)
    handed_over: list[tuple[SessionId, SessionId]] = field(default_factory=list)

    async def forget(self, addresses: Sequence[IpAddress]) -> int:
        self.forgotten.append(tuple(addresses))
        return 0

    def forget_soon(self, mac: Mac) -> None:
        self.forgotten_soon.append(mac)

    async def hand_over(self, before: SessionId, after: SessionId) -> int:
        self.handed_over.append((before, after))
        return 0

    async def long_udp_flows(self) -> Mapping[SessionId, int]:
        return {}
