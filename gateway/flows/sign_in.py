"""Signing in: a claim -> verified -> held against today's limits -> admitted, or refused with what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timezone

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.device import Roster, Standing
from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.access.quota import Caps, Narrowing, Used, is_daily, limits_today, narrowed
from gateway.access.session import Cause, Limits, Session, State
from gateway.access.voucher import Redemption
from gateway.clock import local_day
from gateway.flows.admit import admit, redeem
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.hours import Hours
from gateway.flows.tries import Tries
from gateway.log import client_tag, event
from gateway.ports import NewSession, Terms, Verifier


@dataclass(frozen=True, slots=True)
class House:
    """What this library grants, and to whom."""

    profile: str
    """Of patrons whose login names none."""
    caps: Mapping[str, Caps]
    """By profile."""
    staff: frozenset[Mac]
    """Devices whose sessions are not counted."""
    ends_oldest: bool
    """What happens when a person has as many devices on as allowed: the oldest ends, or the new one is refused."""
    zone: timezone
    kiosk_idle_s: int = 600
    """The idle limit of the library's PCs: readers leave without ending their session (counting 2.4 B)."""

    def profile_of(self, *named: str | None) -> str:
        """The first profile named that there is; the site's own otherwise."""
        return next((name for name in named if name and name in self.caps), self.profile)


@dataclass(frozen=True, slots=True)
class Reception:
    """Where patrons sign in."""

    gate: Gate
    house: House
    verifiers: Mapping[Method, Verifier]
    """The methods that are offered, in the order they are."""
    pseudonym: Callable[[str], str]
    """A person's name as it is stored: keyed, always the same."""
    tries: Tries
    hours: Hours
    roster: Roster = field(default_factory=Roster)
    """The devices staff have said something of."""

    def is_barred(self, mac: Mac) -> bool:
        """Has staff shut the device out?"""
        return self.roster.standing(mac, self.gate.clock.now()) is Standing.BARRED

    def is_shut(self, mac: Mac) -> bool:
        """Is the library closed for this device?"""
        return self.hours.is_closed() and mac not in self.house.staff

    def longest_s(self) -> int:
        """The time the terms speak of: that of a session of the site's own profile."""
        return self.house.caps[self.house.profile].session_s


async def sign_in(reception: Reception, claim: Claim, terms: Terms) -> Session | Refused:
    """The device's session, its old one if it is online; or why not."""
    gate, house = reception.gate, reception.house
    if reception.is_barred(claim.mac):
        return Refused("barred")
    if reception.is_shut(claim.mac):
        return Refused("closed")
    verified = await _verified(reception, claim)
    if isinstance(verified, Refused):
        return verified
    device = reception.roster.known(claim.mac, gate.clock.now())
    is_kiosk = device is not None and device.standing is Standing.KIOSK
    profile = house.profile_of(device.profile if device else None, verified.profile)
    caps = narrowed(house.caps[profile], verified.narrowing)
    if is_kiosk:
        caps = narrowed(caps, Narrowing(idle_s=house.kiosk_idle_s))
    person = reception.pseudonym(verified.person) if verified.person else None
    key = person or (await gate.sessions.client_of(claim.mac) if is_daily(caps) else None)
    limits = await limits_now(reception, caps, key)
    if limits is None:
        return Refused("day_spent")
    redemption = None if verified.voucher is None else Redemption(verified.voucher, caps.devices)
    if person and not redemption and not await _has_room(gate, person, claim.mac, caps, ends_oldest=house.ends_oldest):
        return Refused("devices")
    counted = claim.mac not in house.staff
    kind = AccessKind.KIOSK if is_kiosk else claim.kind
    new = NewSession(
        claim.mac, kind, claim.method, profile, limits, terms, counted, person, verified.accounted, redemption
    )
    session = await (_redeemed(reception, new, caps) if redemption else admit(gate, new))
    return session if isinstance(session, Refused) else await unless_barred(reception, session)


async def _redeemed(reception: Reception, new: NewSession, caps: Caps) -> Session | Refused:
    """The store counts a voucher's devices: nobody is ended for one that turns out to be too late."""
    gate = reception.gate
    session = await redeem(gate, new)
    if session == Refused("devices") and reception.house.ends_oldest and new.person:
        await _has_room(gate, new.person, new.mac, caps, ends_oldest=True)
        session = await redeem(gate, new)
    return session


async def unless_barred(reception: Reception, session: Session) -> Session | Refused:
    """Staff may have barred the device while it was being let in: whoever comes second sees the other."""
    if not reception.is_barred(session.mac):
        return session
    await end(reception.gate, session, Cause.ADMIN_RESET)
    return Refused("barred")


async def limits_now(reception: Reception, caps: Caps, key: str | ClientId | None) -> Limits | None:
    """What a session may use today, of a person's pseudonym or a client; None when nothing is left."""
    return limits_today(caps, await _used_today(reception.gate, reception.house.zone, caps, key))


_NOTHING_TO_GUESS = (Method.TERMS, Method.APPROVAL)
"""Open to all even while somebody guesses codes from many MACs."""


async def _verified(reception: Reception, claim: Claim) -> Verified | Refused:
    verifier, tries = reception.verifiers.get(claim.method), reception.tries
    if verifier is None:
        return Refused("again")
    if claim.method in _NOTHING_TO_GUESS:
        return await verifier.verify(claim)
    begun = tries.begin(claim.mac)
    if begun is None:
        return Refused("tries")
    verified = await verifier.verify(claim)
    if isinstance(verified, Refused) and verified.key == WRONG:
        event("portal.login_refused", client=client_tag(claim.mac), method=claim.method)
    else:
        tries.give_back(begun)
    return verified


async def _used_today(gate: Gate, zone: timezone, caps: Caps, key: str | ClientId | None) -> Used:
    if key is None or not is_daily(caps):
        return Used()
    now = gate.clock.now()
    return (await gate.sessions.used_since(start_of_day(now, zone), now)).get(key, Used())


def start_of_day(now: datetime, zone: timezone) -> datetime:
    """Midnight of the site's day."""
    return datetime.combine(local_day(now, zone), time.min, tzinfo=zone)


async def _has_room(gate: Gate, person: str, mac: Mac, caps: Caps, *, ends_oldest: bool) -> bool:
    """Make room for one more device of a person, or say that there is none."""
    others = await _others(gate, person, mac)
    if caps.devices is None or len(others) < caps.devices:
        return True
    if not ends_oldest:
        return False
    for session in others[: len(others) - caps.devices + 1]:
        await end(gate, session, Cause.PORT_PREEMPTED)
    return True


async def _others(gate: Gate, person: str, mac: Mac) -> Sequence[Session]:
    live = [booked.session for booked in await gate.sessions.live_sessions()]
    return [each for each in live if each.person == person and each.mac != mac and each.state is State.OPEN]


class AcceptedTerms:
    """The Verifier of those who accept the terms, and need nothing else."""

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier."""
        return Verified()
