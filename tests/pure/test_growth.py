"""Growth: the golden vectors, the band's edges, pace, path."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.rounding import below_goal, rounded
from gateway.reports.vietnamese import number
from gateway.visits.growth import Band, Pace, Rating, growth, growth_per_hour, needed, pace, path, rating, still_needed

NO_BASE, MISSED, MET, EXCEEDED = Rating.NO_BASE, Rating.MISSED, Rating.MET, Rating.EXCEEDED


@pytest.mark.parametrize(
    ("before", "visits", "shown", "class_"),
    [
        (1207, 1284, "6,38", MET),
        (10000, 10500, "5,00", MET),
        (10000, 10499, "4,99", MISSED),
        (10000, 10700, "7,00", MET),
        (10000, 10701, "7,01", EXCEEDED),
        (800, 760, "-5,00", MISSED),
        (0, 50, None, NO_BASE),
        (None, 50, None, NO_BASE),
        (100000, 104999, "5,00", MISSED),  # the class is exact, whatever is printed
    ],
)
def test_golden_vectors_of_growth(before: int | None, visits: int, shown: str | None, class_: Rating) -> None:
    value = growth(visits, before)
    assert (None if value is None else number(value, 2)) == shown
    assert rating(visits, before) is class_


def test_golden_vector_of_growth_per_service_hour() -> None:
    value = growth_per_hour(1284, 161 * 3600, 1207, 168 * 3600)
    assert value is not None
    assert rounded(value, 2, signed=True) == "+11.00"
    assert growth_per_hour(1284, 161 * 3600, 1207, 0) is None
    assert growth_per_hour(1284, 0, 1207, 168 * 3600) is None
    assert growth_per_hour(1284, 161 * 3600, None, 168 * 3600) is None


def test_golden_vector_of_the_three_year_path() -> None:
    assert path(10000, 5, 3) == (10500, 11025, 11576)
    assert path(10000, 7, 3) == (10700, 11449, 12250)
    assert path(10, 5, 1) == (11,)  # 10.5: half up


def test_halves_are_rounded_away_from_zero_on_both_sides() -> None:
    assert (number(Fraction(12345, 1000), 2), number(Fraction(-12345, 1000), 2)) == ("12,35", "-12,35")


def test_a_goal_of_a_hundred_that_is_missed_never_prints_as_reached() -> None:
    almost = Fraction(99999, 1000)
    assert (number(almost, 2), number(below_goal(almost), 2)) == ("100,00", "99,99")
    assert below_goal(Fraction(100)) == 100
    assert below_goal(Fraction(9992, 100)) == Fraction(9992, 100)


def test_what_is_still_needed_is_rounded_up_to_whole_visits() -> None:
    assert (needed(1207), still_needed(1200, 1207), still_needed(1284, 1207)) == (1268, 68, 0)
    assert needed(10000) == 10500


def test_another_plan_has_another_band() -> None:
    assert rating(1100, 1000, Band(10, 12)) is MET
    assert still_needed(1050, 1000, Band(10, 12)) == 50


def test_pace_is_by_promised_time_and_the_rest_by_service_days() -> None:
    assert pace(600, 1207, 80 * 3600, 160 * 3600, 12) == Pace(Fraction(1200), 56)  # 668 in 12 days
    assert pace(0, 1207, 0, 160 * 3600, 23) == Pace(None, 56)
    assert pace(1300, 1207, 160 * 3600, 160 * 3600, 0) == Pace(Fraction(1300), None)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_class_is_that_of_the_exact_percentage_and_needed_is_the_least(visits: int, before: int) -> None:
    value = growth(visits, before)
    assert value is not None
    wanted = MISSED if value < 5 else MET if value <= 7 else EXCEEDED
    assert rating(visits, before) is wanted
    assert rating(needed(before), before) is not MISSED
    assert rating(needed(before) - 1, before) is MISSED
