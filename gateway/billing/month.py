"""What a contract's month should cost: list price, reductions, credit, VAT (counting 3.4, 1 to 5; 2.7, 16 to 20).

In:  a contract, its rules, the legal VAT rates, the credit policy, the ISP's outages of the month.
Out: Expected, whose printed lines are each rounded once and add up exactly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from gateway.billing.contract import (
    Clawback,
    Contract,
    Fixed,
    FreeMonths,
    Package,
    Percent,
    Rule,
    Subsidy,
    VatRate,
    active_days,
    days_of,
    vat_rate,
    without_vat,
)
from gateway.billing.credit import Policy, credit_vnd
from gateway.billing.prepaid import Share, share_of
from gateway.service.intervals import Interval, united
from gateway.units import half_away


@dataclass(frozen=True, slots=True)
class Line:
    """One reduction as it is printed."""

    rule: Rule
    vnd: int
    counted: bool
    """False: no document, shown only."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One contract and month: L - Disc + excess = N, N - K = T, T + V = E."""

    contract: str
    month: date
    days: int
    active_days: int
    unpriced_days: int
    """Active days without a list price: the register has a hole."""
    list_vnd: int
    """L."""
    lines: tuple[Line, ...]
    excess_vnd: int
    """Phần vượt giá: reductions beyond the price, printed with a minus sign so that the lines foot (2.7, 20)."""
    net_vnd: int
    """N, never below 0."""
    credit_vnd: int
    """K."""
    before_vat_vnd: int
    """T."""
    vat_rate: Fraction
    vat_vnd: int
    """V."""
    is_prepaid: bool

    @property
    def discount_vnd(self) -> int:
        """Disc: the counted lines."""
        return sum(line.vnd for line in self.lines if line.counted)

    @property
    def total_vnd(self) -> int:
        """E."""
        return self.before_vat_vnd + self.vat_vnd

    @property
    def has_commitment(self) -> bool:
        """Is any reduction promised in writing? Otherwise: "chưa có cam kết bằng văn bản", never 0 %."""
        return any(line.counted for line in self.lines)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds beside the contract."""

    rules: tuple[Rule, ...]
    rates: tuple[VatRate, ...]
    policy: Policy
    zone: timezone


def expected(contract: Contract, month: date, terms: Terms, outages: Sequence[Interval] = ()) -> Expected:
    """The month's bill as it should be; `month` is its first day. ValueError when no VAT rate is set.

    A month that was paid in advance costs its share, whatever else was promised: the payment had that in it.
    """
    active = active_days(contract, month)
    days = sum(1 for _ in days_of(month))
    rate = vat_rate(terms.rates, active[-1] if active else month)
    list_vnd, unpriced = _list_vnd(contract, active, days, rate)
    rules = sorted((one for one in terms.rules if _concerns(one, contract)), key=lambda one: one.order)
    prepaid = _prepayment(rules, month, rate) if active else None
    if prepaid:
        lines = [Line(prepaid[0], list_vnd - prepaid[1].before_vat_vnd, counted=True)]
    else:
        lines = list(_lines(rules, contract, active, days, list_vnd, rate))
    left = list_vnd - sum(line.vnd for line in lines if line.counted)
    net = max(0, left)
    credit = credit_vnd(terms.policy, net, outages, _intervals(active, terms.zone))
    before_vat = net - credit
    return Expected(
        contract=contract.code,
        month=month,
        days=days,
        active_days=len(active),
        unpriced_days=unpriced,
        list_vnd=list_vnd,
        lines=tuple(lines),
        excess_vnd=net - left,
        net_vnd=net,
        credit_vnd=credit,
        before_vat_vnd=before_vat,
        vat_rate=rate,
        vat_vnd=_vat_vnd(before_vat, rate, prepaid[1] if prepaid and not credit else None),
        is_prepaid=prepaid is not None,
    )


def _list_vnd(contract: Contract, active: Sequence[date], days: int, rate: Fraction) -> tuple[int, int]:
    """L, rounded once over the sum of its parts (2.7, 16), and the active days without a price."""
    parts, unpriced = Fraction(0), 0
    for day in active:
        prices = [one for one in contract.prices if one.term.holds(day)]
        if not prices:
            unpriced += 1
            continue
        price = max(prices, key=lambda one: one.term.first)
        parts += without_vat(price.month_vnd, rate, holds_vat=price.holds_vat) / days
    return half_away(parts), unpriced


def _prepayment(rules: Iterable[Rule], month: date, rate: Fraction) -> tuple[Rule, Share] | None:
    """The first written payment in advance that covers the month."""
    shares = ((rule, share_of(rule, month, rate)) for rule in rules if rule.is_written)
    return next(((rule, share) for rule, share in shares if share), None)


def _lines(
    rules: Iterable[Rule], contract: Contract, active: Sequence[date], days: int, list_vnd: int, rate: Fraction
) -> Iterable[Line]:
    """The reductions of the rules that hold on some active day, in their order."""
    for rule in rules:
        held = sum(rule.term.holds(day) for day in active)
        share = share_of(rule, active[0].replace(day=1), rate) if active else None
        if share:  # a payment in advance that nobody has a paper of: shown alone
            yield Line(rule, list_vnd - share.before_vat_vnd, counted=False)
        vnd = _reduction(rule, held, len(active), days, list_vnd, rate) if held else None
        if vnd is not None:
            yield Line(rule, vnd, counted=rule.is_written)


def _reduction(rule: Rule, held: int, active: int, days: int, list_vnd: int, rate: Fraction) -> int | None:
    """One line of Disc, by the days r on which contract and rule are both in force (3.4.2; 2.7, 16)."""
    match rule.kind:
        case Percent(share):
            return half_away(list_vnd * share * Fraction(held, active))
        case Fixed(month_vnd, holds_vat) | Subsidy(month_vnd, holds_vat):
            return half_away(without_vat(month_vnd, rate, holds_vat=holds_vat) * Fraction(held, days))
        case Package(month_vnd, holds_vat):
            replaced = half_away(list_vnd * Fraction(held, active))
            return replaced - half_away(without_vat(month_vnd, rate, holds_vat=holds_vat) * Fraction(held, days))
        case FreeMonths() | Clawback():
            return None  # a share of a payment, and a line beside the bill: neither is a month's reduction


def _vat_vnd(before_vat: int, rate: Fraction, share: Share | None) -> int:
    return half_away(before_vat * rate) if share is None else share.vat_vnd


def _concerns(rule: Rule, contract: Contract) -> bool:
    return not rule.applies_to or contract.code in rule.applies_to


def _intervals(active: Iterable[date], zone: timezone) -> list[Interval]:
    midnights = (datetime.combine(day, time.min, tzinfo=zone) for day in active)
    return united((begin, begin + timedelta(days=1)) for begin in midnights)
