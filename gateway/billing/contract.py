"""What was agreed with an ISP, all of it with dates and documents (counting 3.2; 2.7, 16 and 17).

In:  nothing; these are the values the register of contracts keeps.
Out: Contract, Rule and VatRate for gateway.billing.month. Dates are inclusive at both ends; money is whole dong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Term:
    """From when to when; `last` None: until further notice."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Is the day in it?"""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Price:
    """A dated list price a month."""

    term: Term
    month_vnd: int
    holds_vat: bool = False


@dataclass(frozen=True, slots=True)
class VatRate:
    """The legal rate for Internet access while it is in force: a setting, never taken from the invoice (2.7, 17)."""

    term: Term
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Percent:
    """`percent`: a share of the list price off; always of L."""

    share: Fraction


@dataclass(frozen=True, slots=True)
class Fixed:
    """`fixed`: so much a month off."""

    month_vnd: int
    holds_vat: bool = False


@dataclass(frozen=True, slots=True)
class Subsidy:
    """`subsidy`: so much a month paid by a fund, shown as its own line."""

    month_vnd: int
    holds_vat: bool = False
    fund: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """`package`: the price is replaced by this one."""

    month_vnd: int
    holds_vat: bool = False


@dataclass(frozen=True, slots=True)
class FreeMonths:
    """`free_months`: `paid` months are paid at once, `paid + free` are served, from the term's first month on."""

    paid: int
    free: int
    total_vnd: int
    """What was paid, VAT in it (2.7, 19)."""


@dataclass(frozen=True, slots=True)
class Clawback:
    """`clawback`: if the contract ends before a date, a share of all reductions is paid back."""

    before: date
    share: Fraction


Kind = Percent | Fixed | Subsidy | Package | FreeMonths | Clawback


@dataclass(frozen=True, slots=True)
class Rule:
    """One commitment. Without a document it is shown and not counted: "chưa có cam kết bằng văn bản" (2.7, 20)."""

    kind: Kind
    term: Term
    document: str = ""
    order: int = 0
    """Order of the printed lines; amounts do not hang on it."""
    applies_to: tuple[str, ...] = ()
    """Codes of contracts; none: every one."""

    @property
    def is_written(self) -> bool:
        """Is there a document to point to?"""
        return bool(self.document.strip())


@dataclass(frozen=True, slots=True)
class Contract:
    """One line at one site."""

    code: str
    term: Term
    prices: tuple[Price, ...]


def days_of(month: date) -> Iterator[date]:
    """Each date of a month, given by its first day."""
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


def active_days(contract: Contract, month: date) -> list[date]:
    """The days of a month on which the contract is in force."""
    return [day for day in days_of(month) if contract.term.holds(day)]


def vat_rate(rates: Iterable[VatRate], day: date) -> Fraction:
    """The legal rate on a day; the newest that holds. ValueError when the setting has none."""
    in_force = [one for one in rates if one.term.holds(day)]
    if not in_force:
        raise ValueError(f"no VAT rate is set for {day}")
    return max(in_force, key=lambda one: one.term.first).rate


def without_vat(amount_vnd: int, rate: Fraction, *, holds_vat: bool) -> Fraction:
    """An amount before VAT, unrounded (3.4.1)."""
    return amount_vnd / (1 + rate) if holds_vat else Fraction(amount_vnd)
