"""Repair: what the store wants against what the kernel holds, at start and every minute.

The store is right. A session the kernel lost is granted anew for the time it has left; one the store does not know, or
knows as closed, goes; a close-out that was interrupted is finished; sessions of a boot that is over are ended.
"""

from gateway.access.session import Rebooted, Session, State, left_s, step
from gateway.flows.close import finish
from gateway.flows.gate import Gate
from gateway.flows.grant import grant_again
from gateway.log import client_tag, event
from gateway.ports import Granted


async def reconcile(gate: Gate) -> None:
    """Make the kernel's sets what the store says; the ruleset itself is loaded again first."""
    await gate.firewall.ensure()
    boot_id = gate.clock.boot_id()
    # the kernel first: whoever is admitted in between is in the store's answer then, and is not taken for a stranger
    held = {granted.session: granted for granted in await gate.firewall.read_all()}
    live = {booked.session.id: booked for booked in await gate.sessions.live_sessions()}
    for granted in held.values():
        if granted.session not in live:
            await _drop(gate, granted)
    standing: dict[Session, int] = {}
    lost: list[Session] = []
    for booked in live.values():
        session = booked.session
        if session.state is State.CLOSING:
            await finish(gate, session)
        elif booked.boot_id != boot_id:
            await _end_with_its_boot(gate, session)
        elif not _is_whole(held.get(session.id)):
            lost.append(session)
        else:
            standing[session] = left_s(session, gate.clock.boot_s()) + gate.dead_man_s
    await grant_again(gate, lost)
    for session in lost:
        event("session.granted_again", "warning", client=client_tag(session.mac), session=session.id)
    await gate.firewall.treat_anew(standing)


def _is_whole(granted: Granted | None) -> bool:
    return granted is not None and granted.mac is not None and granted.reading is not None


async def _drop(gate: Gate, granted: Granted) -> None:
    if granted.mac is not None:
        await gate.firewall.cut(granted.session, granted.mac)
    await gate.firewall.remove(granted.session)
    event("session.stranger_removed", "warning", session=granted.session)


async def _end_with_its_boot(gate: Gate, session: Session) -> None:
    """The power went: the session stopped with its last booked packet (counting 2.5)."""
    ended, _ = step(session, Rebooted())
    if await gate.sessions.save(ended, was=State.OPEN):
        event("session.closed", client=client_tag(session.mac), session=session.id, cause=ended.cause)
