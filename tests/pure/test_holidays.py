"""Viet Nam's days off: what was announced, and what the calendar makes of it."""

from datetime import date, timedelta, timezone

import pytest

from gateway.service.calendar import Calendar, Hours, promised
from gateway.service.holidays import YEARS, holiday_name, proposed
from gateway.service.intervals import length_s

WEEK = dict.fromkeys(range(5), (Hours(450, 660), Hours(810, 1020)))  # 07:30-11:00, 13:30-17:00: 7 h


def hours_of(first: date, last: date) -> tuple[int, int]:
    """Service days and promised hours under the table."""
    year = proposed(first.year)
    assert year
    calendar = Calendar(timezone(timedelta(hours=7)), WEEK, year.days(), year.swapped)
    days = [promised(calendar, first + timedelta(days=n)) for n in range((last - first).days + 1)]
    return sum(bool(day) for day in days), sum(length_s(day) for day in days) // 3600


def test_march_2027_of_the_specification() -> None:
    assert hours_of(date(2027, 3, 1), date(2027, 3, 31)) == (23, 161)


def test_a_working_saturday_stands_for_the_monday_that_is_off() -> None:
    assert hours_of(date(2026, 8, 22), date(2026, 8, 22)) == (1, 7)
    assert hours_of(date(2026, 8, 29), date(2026, 9, 2)) == (0, 0)  # five days in a row
    assert hours_of(date(2026, 1, 1), date(2026, 1, 4)) == (0, 0)
    assert hours_of(date(2026, 1, 10), date(2026, 1, 10)) == (1, 7)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_is_within_itself_and_swapped_days_are_weekends_worked(year: int) -> None:
    table = YEARS[year]
    assert {day.year for day in table.days()} == {year}
    assert all(day.weekday() == 5 and day not in table.days() for day in table.swapped)
    assert len([day for day in table.days() if day.weekday() < 5]) >= 11  # the law's days, moved ones with them


def test_what_the_government_has_not_said_is_a_proposal() -> None:
    assert YEARS[2026].announced
    assert not YEARS[2027].announced
    assert proposed(2031) is None


def test_a_day_has_the_name_of_its_occasion_and_an_occasion_its_text() -> None:
    assert holiday_name(date(2026, 2, 18)) == "Tết Nguyên đán"
    assert holiday_name(date(2026, 2, 23)) == holiday_name(date(2050, 1, 1)) == ""
    assert [one.span() for one in YEARS[2026].holidays[:2]] == ["2026-01-01..2026-01-02", "2026-02-16..2026-02-20"]
    assert YEARS[2026].holidays[-1].span() == "2026-11-24"
