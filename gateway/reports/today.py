"""The day so far as the desk tells it: the nightly summary's figures, before the night.

In:  DayFigures and DayState of today (gateway.flows.night_told), as `cong nightly --json` has them.
Out: TodayTold, plain values; `cong today --json` prints it, the desk reads it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from gateway.reports import nightly_en, nightly_vi
from gateway.reports.day import DayFigures
from gateway.reports.day_state import (
    BackupOld,
    BillOpen,
    ClockUnset,
    DayState,
    Goal,
    ListsOld,
    Need,
    OutageUntold,
    PcsOut,
)
from gateway.reports.nightly import one_line
from gateway.reports.rounding import rounded
from gateway.units import half_away
from gateway.visits.growth import Band, needed


@dataclass(frozen=True, slots=True)
class HourTold:
    """What began and was used in one hour of the day."""

    hour: int
    visits: int
    use_s: int


@dataclass(frozen=True, slots=True)
class DayVisits:
    """Visits of a day."""

    day: date
    visits: int


@dataclass(frozen=True, slots=True)
class OutageTold:
    """One outage of the ISP's."""

    start: datetime
    stop: datetime
    """Now, while it goes on."""
    goes_on: bool
    has_ticket: bool


@dataclass(frozen=True, slots=True)
class GoalTold:
    """The month so far against the goal; null where there is no base. Percent as text, two decimals."""

    visits: int
    before: int | None
    """The same days of the year before."""
    before_month: int | None
    """The whole month of the year before."""
    change_percent: str | None
    rating: str
    low_percent: int
    high_percent: int
    still_needed: int | None
    needed_a_day: int | None
    """Of each service day left."""
    projected: int | None
    """Visits at the month's end if it goes on so, rounded."""

    @property
    def change(self) -> Fraction | None:
        """As a share: 1 is 100 %."""
        return None if self.change_percent is None else Fraction(self.change_percent) / 100

    @property
    def low(self) -> int | None:
        """The fewest visits that meet the goal."""
        return (
            None if self.before_month is None else needed(self.before_month, Band(self.low_percent, self.high_percent))
        )

    @property
    def high(self) -> int | None:
        """Where the goal's band ends."""
        return None if self.low is None else max(self.low, (100 + self.high_percent) * (self.before_month or 0) // 100)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done."""

    kind: str
    """pc, outage, bill, lists, clock."""
    subject: str
    """PCs, or a contract; "" where there is none."""
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class TodayTold:
    """All of it. Staff devices are in no figure."""

    day: date
    counted_at: datetime
    site: str
    name: str
    visits: int
    sessions: int
    use_s: int
    up_bytes: int
    down_bytes: int
    attempts: int
    hours: tuple[HourTold, ...]
    weekdays: tuple[DayVisits, ...]
    """The same weekday in the four weeks before, latest first; days without figures are left out."""
    is_over: bool
    """What was promised of the day is over: its figures can be held against whole days."""
    promised_s: int
    held_s: int
    pcs_working: int | None
    pcs_in_service: int | None
    outages: tuple[OutageTold, ...]
    down_minutes: int
    speed_kbit_s: str | None
    """Measured, one decimal; null: not measured."""
    contracted_kbit_s: int
    refused: int
    refused_by_category: tuple[tuple[str, int], ...]
    """Codes, most first; empty when the parts are no longer kept."""
    month_visits: int
    goal: GoalTold
    actions: tuple[Action, ...]

    @property
    def weekday_mean(self) -> Fraction | None:
        """The exact mean of `weekdays`."""
        count = len(self.weekdays)
        return Fraction(sum(each.visits for each in self.weekdays), count) if count else None


def today_told(figures: DayFigures, state: DayState, site: str, name: str, now: datetime) -> TodayTold:
    """Plain values of a day and how the site stood."""
    sums, line = figures.sums, state.line
    return TodayTold(
        day=figures.day,
        counted_at=now,
        site=site,
        name=name,
        visits=sums.visits,
        sessions=sums.sessions,
        use_s=sums.use_s,
        up_bytes=sums.up_bytes,
        down_bytes=sums.down_bytes,
        attempts=figures.attempts,
        hours=tuple(
            HourTold(hour.astimezone(figures.zone).hour, each.visits, each.use_s)
            for hour, each in sorted(figures.hours.items())
        ),
        weekdays=tuple(DayVisits(day, visits) for day, visits in figures.weekday_visits),
        is_over=state.is_over,
        promised_s=state.promised_s,
        held_s=state.held_s,
        pcs_working=state.pcs.part if state.pcs else None,
        pcs_in_service=state.pcs.whole if state.pcs else None,
        outages=tuple(OutageTold(one.start, one.stop, one.goes_on, one.has_ticket) for one in line.outages),
        down_minutes=line.minutes,
        speed_kbit_s=_decimal(line.speed_kbit_s, 1),
        contracted_kbit_s=line.contracted_kbit_s,
        refused=figures.refusals,
        refused_by_category=figures.refused,
        month_visits=figures.month_visits,
        goal=_goal(state.goal),
        actions=tuple(_actions(state, figures)),
    )


def _goal(goal: Goal) -> GoalTold:
    pace = goal.pace
    projected = pace.projected if pace else None
    return GoalTold(
        visits=goal.visits,
        before=goal.before,
        before_month=goal.before_month,
        change_percent=_decimal(goal.percent, 2),
        rating=goal.rating.name.lower(),
        low_percent=goal.band.low,
        high_percent=goal.band.high,
        still_needed=goal.still_needed,
        needed_a_day=pace.needed_a_day if pace else None,
        projected=None if projected is None else half_away(projected),
    )


def _actions(state: DayState, figures: DayFigures) -> Iterator[Action]:
    for need in state.needs:
        kind, subject = _kind(need)
        vi, en = (one_line(texts.need(need, figures)) for texts in (nightly_vi, nightly_en))
        yield Action(kind, subject, f"{vi}.", f"{en}.")


def _kind(need: Need) -> tuple[str, str]:
    match need:
        case PcsOut(pcs=pcs):
            return "pc", ", ".join(pcs)
        case OutageUntold():
            return "outage", ""
        case BillOpen(contract=contract):
            return "bill", contract
        case ListsOld():
            return "lists", ""
        case ClockUnset():
            return "clock", ""
        case BackupOld():
            return "backup", ""


def _decimal(value: Fraction | None, places: int) -> str | None:
    return None if value is None else rounded(value, places).replace(",", "")
