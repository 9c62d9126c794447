"""Payments for many months, and what is paid back."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.contract import Clawback, FreeMonths, Percent, Rule, Term
from gateway.billing.prepaid import Share, bought_discount, clawback_vnd, share_of, spread
from gateway.reports.rounding import rounded

TEN = Fraction(1, 10)


def test_worked_prepayments_of_the_specification() -> None:
    assert spread(231_000 * 6, 7) == (198_000,) * 7
    assert spread(231_000 * 12, 14) == (198_000,) * 14
    assert rounded(100 * bought_discount(FreeMonths(6, 1, 1)), 2) == "14.29"
    assert bought_discount(FreeMonths(12, 2, 1)) == Fraction(1, 7)


def test_the_last_month_takes_the_rest() -> None:
    assert spread(100, 7) == (14, 14, 14, 14, 14, 14, 16)


def test_shares_run_from_the_first_month_over_the_turn_of_the_year() -> None:
    rule = Rule(FreeMonths(6, 1, 1_000_003), Term(date(2026, 10, 1)), "HĐ 3")
    months = [date(2026, 9, 1), date(2026, 10, 1), date(2027, 4, 1), date(2027, 5, 1)]
    first, last = Share(142_857, 129_870, 12_987), Share(142_861, 129_874, 12_987)
    assert [share_of(rule, month, TEN) for month in months] == [None, first, last, None]
    assert share_of(Rule(Percent(TEN), Term(date(2026, 10, 1))), months[1], TEN) is None


def test_an_early_end_pays_back_its_share_of_all_reductions() -> None:
    rule = Clawback(date(2028, 1, 1), Fraction(1, 2))
    assert clawback_vnd(rule, date(2027, 12, 31), [105_000, 105_000, 105_001]) == 157_501  # half a dong: up
    assert clawback_vnd(rule, date(2028, 1, 1), [105_000]) == 0


@given(st.integers(0, 10**9), st.integers(1, 30))
def test_shares_add_up_to_what_was_paid(total: int, months: int) -> None:
    assert sum(spread(total, months)) == total
