"""What the box is measured by: sums, nothing of a device, a name or a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.ports_dns import DnsSums


@dataclass(frozen=True, slots=True)
class Measures:
    """The box at one moment."""

    version: str
    site: str
    up_s: float
    sessions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By profile and kind."""
    carried_bytes: Mapping[str, int] = field(default_factory=dict)
    """What passed today, by direction: as counted behind all sessions; begins anew at midnight of the site."""
    dns: Mapping[str, DnsSums] = field(default_factory=dict)
    """Of this hour and the hours of today before it, by profile."""
    refusals: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The same by profile and category."""
    workers: Iterable[float] = ()
    """Seconds since each DNS worker was heard of."""
    is_line_up: bool = True
    is_clock_set: bool = True
    waiting: Mapping[str, int] = field(default_factory=dict)
    """What waits for staff: approvals, unblock requests."""
    database_bytes: int = 0
    disk_free_bytes: int = 0
