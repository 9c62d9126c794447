"""Signing in: a claim -> verified -> held against today's limits -> admitted, or refused with what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timezone

from gateway.access.client import Mac
from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.access.quota import Caps, Used, limits_today, narrowed
from gateway.access.session import Cause, Session, State
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

    def longest_s(self) -> int:
        """The time the terms speak of: that of a session of the site's own profile."""
        return self.house.caps[self.house.profile].session_s


async def sign_in(reception: Reception, claim: Claim, terms: Terms) -> Session | Refused:
    """The device's session, its old one if it is online; or why not."""
    gate, house = reception.gate, reception.house
    if reception.hours.is_closed() and claim.mac not in house.staff:
        return Refused("closed")
    verified = await _verified(reception, claim)
    if isinstance(verified, Refused):
        return verified
    profile = verified.profile or house.profile
    caps = narrowed(house.caps[profile], verified.narrowing)
    person = reception.pseudonym(verified.person) if verified.person else None
    limits = limits_today(caps, await _used_today(gate, house.zone, caps, person, claim.mac))
    if limits is None:
        return Refused("day_spent")
    if person and not await _has_room(gate, person, claim.mac, caps, ends_oldest=house.ends_oldest):
        return Refused("devices")
    counted = claim.mac not in house.staff
    new = NewSession(claim.mac, claim.kind, claim.method, profile, limits, terms, counted, person, verified.voucher)
    return await (admit if new.voucher is None else redeem)(gate, new)


async def _verified(reception: Reception, claim: Claim) -> Verified | Refused:
    verifier, tries = reception.verifiers.get(claim.method), reception.tries
    if verifier is None:
        return Refused("again")
    if not tries.may_try(claim.mac):
        return Refused("tries")
    verified = await verifier.verify(claim)
    if isinstance(verified, Refused) and verified.key == WRONG:
        tries.failed(claim.mac)
        event("portal.login_refused", client=client_tag(claim.mac), method=claim.method)
    return verified


async def _used_today(gate: Gate, zone: timezone, caps: Caps, person: str | None, mac: Mac) -> Used:
    if caps.day_s is None and caps.day_bytes is None:
        return Used()
    now = gate.clock.now()
    used = await gate.sessions.used_since(start_of_day(now, zone), now)
    client = await gate.sessions.client_of(mac)
    key = person or client
    return Used() if key is None else used.get(key, Used())


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
