"""Return without tracking: a session that goes on on another MAC, by its token or by the desk's code.

The next session is stored first, with what the one before had left; then that one ends. A crash between the two leaves
both for a moment, and the next look ends the older: the patron is never left without either, and time is not doubled
by more than that moment. Nothing else links two MACs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.access.client import Mac
from gateway.access.login import Method, Refused
from gateway.access.resume import is_resumable, left, spent
from gateway.access.session import Cause, Limits, Session, SessionId, State
from gateway.flows.admit import let_in
from gateway.flows.close import end
from gateway.flows.listing import live_session
from gateway.flows.sign_in import Reception, limits_now, unless_barred
from gateway.log import client_tag, event
from gateway.ports import NewSession, Terms
from gateway.ports_devices import Entitlement, ResumeStore


@dataclass(frozen=True, slots=True)
class Returns:
    """Where patrons come back."""

    reception: Reception
    store: ResumeStore
    terms_now: Callable[[str], Terms]
    """The terms of today in a language: accepted ones of another version are read and accepted anew."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a patron may go on with."""

    entitlement: Entitlement
    limits: Limits


async def offer(returns: Returns, number: SessionId, mac: Mac) -> Offer | Refused:
    """What is left of a session for a device; nothing changes by asking."""
    reception, gate = returns.reception, returns.reception.gate
    now = gate.clock.now()
    if reception.is_barred(mac):
        return Refused("barred")
    if reception.is_shut(mac):
        return Refused("closed")
    of = await returns.store.entitlement(number)
    known = reception.roster.known(mac, now)
    if of is None or known or of.continued or not is_resumable(of.booked.session, now):
        return Refused("no_return")
    if of.terms is None or returns.terms_now(of.terms.language).version != of.terms.version:
        return Refused("no_return")
    limits = await _left_of(reception, of)
    return Refused("no_return") if limits is None else Offer(of, limits)


async def resume(returns: Returns, number: SessionId, mac: Mac) -> Session | Refused:
    """The session goes on on this device; the one it has if it is online (a double tap is one)."""
    gate = returns.reception.gate
    if (online := await gate.sessions.live_session(mac)) and online.session.state is State.OPEN:
        return online.session
    offered = await offer(returns, number, mac)
    if isinstance(offered, Refused):
        return offered
    of, before, clock = offered.entitlement, offered.entitlement.booked.session, gate.clock
    new = NewSession(
        mac,
        before.kind,
        Method(before.method),
        before.profile,
        offered.limits,
        of.terms,
        of.counted,
        before.person,
    )
    session = await returns.store.reopen(of, new, clock.now(), clock.boot_s(), clock.boot_id())
    if session is None:
        again = await gate.sessions.live_session(mac)  # the other of two taps was quicker
        return again.session if again and again.session.state is State.OPEN else Refused("no_return")
    await end_superseded(returns)
    await let_in(gate, session)
    event("session.resumed", client=client_tag(mac), session=session.id, before=before.id)
    return await unless_barred(returns.reception, session)


async def end_superseded(returns: Returns) -> None:
    """End sessions that go on elsewhere."""
    for session in await returns.store.superseded():
        if session.state is State.OPEN:  # one at CLOSING is the repair's
            await end(returns.reception.gate, session, Cause.PORT_PREEMPTED)


async def _left_of(reception: Reception, of: Entitlement) -> Limits | None:
    gate, session = reception.gate, of.booked.session
    total_bytes = of.booked.total_up_bytes + of.booked.total_down_bytes
    if session.state is State.OPEN:
        live = await live_session(gate, session.mac)
        total_bytes = live.up_bytes + live.down_bytes if live else total_bytes
    elif session.person and await _is_online(reception, session.person):
        return None  # elsewhere already, under the caps of a new login
    own = left(session.limits, spent(session, gate.clock.boot_s(), total_bytes))
    caps = reception.house.caps.get(session.profile)
    today = await limits_now(reception, caps, session.person or of.client) if caps else None
    return None if own is None or today is None else _smaller(own, today)


async def _is_online(reception: Reception, person: str) -> bool:
    return any(booked.session.person == person for booked in await reception.gate.sessions.live_sessions())


def _smaller(own: Limits, today: Limits) -> Limits:
    amounts = [each for each in (own.total_bytes, today.total_bytes) if each is not None]
    return replace(
        own,
        session_s=min(own.session_s, today.session_s),
        total_bytes=min(amounts) if amounts else None,
    )
