"""[hours]: when the library is open."""

import re
from collections.abc import Mapping
from datetime import date, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.config.fields import DurationS, Section
from gateway.service.calendar import Calendar, Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_hours(text: str) -> Hours:
    """The span of "07:30-11:30", to at most "24:00"; ValueError otherwise."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", text)
    begin, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if not begin < end <= 1440:
        raise ValueError(f'"{text}" is no span of a day: write it as "07:30-11:30", at most to "24:00"')
    return Hours(begin, end)


def parse_swapped(text: str) -> tuple[date, int]:
    """The day and weekday (0 is Monday) of "2026-08-22 as mon"; ValueError otherwise."""
    day, _, weekday = text.partition(" as ")
    try:
        return date.fromisoformat(day), _DAYS.index(weekday)
    except ValueError:
        raise ValueError(f'"{text}" is no swapped day: write it as "2026-08-22 as mon"') from None


SpanText = Annotated[str, AfterValidator(lambda text: parse_hours(text) and text)]
SwappedText = Annotated[str, AfterValidator(lambda text: parse_swapped(text) and text)]
Day = tuple[SpanText, ...]


class OpeningHours(Section):
    """The hours of a week; holidays are those of site.holidays."""

    enforce: bool = Field(
        False, description="Let nobody in outside these hours, and end sessions at closing; staff devices stay on"
    )
    mon: Day = Field((), description='Hours of Mondays, such as ["07:30-11:30", "13:30-17:00"]')
    tue: Day = Field((), description="Hours of Tuesdays")
    wed: Day = Field((), description="Hours of Wednesdays")
    thu: Day = Field((), description="Hours of Thursdays")
    fri: Day = Field((), description="Hours of Fridays")
    sat: Day = Field((), description="Hours of Saturdays")
    sun: Day = Field((), description="Hours of Sundays")
    swapped: tuple[SwappedText, ...] = Field(
        (), description='Working days with the hours of another weekday: ["2026-08-22 as mon"]'
    )
    opened_by: Literal["evidence", "staff"] = Field(
        "evidence",
        description='What says when the library was open: "evidence" of use within its hours, "staff" by `cong door`',
    )
    warn_s: DurationS = Field(
        600,
        alias="warn",
        ge=60,
        le=3600,
        description="The status page warns this long before closing or the end",
    )

    @model_validator(mode="after")
    def _has_hours(self) -> "OpeningHours":
        if self.enforce and not any(self._week().values()):
            raise ValueError("enforce = true, but no day has hours: nobody would ever get in; give mon, tue and so on")
        return self

    def calendar(self, zone: timezone, holidays: frozenset[date]) -> Calendar:
        """The plan, without decided changes."""
        return Calendar(zone, self._week(), holidays, dict(parse_swapped(text) for text in self.swapped))

    def _week(self) -> Mapping[int, tuple[Hours, ...]]:
        return {n: tuple(parse_hours(text) for text in getattr(self, day)) for n, day in enumerate(_DAYS)}
