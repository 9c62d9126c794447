"""Putting a stored session (back) into the kernel."""

from gateway.access.session import Session, left_s
from gateway.flows.gate import Gate


async def grant(gate: Gate, session: Session) -> None:
    """Let a stored session's packets pass for the time it has left.

    Where the kernel has lost its counters they start at 0, and the ledger is told so first: a crash in between
    leaves a session the next repair grants again.
    """
    boot_s = gate.clock.boot_s()
    if await gate.firewall.read(session.id) is None:
        await gate.firewall.remove(session.id)  # one counter of the two may be left
        await gate.usage.rebase(session.id, await gate.firewall.epoch(), boot_s)
    await gate.firewall.grant(session, left_s(session, gate.clock.boot_s()) + gate.dead_man_s)
