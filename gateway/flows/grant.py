"""Putting stored sessions into the kernel, and back into it."""

from collections.abc import Sequence

from gateway.access.session import Session, State, left_s
from gateway.flows.gate import Gate


async def grant(gate: Gate, session: Session) -> None:
    """Let a session's packets pass for the time it has left.

    Enough for one just opened: its number is new, so no counter of it can be there, and its first reading is told
    from the store's empty one by its epoch.
    """
    await gate.firewall.grant(session, left_s(session, gate.clock.boot_s()) + gate.dead_man_s)


async def grant_again(gate: Gate, sessions: Sequence[Session]) -> None:
    """The same for sessions that may have been in the kernel before.

    Where it has lost their counters they start at 0, and the ledger is told so first, of all of them at once: a crash
    in between leaves sessions the next repair grants again.
    """
    boot_s = gate.clock.boot_s()
    lost = [session.id for session in sessions if await gate.firewall.read(session.id) is None]
    if lost:
        for number in lost:
            await gate.firewall.remove(number)  # one counter of the two may be left
        await gate.usage.rebase(lost, await gate.firewall.epoch(), boot_s)
        live = {booked.session.id: booked.session.state for booked in await gate.sessions.live_sessions()}
        sessions = [session for session in sessions if live.get(session.id) is State.OPEN]  # some may have ended since
    for session in sessions:
        await grant(gate, session)
