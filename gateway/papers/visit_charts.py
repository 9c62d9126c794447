"""The pictures of visits at the desk: by hour, weekday, month and year, against the goal's band (counting 2.4 B, H).

In:  a Report's sites, or years. Out: Charts, exact values; a visit counts in the hour it begins in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gateway.papers.paper import Chart, Series
from gateway.papers.tongue import Tongue
from gateway.reports.report_values import SiteReport
from gateway.visits.growth import Band

_DAYS = (
    ("T2", "Mon"), ("T3", "Tue"), ("T4", "Wed"), ("T5", "Thu"), ("T6", "Fri"), ("T7", "Sat"), ("CN", "Sun"),
)  # fmt: skip
_OFFICE_HOURS = (7, 17)


@dataclass(frozen=True, slots=True)
class Year:
    """Visits of a year, and of the one before it where that can be compared."""

    year: int
    visits: int
    before: int | None
    band: Band


def visits_by_hour(sites: Sequence[SiteReport], say: Tongue) -> Chart:
    """From the first hour anybody came in to the last."""
    sums = [sum(one.by_hour[hour].visits for one in sites) for hour in range(24)]
    used = [hour for hour, visits in enumerate(sums) if visits] or list(_OFFICE_HOURS)
    hours = range(min(used), max(used) + 1)
    title = say("Lượt theo khung giờ", "Visits by hour of the day")
    labels = tuple(say(f"{hour}h", f"{hour}") for hour in hours)
    return _bars("visits_by_hour", title, labels, tuple(sums[hour] for hour in hours), say)


def visits_by_weekday(sites: Sequence[SiteReport], say: Tongue) -> Chart:
    """Monday first."""
    sums = tuple(sum(one.by_weekday[day].visits for one in sites) for day in range(7))
    title = say("Lượt theo ngày trong tuần", "Visits by day of the week")
    return _bars("visits_by_weekday", title, tuple(say(*one) for one in _DAYS), sums, say)


def visits_by_day(sites: Sequence[SiteReport], say: Tongue) -> Chart:
    """Of one month: each date of it."""
    days: dict[int, int] = {}
    for one in (one for site in sites for one in site.days):
        days[one.day.day] = days.get(one.day.day, 0) + one.counted.visits
    title = say("Lượt theo ngày", "Visits by day")
    return _bars(
        "visits_by_day", title, tuple(f"{day}" for day in sorted(days)), tuple(days[d] for d in sorted(days)), say
    )


def visits_by_year(years: Sequence[Year], say: Tongue) -> Chart:
    """Each year, and where its goal lies: so much more than the year before it."""
    labels = tuple(f"{one.year}" for one in years)
    return Chart(
        code="visits_by_year",
        title=say("Lượt theo năm so với chỉ tiêu", "Visits by year against the goal"),
        form="bars",
        labels=labels,
        series=(Series(say("Lượt", "Visits"), tuple(one.visits for one in years)),),
        unit=say("lượt", "visits"),
        band=(
            Series(say("Chỉ tiêu thấp nhất", "Goal, lower bound"), tuple(_grown(one, one.band.low) for one in years)),
            Series(say("Chỉ tiêu cao nhất", "Goal, upper bound"), tuple(_grown(one, one.band.high) for one in years)),
        )
        if any(one.before for one in years)
        else None,
    )


def _grown(one: Year, percent: int) -> Fraction | None:
    return Fraction(one.before * (100 + percent), 100) if one.before else None


def _bars(code: str, title: str, labels: tuple[str, ...], values: tuple[int, ...], say: Tongue) -> Chart:
    return Chart(code, title, "bars", labels, (Series(say("Lượt", "Visits"), values),), say("lượt", "visits"))
