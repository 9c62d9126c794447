"""What the journeys need of the edges, in the domain's words. No SQL, no netlink."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import NewType, Protocol

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.login import Accounted, Claim, Method, Refused, Verified
from gateway.access.quota import Used
from gateway.access.session import Limits, Session, SessionId, State
from gateway.access.timeline import Moment
from gateway.access.voucher import Redemption
from gateway.accounting.counters import Epoch, Reading

IpAddress = NewType("IpAddress", str)
"""Text of an IPv4 or IPv6 address."""
IpNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Granted:
    """One session as the kernel holds it."""

    session: SessionId
    mac: Mac | None
    """None when the client's entry is gone but counters are left: a close-out that was interrupted."""
    reading: Reading | None
    """None when one of the two counters is gone."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An address given by DHCP."""

    mac: Mac
    address: IPv4Address
    expires_at: int
    """UTC seconds."""
    left_s: int
    name: str = ""
    """What the device calls itself, letters, digits, "-" and "." alone; "" when it said nothing."""


class Firewall(Protocol):
    """The kernel's sets."""

    async def ensure(self) -> None:
        """Load the ruleset; sets and their counters stay if they are there."""

    async def grant(self, session: Session, lasts_s: int) -> None:
        """Let a session's packets pass, at its rates, for at most `lasts_s`; counters that are not there start at 0."""

    async def last(self, session: Session, lasts_s: int) -> None:
        """Let a granted session last so many seconds from now; its counters go on."""

    async def epoch(self) -> Epoch:
        """The table's present life."""

    async def cut(self, session: SessionId, mac: Mac) -> None:
        """Stop a session's packets and keep its counters."""

    async def read(self, session: SessionId) -> Reading | None:
        """One session's counters; None when the kernel has none."""

    async def read_all(self) -> Sequence[Granted]:
        """Every session the kernel holds."""

    async def remove(self, session: SessionId) -> Reading | None:
        """Take a session out; the counters' last values."""

    async def unmask(self, session: SessionId, real: Mapping[IpAddress, IpAddress]) -> None:
        """Lead a session's new connections from synthetic addresses to real ones, for a few minutes."""

    async def treat_anew(self, lasts_s: Mapping[Session, int]) -> None:
        """Treat granted sessions as their profile and their rates have it now; `lasts_s`: seconds each may last.

        None becomes strict that was not from its first packet: its device has answers we have not seen.
        """

    async def set_resolvers(self, networks: Sequence[IpNetwork]) -> None:
        """Refuse these networks, none of which overlaps another, to every client on every port."""

    async def learn(self, session: SessionId, addresses: Sequence[IpAddress]) -> None:
        """Let the device of a strict session reach addresses it is about to be answered; OSError when it can't be."""

    async def by_address(self) -> Mapping[SessionId, int]:
        """How often each strict session of the last hour tried addresses it was not answered; sums since its first."""

    async def set_leases(self, leases: Sequence[Lease]) -> None:
        """Give each of these addresses to its device alone while the lease lasts."""

    async def contested(self) -> Sequence[tuple[Mac, str]]:
        """(device, address) pairs of the last hour where a device used an address of another."""


class Leases(Protocol):
    """What DHCP has given out."""

    def read(self, now: datetime) -> Sequence[Lease]:
        """Leases in force."""


class AskedNames(Protocol):
    """What the garden was asked lately; in memory only."""

    def asked_by(self, addresses: Sequence[IpAddress]) -> Sequence[str]:
        """Names the holder of these addresses asked for in the last minutes."""

    def synthetic(self, name: str) -> Sequence[IpAddress]:
        """The addresses the garden gives for a name."""


class Resolver(Protocol):
    """The profile's own DNS workers."""

    async def addresses(self, name: str, profile: str) -> Sequence[IpAddress]:
        """Where a name leads for this profile; nothing when it is refused or unknown."""


class Neighbours(Protocol):
    """Who is on the library network."""

    async def mac_of(self, address: IpAddress) -> Mac | None:
        """The device that holds an address now."""

    async def addresses_of(self, mac: Mac) -> Sequence[IpAddress]:
        """All addresses a device is known by."""

    async def addresses_of_each(self, macs: Collection[Mac]) -> Mapping[Mac, Sequence[IpAddress]]:
        """The same of several devices, found in one look at the table."""


class Flows(Protocol):
    """The kernel's connection table."""

    async def forget(self, addresses: Sequence[IpAddress]) -> int:
        """Delete a client's connections, so that the next packet is judged anew; how many went."""

    def forget_soon(self, mac: Mac) -> None:
        """Of a device that was let in just now, within a quarter of a second, all its addresses: what began before.

        Nobody waits; what is of its session goes on.
        """

    async def hand_over(self, before: SessionId, after: SessionId) -> int:
        """Give a session's connections to the one that takes its place, so that they go on; how many went."""

    async def long_udp_flows(self) -> Mapping[SessionId, int]:
        """How many long, busy UDP flows to one peer each session has now: a VPN or a long call, nobody can tell."""


class Askers(Protocol):
    """Whose packets those are that the kernel led to a port of ours."""

    def session_of(self, protocol: int, box: tuple[IpAddress, int], client: tuple[IpAddress, int]) -> SessionId | None:
        """The session of a connection; `protocol` as IP has it, `box` the end of it here. None: it has none."""


class Refusals(Protocol):
    """Counts of what was refused, by profile and category."""

    def refused(self, profile: str, category: str, count: int) -> None:
        """Add to them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The text a patron accepts."""

    version: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a login wants stored."""

    mac: Mac
    kind: AccessKind
    method: Method
    profile: str
    limits: Limits
    terms: Terms | None
    """None: nobody was asked (equipment of the library)."""
    counted: bool
    person: str | None = None
    """Keyed pseudonym."""
    accounted: Accounted | None = None
    """Stored with the session: an account server is told of it."""
    redemption: Redemption | None = None
    """A voucher, redeemed with it."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A live session with its ledger's sum and the last reading in it."""

    session: Session
    boot_id: str
    base: Reading
    total_up_bytes: int
    total_down_bytes: int


class SessionStore(Protocol):
    """Clients, sessions, consents."""

    async def open_session(self, new: NewSession, at: datetime, boot_s: float, boot_id: str) -> tuple[Session, bool]:
        """Store a session and its consent; the client's live session and False if it has one already."""

    async def redeem(
        self, new: NewSession, at: datetime, boot_s: float, boot_id: str
    ) -> tuple[Session, bool] | Refused:
        """`open_session` with a voucher, in one transaction: what is left of it narrows the limits; or why not."""

    async def live_session(self, mac: Mac) -> Booked | None:
        """A client's open or closing session."""

    async def live_sessions(self) -> Sequence[Booked]:
        """All of them, by number."""

    async def save(self, session: Session, was: State) -> bool:
        """Store state, cause and end of a session that stood at `was`; False when another hand was quicker."""

    async def limit(self, session: Session, limits: Limits) -> bool:
        """Give an open session other limits; False when it ended meanwhile, or its limits are no longer those of
        `session`: another hand was quicker."""

    async def client_of(self, mac: Mac) -> ClientId | None:
        """The number of a device that was here before."""

    async def used_since(self, begin: datetime, now: datetime) -> Mapping[str | ClientId, Used]:
        """What each person, and each client that told no person, has used since `begin`, as far as it is booked."""

    async def moments_of(self, mac: Mac, since: datetime) -> Sequence[Moment]:
        """When a device's sessions were opened, moved their first bytes and ended, since then."""

    async def splash_seen(self, mac: Mac, at: datetime) -> None:
        """A splash page was shown: one attempt a client and 30 minutes (counting 2.7, 4)."""

    async def refusal_shown(self, mac: Mac, key: str, at: datetime) -> None:
        """A page told a refusal: the attempt, its first or the running one, is rejected unless an admission follows."""


class Verifier(Protocol):
    """Who says whether a claim of one method holds."""

    async def verify(self, claim: Claim) -> Verified | Refused:
        """Ask; a source of accounts that does not answer is a refusal that says so."""


class UsageStore(Protocol):
    """The ledger."""

    async def book(self, readings: Sequence[Reading], at: datetime, *, closing: bool = False) -> None:
        """Append what moved since each session's base and make the reading its new base, in one transaction.

        A reading taken before the base's is left out, so the same or crossing calls never count a byte twice.
        """

    async def rebase(self, sessions: Sequence[SessionId], epoch: Epoch, boot_s: float) -> None:
        """The kernel was seen without these sessions' counters at `boot_s`: in this epoch they start at 0."""
