"""The end of a session, in two steps that may be interrupted anywhere.

Packets are stopped while the counters stand; the last reading is booked; then the session leaves the kernel. What is
left half-done by a crash is a session at CLOSING, and `finish` takes it up again.
"""

from gateway.access.session import BookClosing, Cause, Cut, EndAsked, Event, LastBooked, Session, State, step
from gateway.access.session import lasted_s as lasted
from gateway.flows.gate import Gate
from gateway.log import client_tag, event


async def end(gate: Gate, session: Session, cause: Cause, *, forget: bool = True) -> bool:
    """End an open session; False when it is ending or over already. `forget`: its connections too."""
    return await close_on(gate, session, EndAsked(gate.clock.boot_s(), cause), forget=forget)


async def close_on(gate: Gate, session: Session, happened: Event, *, forget: bool = True) -> bool:
    """Take a session through its end if the event leads there; False when it does not, or another hand was quicker."""
    closing, effects = step(session, happened)
    if Cut() not in effects or not await gate.sessions.save(closing, was=session.state):
        return False
    await finish(gate, closing, forget=forget)
    return True


async def finish(gate: Gate, session: Session, *, forget: bool = True) -> None:
    """Complete the end of a session at CLOSING; may be done twice, also by two hands."""
    for effect in (Cut(), BookClosing()):
        await _perform(gate, session, effect)
    closed, _ = step(session, LastBooked())
    last = await gate.firewall.remove(session.id)
    if last is not None:  # what a packet in flight still added after the booking
        await gate.usage.book([last], gate.clock.now())
    if await gate.sessions.save(closed, was=State.CLOSING):
        boot_s = gate.clock.boot_s()
        who = client_tag(session.mac)
        event("session.closed", client=who, session=session.id, cause=session.cause, lasted_s=lasted(session, boot_s))
    if forget:
        await gate.connections.forget(await gate.neighbours.addresses_of(session.mac))


async def _perform(gate: Gate, session: Session, effect: Cut | BookClosing) -> None:
    match effect:
        case Cut():
            await gate.firewall.cut(session.id, session.mac)
        case BookClosing():
            reading = await gate.firewall.read(session.id)
            if reading is not None:
                await gate.usage.book([reading], gate.clock.now(), closing=True)
