"""Live sessions with their bytes as of now: the ledger's sum and what the kernel counted since."""

import asyncio
from dataclasses import dataclass

from gateway.access.client import Mac
from gateway.access.session import Session, SessionId, State, left_s
from gateway.accounting.counters import Reading, usage_between
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
    long_udp_flows: int = 0


async def live_sessions(gate: Gate) -> list[LiveSession]:
    """All live sessions by number; nothing is booked by looking."""
    async with asyncio.TaskGroup() as tasks:
        walk = tasks.create_task(gate.connections.long_udp_flows())  # the kernel's work, on a thread
        booked = await gate.sessions.live_sessions()
        # readings after the ledger: what is booked in between shows once
        readings = await readings_now(gate)
    long_udp = walk.result()
    boot_s = gate.clock.boot_s()
    return [
        _as_of_now(entry, readings.get(entry.session.id), boot_s, long_udp.get(entry.session.id, 0)) for entry in booked
    ]


async def live_session(gate: Gate, mac: Mac) -> LiveSession | None:
    """A device's open session; None when it has none."""
    booked = await gate.sessions.live_session(mac)
    if booked is None or booked.session.state is not State.OPEN:
        return None
    return _as_of_now(booked, await gate.firewall.read(booked.session.id), gate.clock.boot_s())


async def open_session(gate: Gate, number: SessionId) -> Booked | None:
    """The open session of a number."""
    live = (each for each in await gate.sessions.live_sessions() if each.session.id == number)
    return next((each for each in live if each.session.state is State.OPEN), None)


def _as_of_now(entry: Booked, reading: Reading | None, boot_s: float, long_udp_flows: int = 0) -> LiveSession:
    since = usage_between(entry.base, reading) if reading else None
    return LiveSession(
        entry.session,
        left_s(entry.session, boot_s),
        entry.total_up_bytes + (since.up_bytes if since else 0),
        entry.total_down_bytes + (since.down_bytes if since else 0),
        long_udp_flows,
    )
