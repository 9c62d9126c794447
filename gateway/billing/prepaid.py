"""Payments for many months at once, and what is paid back at an early end (counting 3.4.9; 2.7, 19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gateway.billing.contract import Clawback, FreeMonths, Rule
from gateway.units import half_away


def spread(total_vnd: int, months: int) -> tuple[int, ...]:
    """A total over months: each has floor(S/n), the last takes the rest."""
    share = total_vnd // months
    return (*(share for _ in range(months - 1)), total_vnd - share * (months - 1))


def bought_discount(rule: FreeMonths) -> Fraction:
    """g/n: 6 + 1 months are 1/7, 14.29 %."""
    return Fraction(rule.free, rule.paid + rule.free)


@dataclass(frozen=True, slots=True)
class Share:
    """One month's part of a prepayment."""

    with_vat_vnd: int
    before_vat_vnd: int
    """T = R(share / (1 + t))."""
    vat_vnd: int
    """V = share - T."""


def share_of(rule: Rule, month: date, rate: Fraction) -> Share | None:
    """A month's part of a prepayment; None when the rule is none or does not cover the month."""
    if not isinstance(rule.kind, FreeMonths):
        return None
    first, shares = rule.term.first, spread(rule.kind.total_vnd, rule.kind.paid + rule.kind.free)
    number = (month.year - first.year) * 12 + month.month - first.month
    if not 0 <= number < len(shares):
        return None
    before = half_away(shares[number] / (1 + rate))
    return Share(shares[number], before, shares[number] - before)


def clawback_vnd(rule: Clawback, ended_on: date, discounts_vnd: Iterable[int]) -> int:
    """R(share · sum of Disc since the start), due in the month of the end; 0 when it ends in time.

    Shown beside what is expected of that month, not in it.
    """
    return half_away(rule.share * sum(discounts_vnd)) if ended_on < rule.before else 0
