"""What the journeys of a session hold in their hands."""

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.ports import Firewall, Flows, Neighbours, SessionStore, UsageStore


@dataclass(frozen=True, slots=True)
class Gate:
    """The ports a session's journeys go through."""

    clock: Clock
    firewall: Firewall
    neighbours: Neighbours
    connections: Flows
    sessions: SessionStore
    usage: UsageStore
    dead_man_s: int
    """The kernel's own time-out stands this long past a session's limit."""
