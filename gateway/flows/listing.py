"""Live sessions with their bytes as of now: the ledger's sum and what the kernel counted since."""

from dataclasses import dataclass

from gateway.access.session import Session, left_s
from gateway.accounting.counters import usage_between
from gateway.flows.gate import Gate
from gateway.flows.meter import readings_now
from gateway.ports import Booked


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One line of the list."""

    session: Session
    left_s: int
    up_bytes: int
    down_bytes: int


async def live_sessions(gate: Gate) -> list[LiveSession]:
    """All live sessions by number; nothing is booked by looking."""
    booked = await gate.sessions.live_sessions()
    # readings after the ledger: what is booked in between shows once
    readings = await readings_now(gate)
    boot_s = gate.clock.boot_s()
    lines = []
    for entry in booked:
        reading = readings.get(entry.session.id)
        since = usage_between(entry.base, reading) if reading else None
        lines.append(_line(entry, boot_s, since.up_bytes if since else 0, since.down_bytes if since else 0))
    return lines


def _line(entry: Booked, boot_s: float, up_bytes: int, down_bytes: int) -> LiveSession:
    return LiveSession(
        entry.session,
        left_s(entry.session, boot_s),
        entry.total_up_bytes + up_bytes,
        entry.total_down_bytes + down_bytes,
    )
