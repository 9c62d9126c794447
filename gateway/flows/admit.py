"""Admission: a new session and its consent stored -> granted in the kernel.

The store commits before the kernel grants: a crash between the two costs the patron a moment until the next repair,
never an unbooked client.
"""

from gateway.access.login import Refused
from gateway.access.session import Session, State
from gateway.flows.close import finish
from gateway.flows.gate import Gate
from gateway.flows.grant import grant, grant_again
from gateway.log import client_tag, event
from gateway.ports import NewSession


async def admit(gate: Gate, new: NewSession) -> Session:
    """Admit a device; the session it has already if it is online (a double click is one)."""
    session, opened = await _open(gate, new)
    if session.state is State.CLOSING:  # the click came while the session before was being closed
        await finish(gate, session)
        session, opened = await _open(gate, new)
    await let_in(gate, session, opened=opened)
    return session


async def redeem(gate: Gate, new: NewSession) -> Session | Refused:
    """`admit` with a voucher, which another device may have used up a moment before."""
    redeemed = await _redeem(gate, new)
    if not isinstance(redeemed, Refused) and redeemed[0].state is State.CLOSING:
        await finish(gate, redeemed[0])
        redeemed = await _redeem(gate, new)
    if isinstance(redeemed, Refused):
        return redeemed
    session, opened = redeemed
    await let_in(gate, session, opened=opened)
    return session


async def let_in(gate: Gate, session: Session, *, opened: bool = True) -> None:
    """Grant a stored session, so that the device's next packet is judged anew."""
    await (grant(gate, session) if opened else grant_again(gate, [session]))
    gate.connections.forget_soon(session.mac)
    if opened:
        who = client_tag(session.mac)
        event("session.opened", client=who, session=session.id, method=session.method, profile=session.profile)


async def _open(gate: Gate, new: NewSession) -> tuple[Session, bool]:
    clock = gate.clock
    return await gate.sessions.open_session(new, clock.now(), clock.boot_s(), clock.boot_id())


async def _redeem(gate: Gate, new: NewSession) -> tuple[Session, bool] | Refused:
    clock = gate.clock
    return await gate.sessions.redeem(new, clock.now(), clock.boot_s(), clock.boot_id())
