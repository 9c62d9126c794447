"""Pictures of visits by year: the goal lies above what the year before had."""

from fractions import Fraction

from gateway.papers.tongue import Tongue
from gateway.papers.visit_charts import Year, visits_by_hour, visits_by_weekday, visits_by_year
from gateway.visits.growth import GOAL, Band


def test_a_year_stands_before_its_own_goal() -> None:
    years = [Year(2025, 10_000, None, GOAL), Year(2026, 10_499, 10_000, GOAL), Year(2027, 1, 10_499, Band(6, 8))]
    chart = visits_by_year(years, Tongue("vi"))
    assert chart.labels == ("2025", "2026", "2027") and chart.series[0].values == (10_000, 10_499, 1)
    assert chart.band is not None
    low, high = (one.values for one in chart.band)
    assert low == (None, 10_500, Fraction(10_499 * 106, 100)) and high == (None, 10_700, Fraction(10_499 * 108, 100))
    assert visits_by_year(years[:1], Tongue("en")).band is None, "nothing to grow from is no goal"


def test_without_anybody_the_office_hours_are_shown() -> None:
    assert visits_by_hour([], Tongue("vi")).labels == tuple(f"{hour}h" for hour in range(7, 18))
    assert visits_by_weekday([], Tongue("en")).labels[0] == "Mon"
