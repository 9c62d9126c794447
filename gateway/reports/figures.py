"""All figures of a span of one site, or of many: what reports, exports and the hub's bundles carry (counting 2.4).

In:  the results of gateway.visits, gateway.service and gateway.accounting for a day.
Out: Counted, which adds up: hours to the day, days to the month, sites to the hub; Period, with what is a state.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from gateway.accounting.rollup import Sums
from gateway.reports.visit_counts import VisitCounts
from gateway.service.hours import Service
from gateway.service.workstation import Share, WorkstationTime
from gateway.visits.attempts import Attempt


@dataclass(frozen=True, slots=True)
class Counted:
    """Exact integers of a span; every field is a sum."""

    visits: int = 0
    kiosk_visits: int = 0
    wifi_visits: int = 0
    outside_visits: int = 0
    sessions: int = 0
    attempts: int = 0
    rejected: int = 0
    use_s: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    """Of sessions; the WAN's own are Annex D's (2.7, 7)."""
    blocked: int = 0
    promised_s: int = 0
    held_s: int = 0
    internet_s: int = 0
    extra_s: int = 0
    pc_days_ok: int = 0
    pc_days: int = 0
    available_s: int = 0
    used_s: int = 0

    def __add__(self, other: Self) -> "Counted":
        return Counted(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def served_s(self) -> int:
        """H + X: what "per service hour" divides by (2.7, 14)."""
        return self.held_s + self.extra_s


def counted(
    visits: VisitCounts,
    sums: Sums,
    attempts: Iterable[Attempt],
    blocked: int,
    service: Service,
    pc_days: Share,
    workstations: Iterable[WorkstationTime],
) -> Counted:
    """The figures of one span out of its parts."""
    rejected = [attempt.rejected for attempt in attempts]
    times = list(workstations)
    return Counted(
        visits=visits.total,
        kiosk_visits=visits.kiosk,
        wifi_visits=visits.wifi,
        outside_visits=visits.outside_hours,
        sessions=sums.sessions,
        attempts=len(rejected),
        rejected=sum(rejected),
        use_s=sums.use_s,
        up_bytes=sums.up_bytes,
        down_bytes=sums.down_bytes,
        blocked=blocked,
        promised_s=service.promised_s,
        held_s=service.held_s,
        internet_s=service.internet_s,
        extra_s=service.extra_s,
        pc_days_ok=pc_days.part,
        pc_days=pc_days.whole,
        available_s=sum(one.available_s for one in times),
        used_s=sum(one.used_s for one in times),
    )


@dataclass(frozen=True, slots=True)
class Period:
    """A period as a report has it: its sums, and what is no sum over days."""

    counted: Counted
    devices: int | None = None
    """Distinct keys of a month; None where periods can't be linked (more than a month) or nothing was kept."""
    pcs: Share | None = None
    """The snapshot at its end; None when nothing was promised."""
