"""What the calendar's views and acts are asked with, and the small values they tell."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from gateway.desk.inputs import Clock, Day, Line, Moment, Month, Named, OrNone
from gateway.desk.table import Input
from gateway.desk.told_calendar import ToldChange, ToldDay


class AskedMonth(Input):
    """Which month."""

    month: Month


class AskedDay(Input):
    """Which day."""

    day: Day


class AskedYear(Input):
    """Which year."""

    year: int = Field(ge=2000, le=2099)


class Extra(Input):
    """Open beside the plan."""

    day: Day
    begin: Clock
    end: Clock
    reason: Line = ""


class Closure(Input):
    """Close for a day or several, all day or for some hours of each."""

    first: Day
    last: Annotated[Day | None, OrNone] = Field(None, description="The last day closed; missing: the first alone")
    begin: Annotated[Clock | None, OrNone] = Field(None, description="Missing: from midnight")
    end: Annotated[Clock | None, OrNone] = Field(None, description="Missing: to midnight")
    reason: Named


class Week(Input):
    """The hours of each weekday: "07:30-11:30, 13:30-17:00"; empty: closed."""

    mon: Line = ""
    tue: Line = ""
    wed: Line = ""
    thu: Line = ""
    fri: Line = ""
    sat: Line = ""
    sun: Line = ""


class Holidays(Input):
    """Which of a year's proposal."""

    year: int = Field(ge=2000, le=2099)
    days: tuple[Day, ...] = Field(
        min_length=1, max_length=60, description="First days of the occasions, and swapped working days"
    )


class AskedChange(Input):
    """Which decision."""

    id: int = Field(ge=1, le=2**53)


class Door(Input):
    """Opened or closed."""

    at: Annotated[Moment | None, OrNone] = Field(None, description="When; missing: now")


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """What was stored."""

    numbers: tuple[int, ...]
    days: tuple[ToldDay, ...]


@dataclass(frozen=True, slots=True)
class ToldChanges:
    """Decisions that stand."""

    changes: tuple[ToldChange, ...]


@dataclass(frozen=True, slots=True)
class ToldWeek:
    """The hours of a week, Monday first: "07:30-11:30"."""

    days: tuple[tuple[str, ...], ...]
