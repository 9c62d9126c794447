"""The figures of one site and day, with what they rest on.

In:  sums, refusals and the days before (by gateway.flows.nightly).
Out: DayFigures, which gateway.reports.nightly tells as text and JSON.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from fractions import Fraction
from typing import Literal

from gateway.accounting.rollup import Hours, Sums, minutes
from gateway.reports.quality import Quality

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure as it is told: "Lượt sử dụng" and "46"; without a label it is a sentence."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What one day is told by. Counted sessions only: staff and splash views are in none of the sums."""

    day: date
    zone: timezone
    sums: Sums
    hours: Hours
    """Their sum is the day's; empty when they are past their term."""
    attempts: int
    refusals: int
    refused: tuple[tuple[str, int], ...] = ()
    """Refusals by category, most first; empty when the parts are no longer kept."""
    weekday_visits: tuple[tuple[date, int], ...] = ()
    """Visits of the same weekday in the four weeks before, latest first; days without figures are left out."""
    month_visits: int = 0
    """From the first of the month to this day, this day included."""
    month_days: int = 0
    """Days of those that have figures."""
    quality: Quality = field(default_factory=Quality)
    counted_until: datetime | None = None
    """Set when the day is not over: the figures are those so far, and not closed."""

    @property
    def use_minutes(self) -> int:
        """Use time as printed."""
        return minutes(self.sums.use_s)

    @property
    def weekday_mean(self) -> Fraction | None:
        """The exact mean of `weekday_visits`; None when there is none."""
        count = len(self.weekday_visits)
        return Fraction(sum(visits for _, visits in self.weekday_visits), count) if count else None

    @property
    def weekday_change_percent(self) -> Fraction | None:
        """Exact change against the mean (2.7, 22: rounded once, when printed); None against nothing."""
        mean = self.weekday_mean
        return 100 * (self.sums.visits - mean) / mean if mean else None
