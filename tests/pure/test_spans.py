"""Spans of reports."""

from datetime import date

import pytest

from gateway.reports.spans import months_before, months_of, parse_span, previous


@pytest.mark.parametrize(
    ("form", "text", "first", "last"),
    [
        ("month", "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", "2027-Q1", date(2027, 1, 1), date(2027, 3, 31)),
        ("quarter", "2027-q4", date(2027, 10, 1), date(2027, 12, 31)),
        ("half", "2027-H2", date(2027, 7, 1), date(2027, 12, 31)),
        ("year", "2027", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_span_has_its_first_and_last_date(form: str, text: str, first: date, last: date) -> None:
    assert parse_span(form, text) == (first, last)


@pytest.mark.parametrize(
    ("form", "text"), [("month", "2027-13"), ("quarter", "2027-Q5"), ("year", "1970"), ("half", "2027")]
)
def test_what_is_no_span_says_how_to_write_it(form: str, text: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        parse_span(form, text)


def test_months_go_over_the_year() -> None:
    assert list(months_of((date(2026, 12, 5), date(2027, 1, 2)))) == [date(2026, 12, 1), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("form", "text", "before"),
    [
        ("month", "2028-03", "2028-02"),
        ("quarter", "2027-Q1", "2026-Q4"),
        ("half", "2027-H2", "2027-H1"),
        ("year", "2027", "2026"),
    ],
)
def test_the_previous_period_has_as_many_months(form: str, text: str, before: str) -> None:
    assert previous(parse_span(form, text)) == parse_span(form, before)


def test_the_previous_of_a_week_is_the_week_before() -> None:
    assert previous((date(2027, 3, 8), date(2027, 3, 14))) == (date(2027, 3, 1), date(2027, 3, 7))


@pytest.mark.parametrize(
    ("day", "count", "month"),
    [
        ("2027-03-31", 0, "2027-03-01"),
        ("2027-03-31", 1, "2027-02-01"),
        ("2027-01-15", 1, "2026-12-01"),
        ("2027-03-01", 11, "2026-04-01"),
        ("2027-12-31", 24, "2025-12-01"),
    ],
)
def test_so_many_months_before(day: str, count: int, month: str) -> None:
    assert months_before(date.fromisoformat(day), count) == date.fromisoformat(month)
