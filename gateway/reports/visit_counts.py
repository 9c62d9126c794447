"""Visits of a span by access type and by office hours, as reports list them (counting 5.1, Biểu 1; 2.7, 3).

In:  visits, and P of their dates.
Out: VisitCounts; the sum over days is the month, over sites the hub's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timezone
from typing import Self

from gateway.service.intervals import Interval, holds
from gateway.visits.visit import Visit


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """How many visits; `kiosk` and `wifi` add up to `total`."""

    total: int = 0
    kiosk: int = 0
    wifi: int = 0
    outside_hours: int = 0
    """Ngoài giờ: they start at a moment that is not in P of their date (2.7, 3)."""

    def __add__(self, other: Self) -> "VisitCounts":
        return VisitCounts(
            self.total + other.total,
            self.kiosk + other.kiosk,
            self.wifi + other.wifi,
            self.outside_hours + other.outside_hours,
        )


def count_visits(
    visits: Iterable[Visit], promised: Mapping[date, Sequence[Interval]], zone: timezone
) -> dict[date, VisitCounts]:
    """The counts of each date that has any; a date missing in `promised` was promised nothing."""
    days: dict[date, list[int]] = {}  # all, at PCs, outside hours
    for visit in visits:
        day = visit.day(zone)
        counts = days.setdefault(day, [0, 0, 0])
        counts[0] += 1
        counts[1] += visit.is_at_kiosk
        counts[2] += not holds(promised.get(day, ()), visit.start)
    return {
        day: VisitCounts(total, kiosk, total - kiosk, outside) for day, (total, kiosk, outside) in sorted(days.items())
    }
