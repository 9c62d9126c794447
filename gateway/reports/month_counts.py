"""What one month of one site counts, day by day: what reports are put together from, and what the store keeps.

In:  SiteFacts that hold the month and LOOK_BACK before it.
Out: MonthCounts. A month is always counted from the same window of facts, whatever report asks for it, so that it can
     be kept; `touched_months` says which months a fact may change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.accounting.rollup import Sums
from gateway.reports.figures import Counted
from gateway.reports.site_facts import LOOK_BACK, Basis, SiteFacts, basis_of, figures_by_day
from gateway.reports.spans import cut, dates_of, month_dates
from gateway.reports.tables import PcRow, pc_rows
from gateway.service.calendar import whole_days
from gateway.service.hours import Service, service
from gateway.service.workstation import PcState, Share
from gateway.visits.comparison import Dates
from gateway.visits.visit import MARGIN, CountedSession

RULES = 1
"""Raised by whoever changes what a month counts: what was kept by other rules is then counted anew."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """One date of a site."""

    day: date
    counted: Counted
    service: Service
    hours: tuple[tuple[int, Sums], ...]
    """Hours of the day (0 to 23) that have any figure."""
    is_told: bool
    """The gateway ran or somebody came."""
    has_signs: bool
    """Something reaches into it: a sign of life, or a session of the day before."""


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """One month of a site."""

    month: date
    """Its first day."""
    days: tuple[DayCounts, ...]
    devices: int
    """Distinct devices of counted sessions that start in it (2.7, 6)."""
    pcs: tuple[PcRow, ...]
    """Each PC at the end of its last promised interval; none without a promise."""

    @property
    def is_told(self) -> bool:
        """Has it any figure?"""
        return any(one.is_told for one in self.days)

    @property
    def snapshot(self) -> Share | None:
        """PCs in order of those in service at its end (2.4 G, 1)."""
        if not self.pcs:
            return None
        states = [row.state for row in self.pcs]
        return Share(states.count(PcState.OK), len(states) - states.count(PcState.RETIRED))


def count_month(facts: SiteFacts, month: date) -> MonthCounts:
    """A month of a site; `facts` may know more than its window."""
    dates = month_dates(month)
    within = cut(facts, dates)
    basis = basis_of(within, *dates)
    counted = figures_by_day(within, *dates, basis)
    begin, _ = whole_days(within.calendar, *dates)
    sessions = [one for one in within.sessions if one.stop >= begin]
    told, signs = _dates_told(within, sessions, dates), _dates_with_signs(within, sessions, dates)
    hours = _hours(basis, dates)
    days = tuple(
        DayCounts(day, counted[day], service(basis.happened[day]), hours.get(day, ()), day in told, day in signs)
        for day in dates_of(dates)
    )
    rows = pc_rows(within.pcs, basis.service_days(), dates, within.calendar.zone, basis.suspects)
    return MonthCounts(month, days, _devices(sessions, begin), tuple(rows))


def pcs_of(facts: SiteFacts, dates: Dates) -> tuple[PcRow, ...]:
    """PCs at the end of any period."""
    within = cut(facts, dates)
    basis = basis_of(within, *dates)
    return tuple(pc_rows(within.pcs, basis.service_days(), dates, within.calendar.zone, basis.suspects))


def touched_months(first: date, last: date) -> Dates:
    """First days of the first and last month whose counts a fact of these dates may change.

    Days are UTC's and a site's may begin up to a day earlier or later; a month looks back LOOK_BACK, and for a session
    MARGIN more.
    """
    reach = LOOK_BACK + MARGIN + 2 * _DAY
    begin = first - _DAY if first > date.min + _DAY else first
    end = last + reach if last < date.max - reach else last
    return begin.replace(day=1), end.replace(day=1)


_DAY = timedelta(days=1)


def _hours(basis: Basis, dates: Dates) -> dict[date, tuple[tuple[int, Sums], ...]]:
    days: dict[date, list[tuple[int, Sums]]] = {}
    for at, sums in basis.hours.items():
        if dates[0] <= at.date() <= dates[1]:
            days.setdefault(at.date(), []).append((at.hour, sums))
    return {day: tuple(hours) for day, hours in days.items()}


def _devices(sessions: Iterable[CountedSession], begin: datetime) -> int:
    return len({one.device for one in sessions if one.start >= begin and one.counts})


def _dates_told(facts: SiteFacts, sessions: Iterable[CountedSession], dates: Dates) -> frozenset[date]:
    begin, end = whole_days(facts.calendar, *dates)
    zone, found = facts.calendar.zone, set[date]()
    for start, stop in facts.up:
        if start < end and stop > begin and start < stop:
            last = (stop - timedelta(microseconds=1)).astimezone(zone).date()
            found.update(_within(start.astimezone(zone).date(), last, dates))
    found.update(_date_of(one.start, begin) for one in sessions if one.start >= begin)
    return frozenset(found)


def _dates_with_signs(facts: SiteFacts, sessions: Iterable[CountedSession], dates: Dates) -> frozenset[date]:
    begin, end = whole_days(facts.calendar, *dates)
    zone, found = facts.calendar.zone, set[date]()
    for start, stop in facts.up:
        if start < end and stop >= begin:
            found.update(_within(start.astimezone(zone).date(), stop.astimezone(zone).date(), dates))
    spans = {(_date_of(one.start, begin), _date_of(one.stop, begin)) for one in sessions}
    for first, last in spans:
        found.update(_within(first, last, dates))
    return frozenset(found)


def _date_of(at: datetime, begin: datetime) -> date:
    """The date at the site, whose days are 24 hours; `begin` is a midnight of it."""
    return begin.date() + timedelta(days=(at - begin) // _DAY)


def _within(first: date, last: date, dates: Dates) -> Sequence[date]:
    first, last = max(first, dates[0]), min(last, dates[1])
    return [first + n * _DAY for n in range((last - first).days + 1)]
