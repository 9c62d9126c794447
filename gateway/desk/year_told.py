"""What the desk tells of visits year by year."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.papers.visit_charts import Year
from gateway.visits.growth import growth, needed, rating


@dataclass(frozen=True, slots=True)
class YearTold:
    """One year, the running one as far as it is over."""

    year: int
    visits: int
    before: int | None
    """The same days of the year before; null: some month has no figure."""
    percent: float | None
    rating: str
    goal_low: int
    goal_high: int
    needed: int | None
    """The fewest visits that meet the goal."""


@dataclass(frozen=True, slots=True)
class YearsTold:
    """Oldest first."""

    years: tuple[YearTold, ...]


def years_told(years: Sequence[Year]) -> YearsTold:
    """As the desk tells them."""
    return YearsTold(tuple(map(_year, years)))


def _year(one: Year) -> YearTold:
    grown = growth(one.visits, one.before)
    return YearTold(
        one.year,
        one.visits,
        one.before,
        None if grown is None else round(float(grown), 4),
        rating(one.visits, one.before, one.band).value,
        one.band.low,
        one.band.high,
        needed(one.before, one.band) if one.before else None,
    )
