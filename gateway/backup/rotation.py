"""Which of many backups stay (values only): the newest of each of the last days, weeks and months that have one."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone


@dataclass(frozen=True, slots=True)
class Keep:
    """How many of each."""

    days: int
    weeks: int
    months: int


def kept(taken: Iterable[datetime], keep: Keep, zone: timezone) -> frozenset[datetime]:
    """The moments whose backups stay; the newest always does. Days without one do not use up the number."""
    newest_first = sorted(set(taken), reverse=True)
    stays = set(newest_first[:1])
    periods: tuple[tuple[int, Callable[[date], Hashable]], ...] = (
        (keep.days, lambda day: day),
        (keep.weeks, lambda day: tuple(day.isocalendar())[:2]),
        (keep.months, lambda day: (day.year, day.month)),
    )
    for count, period_of in periods:
        found: dict[Hashable, datetime] = {}
        for at in newest_first:
            found.setdefault(period_of(at.astimezone(zone).date()), at)
        stays |= set(list(found.values())[:count])
    return frozenset(stays)
