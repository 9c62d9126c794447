"""A month's bill: the worked examples to the last dong, and every settled reading of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.billing.contract import (
    Clawback,
    Contract,
    Fixed,
    FreeMonths,
    Kind,
    Package,
    Percent,
    Price,
    Rule,
    Subsidy,
    Term,
    VatRate,
)
from gateway.billing.credit import NoCredit, PerDay, PerMinute, Policy, Tiers, credit_vnd
from gateway.billing.month import Expected, Terms, expected
from gateway.service.intervals import Interval

ZONE = timezone(timedelta(hours=7))
ALWAYS = Term(date(2018, 1, 1))
APRIL, MARCH = date(2027, 4, 1), date(2027, 3, 1)
TEN, EIGHT = Fraction(10, 100), Fraction(8, 100)
LINE = Contract("HD-1", ALWAYS, (Price(ALWAYS, 350_000),))
NOTHING = NoCredit()


def rule(kind: Kind, term: Term = ALWAYS, document: str = "CV 12/2026", **more: Any) -> Rule:
    return Rule(kind, term, document, **more)


THIRTY = rule(Percent(Fraction(30, 100)))


def bill(
    *rules: Rule,
    contract: Contract = LINE,
    month: date = APRIL,
    rate: Fraction = TEN,
    policy: Policy = NOTHING,
    outages: tuple[Interval, ...] = (),
) -> Expected:
    return expected(contract, month, Terms(rules, (VatRate(ALWAYS, rate),), policy, ZONE), outages)


def row(told: Expected) -> tuple[int, ...]:
    return (
        told.list_vnd,
        told.discount_vnd,
        told.net_vnd,
        told.credit_vnd,
        told.before_vat_vnd,
        told.vat_vnd,
        told.total_vnd,
    )


def down(minutes: float, begin: datetime = datetime(2027, 4, 1, tzinfo=ZONE)) -> Interval:
    return begin, begin + timedelta(minutes=minutes)


def of(month_vnd: int, *, holds_vat: bool = False, term: Term = ALWAYS) -> Contract:
    return Contract("HD-1", term, (Price(ALWAYS, month_vnd, holds_vat),))


def test_worked_example_a() -> None:
    assert row(bill(THIRTY)) == (350_000, 105_000, 245_000, 0, 245_000, 24_500, 269_500)


def test_worked_example_b() -> None:
    told = bill(THIRTY, policy=PerMinute(), outages=(down(1903),))
    assert row(told) == (350_000, 105_000, 245_000, 10_792, 234_208, 23_421, 257_629)


def test_worked_example_c() -> None:
    from_the_15th = of(350_000, term=Term(date(2027, 3, 15)))
    told = bill(THIRTY, contract=from_the_15th, month=MARCH)
    assert (told.active_days, told.days) == (17, 31)
    assert row(told) == (191_935, 57_581, 134_354, 0, 134_354, 13_435, 147_789)


def test_worked_example_e() -> None:
    gross = of(231_000, holds_vat=True)
    assert row(bill(contract=gross)) == (210_000, 0, 210_000, 0, 210_000, 21_000, 231_000)
    assert row(bill(contract=gross, rate=EIGHT)) == (213_889, 0, 213_889, 0, 213_889, 17_111, 231_000)


def test_worked_example_of_the_policy_by_days() -> None:
    april = [down(30 * 1440)]
    assert credit_vnd(PerDay(), 245_000, [down(1440)], april) == 8_167
    assert credit_vnd(PerDay(), 245_000, [down(2 * 1440 + 1439)], april) == 16_333
    two_nearly = [down(1439), down(1439, datetime(2027, 4, 10, tzinfo=ZONE))]
    assert credit_vnd(PerDay(), 245_000, two_nearly, april) == 0  # each outage by itself
    over_the_border = [down(2880, datetime(2027, 3, 30, 12, tzinfo=ZONE))]
    assert credit_vnd(PerDay(), 245_000, over_the_border, april) == 0  # 12 h of it are in April: counted after clipping


@pytest.mark.parametrize(
    ("minutes", "share"), [(216, 0), (217, 5), (432, 5), (433, 10), (2160, 10), (2161, 20), (43200, 20)]
)
def test_the_policy_by_tiers_takes_the_better_row_at_its_bound(minutes: int, share: int) -> None:
    rows = tuple(
        (Fraction(bound), Fraction(share, 100)) for bound, share in (("99.5", 0), ("99", 5), ("95", 10), ("0", 20))
    )
    assert credit_vnd(Tiers(rows), 245_000, [down(minutes)], [down(43200)]) == 2450 * share
    assert credit_vnd(Tiers(()), 245_000, [down(minutes)], [down(43200)]) == 0


def test_credit_is_by_exact_seconds_within_active_days_and_never_more_than_the_net() -> None:
    active = [down(10 * 1440)]
    half_a_day = [down(720)]
    assert credit_vnd(PerMinute(), 100_000, half_a_day, active) == 5_000  # of ten active days, not of thirty
    assert credit_vnd(PerMinute(), 100_000, [down(0.5)], active) == 3  # 30 s: 3.47
    outside = [down(720, datetime(2027, 4, 20, tzinfo=ZONE))]
    assert credit_vnd(PerMinute(), 100_000, outside, active) == 0
    assert credit_vnd(PerMinute(), 100_000, [down(99999)], active) == 100_000
    assert credit_vnd(PerMinute(), 100_000, half_a_day, []) == 0
    assert credit_vnd(NoCredit(), 100_000, half_a_day, active) == 0


@pytest.mark.parametrize(
    ("kind", "discount"),
    [
        (Percent(Fraction(30, 100)), 105_000),
        (Fixed(50_000), 50_000),
        (Fixed(55_000, holds_vat=True), 50_000),
        (Subsidy(24_000, fund="Quỹ viễn thông công ích"), 24_000),
        (Package(200_000), 150_000),
        (Package(220_000, holds_vat=True), 150_000),
        (Package(400_000), -50_000),  # a dearer package
    ],
)
def test_each_kind_over_a_whole_month(kind: Kind, discount: int) -> None:
    told = bill(rule(kind))
    assert [line.vnd for line in told.lines] == [discount]
    assert told.net_vnd == 350_000 - discount


@pytest.mark.parametrize(
    ("kind", "discount"),
    [
        (Percent(Fraction(30, 100)), 35_000),  # R(L d r/a)
        (Fixed(50_000), 16_667),  # R(F r/D)
        (Package(200_000), 116_667 - 66_667),  # R(L r/a) - R(O r/D)
    ],
)
def test_a_rule_inside_the_month_counts_by_its_days_both_ends_inclusive(kind: Kind, discount: int) -> None:
    ten_days = Term(date(2027, 4, 11), date(2027, 4, 20))
    assert bill(rule(kind, ten_days)).discount_vnd == discount


def test_a_rule_counts_on_days_of_the_contract_alone() -> None:
    contract = of(300_000, term=Term(date(2027, 4, 16), date(2027, 5, 31)))
    told = bill(rule(Percent(Fraction(1, 10)), Term(date(2027, 4, 1), date(2027, 4, 18))), contract=contract)
    assert (told.active_days, told.list_vnd, told.discount_vnd) == (15, 150_000, 3_000)  # r = 3 of a = 15


def test_percent_is_always_of_the_list_and_lines_keep_the_order_of_the_rules() -> None:
    package, percent = rule(Package(200_000), order=1), rule(Percent(Fraction(10, 100)), order=2)
    told = bill(percent, package)
    assert [(line.rule.order, line.vnd) for line in told.lines] == [(1, 150_000), (2, 35_000)]
    assert told.net_vnd == 165_000


def test_a_new_list_price_inside_the_month_is_rounded_once_over_its_parts() -> None:
    prices = (Price(ALWAYS, 100_000), Price(Term(date(2027, 4, 11)), 200_001))
    told = bill(contract=Contract("HD-1", ALWAYS, prices))
    assert told.list_vnd == 166_667  # 33,333.33 + 133,334; rounded apart it would be 166,667 too
    thirds = (Price(Term(date(2027, 4, 1), date(2027, 4, 10)), 100_001), Price(Term(date(2027, 4, 11)), 100_001))
    assert bill(contract=Contract("HD-1", ALWAYS, thirds)).list_vnd == 100_001
    hole = Contract("HD-1", ALWAYS, (Price(Term(date(2027, 4, 11)), 300_000),))
    assert (bill(contract=hole).unpriced_days, bill(contract=hole).list_vnd) == (10, 200_000)


def test_a_rule_without_a_document_is_shown_and_not_counted() -> None:
    told = bill(replace(THIRTY, document=" "))
    assert [(line.vnd, line.counted) for line in told.lines] == [(105_000, False)]
    assert (told.net_vnd, told.has_commitment) == (350_000, False)
    assert bill(THIRTY).has_commitment
    assert not bill().has_commitment


def test_a_rule_of_another_contract_or_time_says_nothing() -> None:
    other = rule(Fixed(1), applies_to=("HD-2",))
    past = rule(Fixed(1), Term(date(2020, 1, 1), date(2027, 3, 31)))
    assert bill(other, past).lines == ()
    assert bill(rule(Fixed(1), applies_to=("HD-1",))).discount_vnd == 1


def test_what_is_beyond_the_price_is_a_line_of_its_own() -> None:
    told = bill(rule(Fixed(300_000)), THIRTY)
    assert (told.list_vnd, told.discount_vnd, told.excess_vnd, told.net_vnd) == (350_000, 405_000, 55_000, 0)
    assert told.total_vnd == 0


def test_the_legal_vat_rate_is_that_of_the_date() -> None:
    rates = (VatRate(Term(date(2020, 1, 1)), TEN), VatRate(Term(date(2027, 4, 1), date(2027, 12, 31)), EIGHT))
    terms = Terms((), rates, NOTHING, ZONE)
    assert expected(LINE, MARCH, terms).vat_vnd == 35_000
    assert expected(LINE, APRIL, terms).vat_vnd == 28_000
    with pytest.raises(ValueError, match="no VAT rate is set for 2019"):
        expected(LINE, date(2019, 5, 1), terms)


def test_a_month_without_the_contract_costs_nothing() -> None:
    ended = of(350_000, term=Term(date(2020, 1, 1), date(2027, 3, 31)))
    told = bill(THIRTY, contract=ended, policy=PerMinute(), outages=(down(600),))
    assert (told.active_days, row(told)) == (0, (0,) * 7)


SEVEN_FOR_SIX = rule(FreeMonths(6, 1, 231_000 * 6), Term(date(2027, 1, 1)))


def test_a_month_paid_in_advance_costs_its_share_with_its_vat() -> None:
    told = bill(SEVEN_FOR_SIX, contract=of(231_000, holds_vat=True))
    assert told.is_prepaid
    assert row(told) == (210_000, 30_000, 180_000, 0, 180_000, 18_000, 198_000)
    after = bill(SEVEN_FOR_SIX, contract=of(231_000, holds_vat=True), month=date(2027, 8, 1))
    assert (after.is_prepaid, after.total_vnd) == (False, 231_000)


def test_a_payment_in_advance_without_a_paper_is_shown_and_not_counted() -> None:
    told = bill(replace(SEVEN_FOR_SIX, document=""), THIRTY, contract=of(231_000, holds_vat=True))
    assert [(line.vnd, line.counted) for line in told.lines] == [(30_000, False), (63_000, True)]
    assert (told.is_prepaid, told.net_vnd) == (False, 147_000)


def test_other_rules_are_not_taken_off_a_month_paid_in_advance() -> None:
    told = bill(THIRTY, SEVEN_FOR_SIX, contract=of(231_000, holds_vat=True))
    assert (len(told.lines), told.total_vnd) == (1, 198_000)


def test_vat_of_a_share_is_what_is_left_of_it_and_the_credit_is_taken_before() -> None:
    odd = rule(FreeMonths(6, 1, 1_000_003), Term(date(2027, 1, 1)))
    told = bill(odd, contract=of(231_000, holds_vat=True))
    assert (told.before_vat_vnd, told.vat_vnd, told.total_vnd) == (129_870, 12_987, 142_857)
    broken = bill(odd, contract=of(231_000, holds_vat=True), policy=PerMinute(), outages=(down(4320),))
    assert (broken.credit_vnd, broken.before_vat_vnd, broken.vat_vnd) == (12_987, 116_883, 11_688)


def test_clawback_is_no_reduction_of_a_month() -> None:
    assert bill(rule(Clawback(date(2028, 1, 1), Fraction(1)))).lines == ()


quickly = settings(max_examples=80, deadline=None)
SHARES = st.integers(0, 100).map(lambda n: Fraction(n, 100))
MONEY = st.integers(0, 10**6)
KINDS = st.one_of(
    st.builds(Percent, SHARES), st.builds(Fixed, MONEY, st.booleans()), st.builds(Package, MONEY, st.booleans())
)
DATES = st.dates(date(2027, 3, 20), date(2027, 5, 10))
TERMS = st.tuples(DATES, DATES).map(lambda two: Term(min(two), max(two)))
RULES = st.lists(st.builds(rule, KINDS, TERMS, st.sampled_from(["", "CV 1"])), max_size=4)
MINUTES = st.lists(st.integers(0, 5000).map(down), max_size=3)


@quickly
@given(RULES, TERMS, MONEY, st.booleans(), MINUTES, st.sampled_from([PerMinute(), PerDay(), NoCredit()]))
def test_printed_lines_always_foot(
    rules: list[Rule], term: Term, price: int, holds_vat: bool, outages: list[Interval], policy: Policy
) -> None:
    told = bill(*rules, contract=of(price, holds_vat=holds_vat, term=term), policy=policy, outages=tuple(outages))
    assert told.list_vnd - told.discount_vnd + told.excess_vnd == told.net_vnd >= 0
    assert 0 <= told.credit_vnd <= told.net_vnd
    assert told.net_vnd - told.credit_vnd + told.vat_vnd == told.total_vnd
    assert bill(*rules[::-1], contract=of(price, holds_vat=holds_vat, term=term)).discount_vnd == told.discount_vnd
