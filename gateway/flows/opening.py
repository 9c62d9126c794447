"""Opening hours as planned and decided: the verbs that `cong hours` and the desk's calendar share.

In:  the configuration's plan, the store's changes, a decision as somebody means it (kind, days, hours).
Out: days with what is open and why; numbers of stored changes, or why there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from gateway.ports_hours import CalendarStore, StoredChange
from gateway.service.calendar import Calendar, Change, ChangeKind, Hours, open_on, promised, usual
from gateway.service.intervals import Interval

_MOST_DAYS = 62
"""Of one decision: a span that is longer is a slip of the year."""
_WHOLE_DAY = Hours(0, 1440)


@dataclass(frozen=True, slots=True)
class Decided:
    """The plan with what was decided beside it; and those decisions."""

    calendar: Calendar
    stored: Sequence[StoredChange]


class NotDecided(StrEnum):
    """Why a decision can't stand."""

    PAST = "past"
    """A change is decided before it ends."""
    BACKWARDS = "backwards"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day, and what makes it another than its weekday."""

    day: date
    usual: Sequence[Interval]
    """What the week has for its weekday."""
    promised: Sequence[Interval]
    open: Sequence[Interval]
    """When patrons are let in."""
    is_holiday: bool
    hours_of: int | None
    """The weekday whose hours it has (0 is Monday); None: its own."""
    changes: Sequence[StoredChange]


async def decided(plan: Calendar, store: CalendarStore, since: datetime) -> Decided:
    """The plan with the changes that are not over before `since`."""
    stored = await store.changes(since)
    return Decided(replace(plan, changes=[each.change for each in stored]), stored)


def day_plan(told: Decided, day: date) -> DayPlan:
    """What holds on a day."""
    begin, end = midnight(day, told.calendar.zone), midnight(day + timedelta(days=1), told.calendar.zone)
    hours_of = told.calendar.swapped.get(day)
    return DayPlan(
        day,
        usual(told.calendar, day),
        promised(told.calendar, day),
        open_on(told.calendar, day),
        hours_of is None and day in told.calendar.holidays,
        hours_of,
        [each for each in told.stored if each.change.begin < end and each.change.end > begin],
    )


async def decide(
    store: CalendarStore,
    kind: ChangeKind,
    dates: tuple[date, date],
    hours: Hours | None,
    *,
    zone: timezone,
    now: datetime,
    reason: str,
    author: str,
) -> Sequence[int] | NotDecided:
    """Open beside the plan, or close, on each of these dates (both inclusive), all day long or for some hours of it.

    All or nothing is stored; asked twice it is one decision, with the numbers of the first.
    """
    spans = _spans(dates, hours, zone, now)
    if isinstance(spans, NotDecided):
        return spans
    return await store.decide_all([Change(kind, begin, end, now, reason.strip()) for begin, end in spans], author)


def day_spans(intervals: Sequence[Interval], day: date, zone: timezone) -> list[str]:
    """Intervals of a day as people write them: "07:30-11:30", to at most "24:00"."""

    def clock(moment: datetime) -> str:
        minutes = int((moment - midnight(day, zone)).total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"

    return [f"{clock(begin)}-{clock(end)}" for begin, end in intervals]


def midnight(day: date, zone: timezone) -> datetime:
    """The instant in which a day begins."""
    return datetime.combine(day, time.min, zone)


def _spans(
    dates: tuple[date, date], hours: Hours | None, zone: timezone, now: datetime
) -> Sequence[Interval] | NotDecided:
    first, last = dates
    if last < first:
        return NotDecided.BACKWARDS
    if (last - first).days >= _MOST_DAYS:
        return NotDecided.TOO_LONG
    each_day = [_on(first + timedelta(days=n), hours or _WHOLE_DAY, zone) for n in range((last - first).days + 1)]
    if each_day[0][1] <= now:
        return NotDecided.PAST
    if hours is not None:
        return each_day
    # a closure that has begun lowers no promise: of one over several days that is true of its first alone
    begun = [span for span in each_day if span[0] <= now]
    ahead = each_day[len(begun) :]
    return [*begun, *([(ahead[0][0], ahead[-1][1])] if ahead else [])]


def _on(day: date, hours: Hours, zone: timezone) -> Interval:
    begin = midnight(day, zone)
    return begin + timedelta(minutes=hours.begin_min), begin + timedelta(minutes=hours.end_min)
