"""When a month's figures are final, and what becomes of later corrections (counting, decision 6; 2.5; 2.7, 22).

In:  the figures a report was signed with, and the same counted again.
Out: adjustments for the next report. A signed report never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

LOCK_DAY = 5
"""Default of the site's setting: the month is locked at 24:00 of this day of the next month."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One figure of a locked month that came out otherwise later."""

    month: date
    """Its first day."""
    figure: str
    signed: int
    """As the office was told last: signed, or stored when the month was locked."""
    counted: int
    site: str = ""
    difference: int = field(init=False)
    """What the next report adds in a line of its own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "difference", self.counted - self.signed)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def locks_at(month: date, zone: timezone, lock_day: int = LOCK_DAY) -> datetime:
    """When a month is locked: 24:00 of day N of the next one, at the site (2.7, 22)."""
    day = next_month(month).replace(day=lock_day) + timedelta(days=1)
    return datetime.combine(day, time.min, tzinfo=zone)


def is_locked(month: date, now: datetime, zone: timezone, lock_day: int = LOCK_DAY) -> bool:
    """Do corrections of a month become adjustments from now on?"""
    return now >= locks_at(month, zone, lock_day)


def adjustments(
    month: date, signed: Mapping[str, int], counted: Mapping[str, int], site: str = ""
) -> tuple[Adjustment, ...]:
    """The figures of a locked month that differ now, by name; a figure that one of the two lacks is 0 there."""
    names = sorted({*signed, *counted})
    told = (Adjustment(month, name, signed.get(name, 0), counted.get(name, 0), site) for name in names)
    return tuple(one for one in told if one.difference)
