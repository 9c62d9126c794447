"""How a site stood at the end of a day: PCs, hours, line, goal, and what needs action (counting 5.3).

In:  the reports of the day and of its month (gateway.reports.period_report), the day's outages and speed tests, and
     what the gateway noticed of itself.
Out: DayState, which gateway.reports.nightly tells beside the day's figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby

from gateway.billing.variance import Status
from gateway.reports.period_quality import PeriodQuality
from gateway.reports.report_values import Report, SiteReport
from gateway.reports.tables import PcRow
from gateway.service.intervals import Interval, common
from gateway.service.outages import isp_outages
from gateway.service.workstation import PcState, Share
from gateway.visits.growth import GOAL, Band, Pace, Rating, growth, pace, rating, still_needed


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage of the ISP's, cut to the day."""

    start: datetime
    stop: datetime
    goes_on: bool = False
    """Nothing said yet that the line was back."""
    has_ticket: bool = False

    @property
    def minutes(self) -> int:
        """As printed."""
        return (int((self.stop - self.start).total_seconds()) + 30) // 60


@dataclass(frozen=True, slots=True)
class LineDay:
    """The line on a day."""

    outages: tuple[Outage, ...] = ()
    speed_kbit_s: Fraction | None = None
    """Mean of the valid measurements; None without any."""
    contracted_kbit_s: int = 0
    """0: no contract says it."""

    @property
    def minutes(self) -> int:
        """Down altogether, rounded once."""
        seconds = sum(int((one.stop - one.start).total_seconds()) for one in self.outages)
        return (seconds + 30) // 60


@dataclass(frozen=True, slots=True)
class Goal:
    """The month to date against the same days of the year before, and what the month still needs (2.4 H)."""

    visits: int
    before: int | None = None
    """None: those days have no figure, or the base is a register that tells whole months."""
    before_month: int | None = None
    """The whole month a year before."""
    band: Band = GOAL
    method_changed: bool = False
    """The base was counted another way (H): the quality line says so."""
    promised_so_far_s: int = 0
    promised_s: int = 0
    """Of the whole month."""
    days_left: int = 0
    """Service days of the month after this one."""

    @property
    def percent(self) -> Fraction | None:
        """Growth so far, exact."""
        return growth(self.visits, self.before)

    @property
    def rating(self) -> Rating:
        """How the days so far stand."""
        return rating(self.visits, self.before, self.band)

    @property
    def still_needed(self) -> int | None:
        """Visits of the month that are still to come for the goal; None without a base."""
        return still_needed(self.visits, self.before_month, self.band) if self.before_month else None

    @property
    def pace(self) -> Pace | None:
        """Where the month is heading; None without a base."""
        if not self.before_month:
            return None
        return pace(self.visits, self.before_month, self.promised_so_far_s, self.promised_s, self.days_left, self.band)


@dataclass(frozen=True, slots=True)
class PcsOut:
    """PCs that do not work, since the same day."""

    pcs: tuple[str, ...]
    state: PcState
    since: date | None


@dataclass(frozen=True, slots=True)
class OutageUntold:
    """The ISP was not told of an outage: no ticket."""

    outage: Outage


@dataclass(frozen=True, slots=True)
class BillOpen:
    """A contract's month that does not agree with what was promised, or has no invoice."""

    contract: str
    month: date
    status: Status
    difference_vnd: int | None


@dataclass(frozen=True, slots=True)
class ListsOld:
    """Block lists that were not renewed for days."""

    lists: int
    days: int
    """Of the oldest."""


@dataclass(frozen=True, slots=True)
class ClockUnset:
    """The box has not had the right time since it was started: what it writes is provisional (2.5)."""


BACKUP_OLD = timedelta(days=2)
"""Then somebody is told."""


@dataclass(frozen=True, slots=True)
class BackupOld:
    """No backup was made for days: the stick is away, or full."""

    days: int | None
    """Of the newest; None: there is none."""


Need = PcsOut | OutageUntold | BillOpen | ListsOld | ClockUnset | BackupOld


@dataclass(frozen=True, slots=True)
class DayState:
    """What stands beside the figures of a day."""

    needs: tuple[Need, ...]
    pcs: Share | None
    promised_s: int
    held_s: int
    line: LineDay
    goal: Goal
    quality: PeriodQuality | None = None
    """Of a day that was told, not counted here."""
    is_over: bool = True
    """What was promised of the day is over: its figures can be compared with whole days."""


def needs_of(
    pcs: Iterable[PcRow], line: LineDay, bills: Iterable[BillOpen], noticed: Iterable[Need]
) -> tuple[Need, ...]:
    """What somebody has to do, what hinders patrons first."""
    out = [row for row in pcs if row.state in (PcState.FAULT, PcState.SUSPECT)]
    out.sort(key=lambda row: (row.since or date.min, row.state, row.pc))
    groups = [
        PcsOut(tuple(row.pc for row in rows), state, since)
        for (since, state), rows in groupby(out, key=lambda row: (row.since, row.state))
    ]
    untold = [OutageUntold(one) for one in line.outages if not one.has_ticket]
    return (*groups, *untold, *noticed, *bills)


def alerts(state: DayState, day: date) -> bool:
    """Did something happen on this very day that can't wait for the next open one?"""
    return any(_is_new(need, day) for need in state.needs)


def line_day(
    down: Sequence[tuple[Interval, bool, bool]], ours: Iterable[Interval], day: Interval, now: datetime
) -> LineDay:
    """The ISP's outages of a day; `down` has the spans with whether each goes on and has a ticket.

    The day ends with what is known of it: one that goes on is cut to `now`.
    """
    within = day[0], max(day[0], min(day[1], now))
    spans = isp_outages([span for span, _, _ in down], ours, day)
    return LineDay(
        tuple(
            Outage(
                begin,
                end,
                goes_on=any(on and common([span], [(begin, end)]) for span, on, _ in down),
                has_ticket=any(ticket and common([span], [(begin, end)]) for span, _, ticket in down),
            )
            for begin, end in common(spans, [within])
        )
    )


def goal_of(to_date: SiteReport, whole_month: SiteReport, band: Band, day: date) -> Goal:
    """Out of the reports of the month up to the day, and of the whole month."""
    is_whole = (day + timedelta(days=1)).day == 1
    by_days = is_whole or not to_date.quality.method_changed
    base = whole_month.growth.before
    before = to_date.growth.before if by_days else None
    return Goal(
        to_date.growth.visits,
        before,
        base,
        band,
        to_date.quality.method_changed,
        promised_so_far_s=to_date.service.promised_s,
        promised_s=whole_month.service.promised_s,
        days_left=sum(one.day > day and one.counted.promised_s > 0 for one in whole_month.days),
    )


def site_of(report: Report) -> SiteReport | None:
    """The one site of a report; None when nothing is known of it."""
    return report.sites[0] if report.sites else None


def _is_new(need: Need, day: date) -> bool:
    match need:
        case PcsOut(since=since):
            return since == day
        case OutageUntold() | ClockUnset():
            return True
        case _:
            return False
