"""When the library is open: the week's hours, holidays, swapped working days, decided changes (counting 2.4 F, 2.7).

Two questions are answered. What was promised (`promised`) is what the office counts: decided extra openings are not in
it, and a closure recorded after its start lowers nothing. What holds at the door (`open_on`) is what patrons meet:
extra openings are open, and every closure closes, whenever it was recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from gateway.service.intervals import Interval, united, without

_AHEAD_DAYS = 60


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of one day, in minutes after midnight; at most 1440."""

    begin_min: int
    end_min: int


class ChangeKind(StrEnum):
    """What a decided change does."""

    EXTRA = "extra"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class Change:
    """One decision beside the plan."""

    kind: ChangeKind
    begin: datetime
    end: datetime
    decided_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that says when the library is open."""

    zone: timezone
    week: Mapping[int, Sequence[Hours]]
    """Weekday (0 is Monday) -> its hours; a day that is missing has none."""
    holidays: frozenset[date] = frozenset()
    swapped: Mapping[date, int] = field(default_factory=dict)
    """Working days with the hours of another weekday."""
    changes: Sequence[Change] = ()


def promised(calendar: Calendar, day: date) -> list[Interval]:
    """P of a day (counting 2.7, 8): plan - holidays + swapped days - closures decided before they begin."""
    closed = [
        (change.begin, change.end)
        for change in calendar.changes
        if change.kind is ChangeKind.CLOSURE and change.decided_at < change.begin
    ]
    return without(_planned(calendar, day), closed)


def usual(calendar: Calendar, day: date) -> list[Interval]:
    """What the week alone has for the day's weekday: no holiday, no swap, no decision."""
    return _planned(replace(calendar, holidays=frozenset(), swapped={}), day)


def open_on(calendar: Calendar, day: date) -> list[Interval]:
    """When patrons are let in on a day: plan and extra openings, less every closure."""
    extra, closed = (_of_kind(calendar, kind, day) for kind in (ChangeKind.EXTRA, ChangeKind.CLOSURE))
    return without([*_planned(calendar, day), *extra], closed)


def decided_extra(calendar: Calendar, day: date) -> list[Interval]:
    """The decided extra openings of a day (2.7, 8): not in P, what is held of them is in X."""
    return without(_of_kind(calendar, ChangeKind.EXTRA, day), _of_kind(calendar, ChangeKind.CLOSURE, day))


def sudden_closures(calendar: Calendar, day: date) -> list[Interval]:
    """Closures of a day that were recorded at or after their start: nghỉ đột xuất, which lowers no promise (2.7, 8)."""
    late = [change for change in calendar.changes if change.decided_at >= change.begin]
    return united(_of_kind(replace(calendar, changes=late), ChangeKind.CLOSURE, day))


def whole_days(calendar: Calendar, first: date, last: date) -> Interval:
    """From the midnight that begins the first date to the one that ends the last."""
    return _midnight(calendar, first), _midnight(calendar, last + timedelta(days=1))


def closes_at(calendar: Calendar, now: datetime) -> datetime | None:
    """The end of the opening that holds now, over midnight if it goes on; None: it is closed."""
    return next((end for begin, end in _ahead(calendar, now) if begin <= now < end), None)


def opens_next(calendar: Calendar, now: datetime) -> datetime | None:
    """The next beginning of an opening; None: none within two months."""
    return next((begin for begin, _ in _ahead(calendar, now) if begin > now), None)


def _ahead(calendar: Calendar, now: datetime) -> Iterator[Interval]:
    """Openings from yesterday on, those that touch at midnight joined."""
    today = now.astimezone(calendar.zone).date()
    days = (today + timedelta(days=n) for n in range(-1, _AHEAD_DAYS))
    yield from united(interval for day in days for interval in open_on(calendar, day))


def _of_kind(calendar: Calendar, kind: ChangeKind, day: date) -> list[Interval]:
    begin, end = _midnight(calendar, day), _midnight(calendar, day + timedelta(days=1))
    spans = [(change.begin, change.end) for change in calendar.changes if change.kind is kind]
    return [(max(begin, start), min(end, stop)) for start, stop in spans]


def _planned(calendar: Calendar, day: date) -> list[Interval]:
    if day in calendar.swapped:
        weekday = calendar.swapped[day]
    elif day in calendar.holidays:
        return []
    else:
        weekday = day.weekday()
    midnight = _midnight(calendar, day)
    return united(
        (midnight + timedelta(minutes=each.begin_min), midnight + timedelta(minutes=each.end_min))
        for each in calendar.week.get(weekday, ())
    )


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=calendar.zone)
