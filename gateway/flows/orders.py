"""An account server's order: sessions it means -> ended, or given other limits (RFC 5176 section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.access.client import Mac
from gateway.access.quota import Caps, Narrowing, narrowed
from gateway.access.session import Cause, Limits, Rates, Session, SessionId, State, left_s
from gateway.accounting.records import Standing
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.log import client_tag, event
from gateway.ports_radius import AccountedStore, Order


async def disconnect(gate: Gate, store: AccountedStore, order: Order) -> Sequence[SessionId]:
    """End the open sessions that fit all the order says; only those this account server has let in."""
    meant = await _meant(gate, store, order)
    return [session.id for session in meant if await end(gate, session, Cause.ADMIN_RESET)]


async def change(
    gate: Gate, store: AccountedStore, caps: Mapping[str, Caps], order: Order, to: Narrowing
) -> Sequence[SessionId]:
    """Give the sessions that are meant other limits, none above those of their profile; what is not said stays.

    The store first: a crash before the kernel has it is put right by the next repair, and a session whose time became
    shorter is ended by the meter.
    """
    changed = []
    for session in await _meant(gate, store, order):
        limits = _changed(session.limits, caps.get(session.profile), to)
        if not await store.limit(session.id, limits):
            continue
        now = replace(session, limits=limits)
        lasts_s = left_s(now, gate.clock.boot_s()) + gate.dead_man_s
        if limits.rates != session.limits.rates:
            await gate.firewall.treat_anew({now: lasts_s})
        if limits.session_s != session.limits.session_s:
            await gate.firewall.last(now, lasts_s)
        event("session.limits_changed", client=client_tag(now.mac), session=now.id, session_s=limits.session_s)
        changed.append(session.id)
    return changed


def _changed(held: Limits, caps: Caps | None, to: Narrowing) -> Limits:
    """A profile that is configured no more allows what the session has."""
    rates = held.rates
    own = caps or Caps(held.session_s, held.idle_s, held.total_bytes, rates=rates)
    least = narrowed(own, to)
    return Limits(
        session_s=held.session_s if to.session_s is None else least.session_s,
        idle_s=held.idle_s if to.idle_s is None else least.idle_s,
        total_bytes=held.total_bytes if to.session_bytes is None else least.session_bytes,
        rates=Rates(
            rates.up_kbit_s if to.up_kbit_s is None else least.rates.up_kbit_s,
            rates.down_kbit_s if to.down_kbit_s is None else least.rates.down_kbit_s,
        ),
    )


async def _meant(gate: Gate, store: AccountedStore, order: Order) -> Sequence[Session]:
    holder = await gate.neighbours.mac_of(order.address) if order.address else None
    if order.address and holder is None:
        return []
    return [each.session for each in await store.open_ones() if _fits(each, order, holder)]


def _fits(standing: Standing, order: Order, holder: Mac | None) -> bool:
    session, accounted = standing.session, standing.accounted
    said = (
        (order.session_id, accounted.session_id),
        (order.user_name, accounted.user_name),
        (order.mac, session.mac),
        (holder, session.mac),
    )
    given = [(asked, held) for asked, held in said if asked is not None]
    return bool(given) and session.state is State.OPEN and all(asked == held for asked, held in given)
