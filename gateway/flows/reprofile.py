"""Another profile for a device that is online: its session ends and it is let in again under the other one.

A running session keeps its profile: its device holds answers of the one, and would carry them into the other (see the
decision on CoA). What the person has used stays used, the visit stays one, and the terms need not be read again. A
crash between the two steps leaves the device outside: it signs in as before.
"""

from dataclasses import replace

from gateway.access.client import ClientId
from gateway.access.login import Method, Refused
from gateway.access.quota import Caps, Narrowing, is_daily, narrowed
from gateway.access.resume import left, spent
from gateway.access.session import Cause, Limits, Session, SessionId
from gateway.flows.admit import let_in
from gateway.flows.close import end
from gateway.flows.listing import live_session, open_session
from gateway.flows.resume import Returns
from gateway.flows.sign_in import Reception, limits_now, unless_barred
from gateway.flows.vouchers import moment
from gateway.log import client_tag, event
from gateway.ports import NewSession
from gateway.ports_vouchers import VoucherStore


async def go_on_as(returns: Returns, vouchers: VoucherStore, number: SessionId, profile: str) -> Session | Refused:
    """The session that takes the place of an open one; the same one if it has the profile already."""
    reception = returns.reception
    found = await open_session(reception.gate, number)
    if found is None:
        return Refused("session_over")
    session = found.session
    if session.profile == profile:
        return session
    limits = await _limits(reception, vouchers, session, profile)
    if isinstance(limits, Refused):
        return limits
    if not await end(reception.gate, session, Cause.ADMIN_RESET):
        return Refused("session_over")
    return await _let_in_again(returns, session, limits, profile)


async def _let_in_again(returns: Returns, before: Session, limits: Limits, profile: str) -> Session | Refused:
    gate = returns.reception.gate
    of = await returns.store.entitlement(before.id)
    if of is None:
        return Refused("session_over")
    new = NewSession(
        before.mac, before.kind, Method(before.method), profile, limits, of.terms, of.counted, before.person
    )
    clock = gate.clock
    session = await returns.store.reopen(of, new, clock.now(), clock.boot_s(), clock.boot_id())
    if session is None:
        return Refused("reprofile_ended")
    await let_in(gate, session)
    event("session.profile_changed", client=client_tag(session.mac), session=session.id, before=before.id)
    return await unless_barred(returns.reception, session)


async def _limits(reception: Reception, vouchers: VoucherStore, session: Session, profile: str) -> Limits | Refused:
    """What the other profile allows, less what this session has used; the session ends only if there is any."""
    caps = reception.house.caps.get(profile)
    if caps is None:
        return Refused("no_profile")
    if session.method == Method.RADIUS:
        return Refused("reprofile_server")
    if session.method == Method.EXEMPT:
        return Refused("reprofile_exempt")
    caps = await _voucher_rates(reception, vouchers, session, caps)
    key: str | ClientId | None = session.person or (session.client if is_daily(caps) else None)
    today = await limits_now(reception, caps, key)
    live = await live_session(reception.gate, session.mac)
    used = spent(session, reception.gate.clock.boot_s(), live.up_bytes + live.down_bytes if live else 0)
    own = left(Limits(caps.session_s, caps.idle_s, caps.session_bytes, caps.rates), used)
    if today is None or own is None:
        return Refused("reprofile_spent")
    amounts = [each for each in (today.total_bytes, own.total_bytes) if each is not None]
    return replace(own, session_s=min(own.session_s, today.session_s), total_bytes=min(amounts) if amounts else None)


async def _voucher_rates(reception: Reception, vouchers: VoucherStore, session: Session, caps: Caps) -> Caps:
    """Time and data of a voucher are reckoned when the session is opened anew; its rates are told here."""
    if session.method != Method.VOUCHER:
        return caps
    for each in await vouchers.in_use(moment(reception.gate.clock)):
        if session.id in each.booked_bytes:
            allowance = each.voucher.batch.allowance
            return narrowed(caps, Narrowing(up_kbit_s=allowance.up_kbit_s, down_kbit_s=allowance.down_kbit_s))
    return caps
