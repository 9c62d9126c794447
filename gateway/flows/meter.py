"""Metering: the kernel's counters -> activity and limits every few seconds, the ledger every minute.

Reading is cheap and happens in memory; booking writes to flash, so it is rarer. What a crash loses is only when the
last packet was seen, to one booking interval: the kernel keeps the counters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.access.session import Looked, Session, SessionId, State
from gateway.accounting.counters import Reading, usage_between
from gateway.flows.close import close_on
from gateway.flows.day_bytes import DayBytes
from gateway.flows.gate import Gate
from gateway.ports import Booked
from gateway.ports_bytes import ByteCount


@dataclass(slots=True)
class Watch:
    """What the meter remembers between two looks; all of that can be lost."""

    book_every_s: int
    booked_boot_s: float = 0.0
    beside: Sequence[DayBytes[ByteCount]] = ()
    """What is booked by day in the same moment: the sessions' sum is held against it."""
    seen: dict[SessionId, Reading] = field(default_factory=dict)
    active_boot_s: dict[SessionId, float] = field(default_factory=dict)


async def meter(gate: Gate, watch: Watch) -> None:
    """One look: note who is active, end what is over, book when it is time."""
    readings = await readings_now(gate)
    boot_s = gate.clock.boot_s()
    live = [b for b in await gate.sessions.live_sessions() if b.session.state is State.OPEN]
    for booked in live:
        reading = readings.get(booked.session.id)
        if reading is not None:
            await _look(gate, watch, booked, reading, boot_s)
    if boot_s - watch.booked_boot_s >= watch.book_every_s:
        await book_all(gate, watch)
    _forget_ended(watch, {booked.session.id for booked in live})


async def book_all(gate: Gate, watch: Watch) -> None:
    """Book every session's counters as they stand, and what is counted beside them."""
    readings = await readings_now(gate)
    await gate.usage.book(list(readings.values()), gate.clock.now())
    for bytes_ in watch.beside:
        await bytes_.book()
    watch.booked_boot_s = gate.clock.boot_s()


async def readings_now(gate: Gate) -> dict[SessionId, Reading]:
    """Every session's counters."""
    return {granted.session: granted.reading for granted in await gate.firewall.read_all() if granted.reading}


async def _look(gate: Gate, watch: Watch, booked: Booked, reading: Reading, boot_s: float) -> None:
    session = booked.session
    usage = usage_between(watch.seen.get(session.id, booked.base), reading)
    moved = usage.up_bytes + usage.down_bytes > 0
    watch.seen[session.id] = reading
    if moved:
        watch.active_boot_s[session.id] = boot_s
    since = usage_between(booked.base, reading)
    total_bytes = booked.total_up_bytes + booked.total_down_bytes + since.up_bytes + since.down_bytes
    await close_on(gate, _as_watched(session, watch), Looked(boot_s, moved, total_bytes))


def _as_watched(session: Session, watch: Watch) -> Session:
    active_boot_s = max(session.active_boot_s, watch.active_boot_s.get(session.id, 0.0))
    return replace(session, active_boot_s=active_boot_s)


def _forget_ended(watch: Watch, live: set[SessionId]) -> None:
    for known in (watch.seen, watch.active_boot_s):
        for session in known.keys() - live:
            del known[session]
