"""Invoiced against expected: the worked examples, the parts that always add up, every status."""

from dataclasses import replace
from datetime import date, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.contract import Contract, Fixed, FreeMonths, Percent, Price, Rule, Term, VatRate
from gateway.billing.credit import NoCredit
from gateway.billing.invoices import Invoice, Invoiced, Link, invoiced
from gateway.billing.month import Expected, Terms, expected
from gateway.billing.variance import Status, status, variance

ALWAYS = Term(date(2018, 1, 1))
APRIL, MAY = date(2027, 4, 1), date(2027, 5, 1)
TEN = Fraction(1, 10)


def bill(*rules: Rule, month: date = APRIL, term: Term = ALWAYS) -> Expected:
    terms = Terms(rules, (VatRate(ALWAYS, TEN),), NoCredit(), timezone(timedelta(hours=7)))
    return expected(Contract("HD-1", term, (Price(ALWAYS, 350_000),)), month, terms)


WANTED = bill(Rule(Percent(Fraction(30, 100)), ALWAYS, "CV 12"))  # R-A
WITH_CREDIT = replace(WANTED, credit_vnd=10_792, before_vat_vnd=234_208, vat_vnd=23_421)  # R-B


def parts(wanted: Expected, asked: Invoiced) -> tuple[int, ...]:
    told = variance(wanted, asked)
    return told.list_vnd, told.discount_vnd, told.credit_vnd, told.vat_vnd, told.other_vnd


def test_worked_invoice_with_twenty_percent_in_place_of_thirty() -> None:
    asked = Invoiced(308_000, 350_000, 70_000, 0, 28_000, frozenset({TEN}))
    told = variance(WANTED, asked)
    assert (told.total_vnd, parts(WANTED, asked)) == (38_500, (0, 35_000, 0, 3_500, 0))
    assert status(WANTED, asked) is Status.HIGHER
    assert 5 * told.total_vnd == 192_500
    assert not told.other_vat_rate


def test_worked_invoice_without_the_credit() -> None:
    asked = Invoiced(269_500, 350_000, 105_000, 0, 24_500)
    assert (variance(WITH_CREDIT, asked).total_vnd, parts(WITH_CREDIT, asked)) == (11_871, (0, 0, 10_792, 1_079, 0))


def test_fees_foreign_lines_and_untold_parts_are_other() -> None:
    assert parts(WANTED, Invoiced(280_000, 350_000, 105_000, 0, 24_500)) == (0, 0, 0, 0, 10_500)
    assert parts(WANTED, Invoiced(308_000)) == (0, 0, 0, 0, 38_500)
    assert parts(WANTED, Invoiced(308_000, vat_vnd=28_000)) == (0, 0, 0, 3_500, 35_000)


def test_another_vat_rate_is_flagged() -> None:
    asked = Invoiced(264_600, 350_000, 105_000, 0, 19_600, frozenset({Fraction(8, 100)}))
    assert variance(WANTED, asked).other_vat_rate
    assert parts(WANTED, asked) == (0, 0, 0, -4_900, 0)


def test_what_is_beyond_the_price_is_no_difference() -> None:
    free = bill(Rule(Fixed(400_000), ALWAYS, "CV 12"))
    asked = Invoiced(0, 350_000, 350_000, 0, 0)
    assert (parts(free, asked), status(free, asked)) == ((0, 0, 0, 0, 0), Status.AGREES)


@pytest.mark.parametrize(
    ("total", "told"),
    [
        (269_498, Status.AGREES),
        (269_502, Status.AGREES),
        (269_503, Status.HIGHER),
        (269_497, Status.LOWER),
    ],
)
def test_two_dong_agree(total: int, told: Status) -> None:
    assert status(WANTED, Invoiced(total)) is told


def test_what_is_missing_is_a_state_of_its_own() -> None:
    ended = bill(term=Term(date(2020, 1, 1), date(2027, 3, 31)))
    prepaid = bill(Rule(FreeMonths(6, 1, 1_386_000), Term(date(2027, 1, 1)), "HĐ 3"))
    assert status(WANTED, None) is Status.NO_INVOICE
    assert status(ended, Invoiced(269_500)) is Status.NO_CONTRACT
    assert status(ended, None) is Status.NOTHING
    assert status(prepaid, None) is Status.PREPAID
    assert status(prepaid, Invoiced(198_000)) is Status.AGREES


def test_invoices_of_a_month_add_up_each_once() -> None:
    one, two = Invoice("A", "HD-1", APRIL, 100, vat_vnd=9), Invoice("B", "HD-1", APRIL, 50, vat_vnd=5)
    told = invoiced([one, two, one, replace(one, key="C", contract="HD-2")], "HD-1", APRIL)
    assert told == Invoiced(150, vat_vnd=14)
    assert invoiced([one], "HD-1", MAY) is None


def test_an_adjustment_is_a_signed_difference_in_the_originals_month() -> None:
    original = Invoice("A", "HD-1", APRIL, 308_000, 350_000, 70_000, 0, 28_000)
    adjusts = Invoice("B", "HD-1", MAY, -38_500, 0, 35_000, 0, -3_500, link=Link.ADJUSTS, refers_to="A")
    told = invoiced([adjusts, original], "HD-1", APRIL)
    assert told == Invoiced(269_500, 350_000, 105_000, 0, 24_500)
    assert invoiced([adjusts, original], "HD-1", MAY) is None
    assert told is not None
    assert status(WANTED, told) is Status.AGREES


def test_a_replaced_invoice_leaves_with_its_adjustments() -> None:
    original = Invoice("A", "HD-1", APRIL, 308_000)
    adjusts = Invoice("B", "HD-1", MAY, -8_000, link=Link.ADJUSTS, refers_to="A")
    replaces = Invoice("C", "HD-1", MAY, 300_000, link=Link.REPLACES, refers_to="A")
    again = Invoice("D", "HD-1", MAY, 269_500, link=Link.REPLACES, refers_to="C")
    assert invoiced([original, adjusts, replaces], "HD-1", APRIL) == Invoiced(300_000)
    assert invoiced([again, replaces, adjusts, original], "HD-1", APRIL) == Invoiced(269_500)
    assert invoiced([again, replaces, adjusts, original], "HD-1", MAY) is None


def test_an_adjustment_of_an_unknown_invoice_stays_in_its_own_month() -> None:
    lone = Invoice("B", "HD-1", MAY, -100, link=Link.ADJUSTS, refers_to="Z")
    assert invoiced([lone], "HD-1", MAY) == Invoiced(-100)


def test_invoices_that_replace_each_other_are_both_gone_and_end() -> None:
    one = Invoice("A", "HD-1", APRIL, 1, link=Link.REPLACES, refers_to="B")
    other = Invoice("B", "HD-1", APRIL, 2, link=Link.REPLACES, refers_to="A")
    assert invoiced([one, other], "HD-1", APRIL) is None


MAYBE = st.none() | st.integers(-(10**6), 10**6)


@given(st.integers(-(10**6), 10**6), MAYBE, MAYBE, MAYBE, MAYBE)
def test_the_five_parts_are_exactly_the_difference(
    total: int, of_list: int | None, discount: int | None, credit: int | None, vat: int | None
) -> None:
    asked = Invoiced(total, of_list, discount, credit, vat)
    for wanted in (WANTED, WITH_CREDIT, bill(Rule(Fixed(400_000), ALWAYS, "CV 12"))):
        assert variance(wanted, asked).total_vnd == total - wanted.total_vnd
