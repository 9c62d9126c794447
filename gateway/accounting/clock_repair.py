"""Rows that were written before the clock was right, and dates that can't be (counting 2.5, wall clock jumps).

A box without a battery starts with a wrong time. Durations are of the boot clock, so they are right; instants are
marked provisional and shifted once, by the offset that the first synchronisation measures.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

LARGEST_SLEW = timedelta(seconds=5)
"""A larger step of the clock is logged."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """An instant with what is known of the clock that gave it."""

    at: datetime
    boot_id: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Synchronised:
    """The clock of a boot was set: right time - time it showed."""

    boot_id: str
    offset: timedelta

    @property
    def is_step(self) -> bool:
        """Is it worth a line in the log?"""
        return abs(self.offset) > LARGEST_SLEW


def settled(stamp: Stamped, sync: Synchronised) -> Stamped:
    """The instant by the right clock; one that is settled, or of another boot, stays: done twice is done once."""
    if not stamp.provisional or stamp.boot_id != sync.boot_id:
        return stamp
    return replace(stamp, at=stamp.at + sync.offset, provisional=False)


def is_business_date(day: date, last_stored: date | None) -> bool:
    """May figures be stored under this date? Never under one earlier than the last."""
    return last_stored is None or day >= last_stored
