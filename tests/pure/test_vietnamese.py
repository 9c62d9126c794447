"""Numbers, dates and names as they are printed, in Vietnamese and English."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from gateway.reports import english, vietnamese
from gateway.reports.rounding import rounded


@pytest.mark.parametrize(
    ("value", "places", "vi", "en"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1284, 0, "1.284", "1,284"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (Fraction(638, 100), 2, "6,38", "6.38"),
        (Fraction(12845, 10), 1, "1.284,5", "1,284.5"),
        (Fraction(5, 2), 0, "3", "3"),
        (Fraction(-5, 2), 0, "-3", "-3"),  # halves away from zero
        (Fraction(1, 200), 2, "0,01", "0.01"),
        (Fraction(-1, 1000), 2, "0,00", "0.00"),  # no minus on a zero
    ],
)
def test_numbers(value: int | Fraction, places: int, vi: str, en: str) -> None:
    assert (vietnamese.number(value, places), english.number(value, places)) == (vi, en)


@pytest.mark.parametrize(
    ("value", "vi"),
    [(Fraction(300, 43), "+7,0%"), (Fraction(-5), "-5,0%"), (Fraction(0), "0,0%"), (Fraction(-1, 100), "0,0%")],
)
def test_percentages_carry_their_sign(value: Fraction, vi: str) -> None:
    assert vietnamese.percent_change(value) == vi
    assert english.percent_change(value) == vi.replace(",", ".")


@pytest.mark.parametrize(
    ("count_bytes", "vi"),
    [
        (0, "0 MB"),
        (512, "512 B"),
        (34_500, "34,5 kB"),
        (999_949, "999,9 kB"),
        (999_950, "1,0 MB"),
        (12_400_000, "12,4 MB"),
        (999_949_999, "999,9 MB"),
        (999_950_000, "1,0 GB"),
        (1_284_500_000_000, "1.284,5 GB"),
    ],
)
def test_amounts(count_bytes: int, vi: str) -> None:
    assert vietnamese.amount(count_bytes) == vi
    assert english.amount(count_bytes) == vi.translate(str.maketrans(",.", ".,"))


def test_dates_have_no_leading_zeros() -> None:
    assert (vietnamese.day(date(2027, 4, 1)), english.day(date(2027, 4, 1))) == ("1/4/2027", "1 Apr 2027")


def test_week_begins_with_thu_hai_and_ends_with_chu_nhat() -> None:
    week = [date(2027, 3, 29) + timedelta(days=n) for n in range(7)]
    assert [vietnamese.weekday(day) for day in week] == [
        "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật",
    ]  # fmt: skip
    assert [english.weekday(day)[:2] for day in week] == ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    assert [english.month(date(2027, n, 1))[:3] for n in (1, 6, 12)] == ["Jan", "Jun", "Dec"]


def test_unknown_categories_keep_their_code() -> None:
    assert vietnamese.category("games") == "game nạp tiền"
    assert vietnamese.category("social") == english.category("social") == "social"


def test_rounded_to_places_of_nine() -> None:
    assert rounded(Fraction(99995, 10000), 3) == "10.000"
