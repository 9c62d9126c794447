"""What the calendar's views tell, made of the flows' values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gateway.facts.fact import Fact
from gateway.flows.opening import DayPlan, Decided, day_plan, day_spans
from gateway.ports_hours import StoredChange
from gateway.service.calendar import Calendar, ChangeKind
from gateway.service.holidays import holiday_name, proposed


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A decision beside the plan."""

    id: int
    kind: ChangeKind
    begin: datetime
    end: datetime
    last: date
    """The last day it touches."""
    is_whole_days: bool
    reason: str
    author: str
    decided_at: datetime
    is_sudden: bool
    """Decided after it had begun: a closure of this kind lowers nothing that is promised."""


@dataclass(frozen=True, slots=True)
class ToldDay:
    """One day."""

    day: date
    weekday: int
    """0 is Monday."""
    is_today: bool
    is_past: bool
    open: tuple[str, ...]
    """When patrons are let in: "07:30-11:30"."""
    promised: tuple[str, ...]
    """What counts as promised: without decided extra openings, and less closures decided before they began."""
    usual: tuple[str, ...]
    """What the week has for its weekday."""
    is_holiday: bool
    holiday: str
    """Its name as the government's table has it; "" for a day off of the library's own, or none."""
    is_proposed: bool
    """A public holiday that the library has not entered."""
    hours_of: int | None
    """The weekday whose hours it has by a swap."""
    changes: tuple[ToldChange, ...]


@dataclass(frozen=True, slots=True)
class ToldMonth:
    """A month."""

    month: date
    """Its first day."""
    days: tuple[ToldDay, ...]


@dataclass(frozen=True, slots=True)
class ToldDoor:
    """Staff opened or closed."""

    at: datetime
    opens: bool


@dataclass(frozen=True, slots=True)
class ToldNow:
    """The door at this moment."""

    at: datetime
    is_open: bool
    """By the plan and what was decided beside it."""
    closes_at: datetime | None
    opens_next: datetime | None
    is_enforced: bool
    """Patrons are let in within these hours alone."""
    goes_by_staff: bool
    """Reports count hours held by what staff tell here; otherwise by signs of use."""
    doors: tuple[ToldDoor, ...]
    """What staff told today, in order."""


@dataclass(frozen=True, slots=True)
class ToldHoliday:
    """One occasion of a year's table."""

    name: str
    first: date
    last: date
    is_accepted: bool
    """All of its days are days off of the library."""


@dataclass(frozen=True, slots=True)
class ToldSwap:
    """A working Saturday for another day."""

    day: date
    hours_of: int
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class ToldHolidays:
    """A year's days off: what the government's table proposes, and what the library has."""

    year: int
    is_known: bool
    """The table has this year."""
    is_announced: bool
    """False: the law's days alone; the announcement may yet swap some."""
    proposed: tuple[ToldHoliday, ...]
    swapped: tuple[ToldSwap, ...]
    own: tuple[date, ...]
    """Days off of the library that the table does not have."""
    missing: tuple[date, ...]
    """Days off of the table that the library does not have."""


def told_change(one: StoredChange, zone: timezone) -> ToldChange:
    """A decision."""
    change = one.change
    ends = (change.begin.astimezone(zone), change.end.astimezone(zone))
    whole = all((at.hour, at.minute, at.second) == (0, 0, 0) for at in ends)
    return ToldChange(
        one.id,
        change.kind,
        *ends,
        (ends[1] - timedelta(seconds=1)).date(),
        whole,
        change.reason,
        one.author,
        change.decided_at.astimezone(zone),
        change.decided_at >= change.begin,
    )


def told_day(plan: DayPlan, zone: timezone, today: date) -> ToldDay:
    """A day."""
    name = holiday_name(plan.day)
    return ToldDay(
        plan.day,
        plan.day.weekday(),
        plan.day == today,
        plan.day < today,
        tuple(day_spans(plan.open, plan.day, zone)),
        tuple(day_spans(plan.promised, plan.day, zone)),
        tuple(day_spans(plan.usual, plan.day, zone)),
        plan.is_holiday,
        name,
        bool(name) and not plan.is_holiday and plan.hours_of is None,
        plan.hours_of,
        tuple(told_change(each, zone) for each in plan.changes),
    )


def told_days(told: Decided, days: list[date], today: date) -> tuple[ToldDay, ...]:
    """Several days."""
    return tuple(told_day(day_plan(told, day), told.calendar.zone, today) for day in days)


def told_door(fact: Fact, zone: timezone) -> ToldDoor:
    """Of a fact of the register."""
    return ToldDoor(fact.instant_of("at").astimezone(zone), fact.flag("opens"))


def told_holidays(plan: Calendar, year: int) -> ToldHolidays:
    """A year's proposal beside the plan."""
    table = proposed(year)
    has = {day for day in plan.holidays if day.year == year}
    if table is None:
        return ToldHolidays(year, False, False, (), (), tuple(sorted(has)), ())
    occasions = tuple(ToldHoliday(one.name, one.first, one.last, one.days() <= plan.holidays) for one in table.holidays)
    swaps = tuple(
        ToldSwap(day, hours_of, plan.swapped.get(day) == hours_of) for day, hours_of in sorted(table.swapped.items())
    )
    return ToldHolidays(
        year,
        True,
        table.announced,
        occasions,
        swaps,
        tuple(sorted(has - table.days())),
        tuple(sorted(table.days() - has)),
    )
