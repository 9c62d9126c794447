"""What was invoiced for a contract and month (counting 3.6, links between invoices; 2.7, 21).

In:  invoices as they were read or typed in, in any order, told once or twice.
Out: Invoiced, the sum of those that stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Link(StrEnum):
    """What an invoice does to another one."""

    ORIGINAL = "original"
    REPLACES = "replaces"
    ADJUSTS = "adjusts"
    """Its amounts are signed differences in the original's month."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; parts it does not tell are None. Reductions and credits are positive amounts."""

    key: str
    """Seller's tax code, form, series and number: unique."""
    contract: str
    month: date
    total_vnd: int
    """With VAT and fees."""
    list_vnd: int | None = None
    discount_vnd: int | None = None
    credit_vnd: int | None = None
    vat_vnd: int | None = None
    vat_rates: frozenset[Fraction] = frozenset()
    link: Link = Link.ORIGINAL
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Invoiced:
    """The sum of what stands for a contract and month."""

    total_vnd: int
    list_vnd: int | None = None
    discount_vnd: int | None = None
    credit_vnd: int | None = None
    vat_vnd: int | None = None
    vat_rates: frozenset[Fraction] = frozenset()


def invoiced(invoices: Iterable[Invoice], contract: str, month: date) -> Invoiced | None:
    """What was invoiced; None: nothing stands. Two originals in a month are added.

    A replaced invoice leaves, with the adjustments of it; its replacement counts in the original's month.
    """
    by_key = {one.key: one for one in invoices}
    gone = {one.refers_to for one in by_key.values() if one.link is Link.REPLACES}
    standing = [
        one
        for one in by_key.values()
        if one.key not in gone and not (one.link is Link.ADJUSTS and one.refers_to in gone)
    ]
    told = [one for one in standing if one.contract == contract and _month(one, by_key) == month]
    if not told:
        return None
    return Invoiced(
        total_vnd=sum(one.total_vnd for one in told),
        list_vnd=_sum(one.list_vnd for one in told),
        discount_vnd=_sum(one.discount_vnd for one in told),
        credit_vnd=_sum(one.credit_vnd for one in told),
        vat_vnd=_sum(one.vat_vnd for one in told),
        vat_rates=frozenset(rate for one in told for rate in one.vat_rates),
    )


def _month(invoice: Invoice, by_key: dict[str, Invoice]) -> date:
    seen = {invoice.key}
    while invoice.link is not Link.ORIGINAL and invoice.refers_to in by_key and invoice.refers_to not in seen:
        invoice = by_key[invoice.refers_to]
        seen.add(invoice.key)
    return invoice.month


def _sum(parts: Iterable[int | None]) -> int | None:
    """None when any part is unknown: half of a sum says nothing."""
    told = list(parts)
    known = [part for part in told if part is not None]
    return sum(known) if len(known) == len(told) else None
