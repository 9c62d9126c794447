"""Year on year, against the goal of +5 to 7 % (counting 2.4 H; 2.7, 14).

In:  visits and seconds served of a period and of the same period a year before.
Out: exact percentages, the class, what is still needed. Never of devices, always of visits.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from gateway.units import half_away


@dataclass(frozen=True, slots=True)
class Band:
    """The yearly goal, in whole percent; a plan's data, these are the first plan's."""

    low: int = 5
    high: int = 7


GOAL = Band()


class Rating(StrEnum):
    """How a period stands against the goal."""

    NO_BASE = "chưa có số liệu so sánh"
    MISSED = "chưa đạt"
    MET = "đạt"
    EXCEEDED = "vượt"


def growth(visits: int, before: int | None) -> Fraction | None:
    """g = 100 (V1 - V0) / V0, exact; None without a base."""
    return Fraction(100 * (visits - before), before) if before else None


def rating(visits: int, before: int | None, band: Band = GOAL) -> Rating:
    """The class, on exact integers: what is printed as 5,00 may still be below it."""
    if not before:
        return Rating.NO_BASE
    grown = 100 * (visits - before)
    if grown < band.low * before:
        return Rating.MISSED
    return Rating.MET if grown <= band.high * before else Rating.EXCEEDED


def growth_per_hour(visits: int, served_s: int, before: int | None, before_served_s: int) -> Fraction | None:
    """Growth of visits per hour served, H + X: a year with more open days does not look like success."""
    if not (before and before_served_s and served_s):
        return None
    return 100 * (Fraction(visits * before_served_s, before * served_s) - 1)


def needed(before: int, band: Band = GOAL) -> int:
    """The fewest visits that meet the goal: ceil(1.05 V0)."""
    return ceil(Fraction((100 + band.low) * before, 100))


def still_needed(visits: int, before: int, band: Band = GOAL) -> int:
    """ceil(1.05 V0) - V1; nothing once it is reached."""
    return max(0, needed(before, band) - visits)


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a period that is not over is heading."""

    projected: Fraction | None
    """Visits at its end if they go on as until now, by promised time; None before any of it is over."""
    needed_a_day: int | None
    """Visits a service day that remain to be had, rounded up; None when no service day is left."""


def pace(visits: int, before: int, promised_so_far_s: int, promised_s: int, days_left: int, band: Band = GOAL) -> Pace:
    """Pace towards the goal: promised seconds so far and of the whole period, service days left in it."""
    projected = Fraction(visits * promised_s, promised_so_far_s) if promised_so_far_s else None
    return Pace(projected, ceil(Fraction(still_needed(visits, before, band), days_left)) if days_left else None)


def path(base: int, percent: int, years: int) -> tuple[int, ...]:
    """The compounded guide line from a base, half up as drawn; the goal itself is of each year's actual figure."""
    return tuple(half_away(base * Fraction(100 + percent, 100) ** year) for year in range(1, years + 1))
