"""Visits year by year, each held against the goal of its own plan (counting 2.4 H): a view over many reports."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gateway.flows.all_facts import AllFacts
from gateway.flows.told_sites import period_report
from gateway.visits.growth import Band


@dataclass(frozen=True, slots=True)
class YearOfVisits:
    """One year, as far as it is over."""

    year: int
    last: date
    """Its last day, or today."""
    visits: int
    before: int | None
    """The same days of the year before, of the sites that can be compared; None: some month has no figure."""
    percent: Fraction | None
    rating: str
    band: Band
    months: tuple[tuple[date, int], ...]
    """Visits of each month of it."""


async def visit_years(source: AllFacts, today: date, years: int, only: str | None = None) -> list[YearOfVisits]:
    """The latest years up to the running one, oldest first; years in which nobody was counted are left out."""
    told: list[YearOfVisits] = []
    for year in range(today.year - years + 1, today.year + 1):
        last = min(date(year, 12, 31), today)
        made = await period_report(source, (date(year, 1, 1), last), only)
        months: dict[date, int] = {}
        for one in (one for site in made.sites for one in site.months):
            months[one.month] = months.get(one.month, 0) + one.counted.visits
        if not made.total.counted.visits:
            continue
        growth = made.growth
        counted = tuple(sorted(months.items()))
        told.append(
            YearOfVisits(
                year, last, made.total.counted.visits, growth.before, growth.percent, growth.rating, made.band, counted
            )
        )
    return told
