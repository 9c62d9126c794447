"""Invoiced against expected (counting 3.4, 6 and 7; 2.7, 17, 19 and 21).

In:  Expected of a month, and what was invoiced.
Out: Variance, whose five parts are exactly the difference; the month's status.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.billing.invoices import Invoiced
from gateway.billing.month import Expected

TOLERANCE_VND = 2
"""Roundings of two programs may differ by this much and still agree."""


class Status(StrEnum):
    """How a month stands."""

    AGREES = "khớp"
    HIGHER = "thu cao hơn cam kết"
    LOWER = "thu thấp hơn"
    NO_INVOICE = "thiếu hóa đơn"
    NO_CONTRACT = "thiếu hợp đồng"
    PREPAID = "đã trả trước"
    """Covered by a payment in advance, so no invoice is missing."""
    NOTHING = "không phát sinh"
    """Neither a contract in force nor an invoice."""


@dataclass(frozen=True, slots=True)
class Variance:
    """Δ = invoiced - E, taken apart; positive: the ISP asks more than it should."""

    list_vnd: int
    discount_vnd: int
    credit_vnd: int
    vat_vnd: int
    other_vnd: int
    """Khác: fees, foreign lines, the invoice's own rounding, and parts it does not tell."""
    other_vat_rate: bool
    """The invoice has another rate than the legal one."""

    @property
    def total_vnd(self) -> int:
        """Δ."""
        return self.list_vnd + self.discount_vnd + self.credit_vnd + self.vat_vnd + self.other_vnd


def variance(wanted: Expected, asked: Invoiced) -> Variance:
    """The five parts; a part the invoice does not tell is taken as expected, so its difference is in `other`."""
    discount = wanted.list_vnd - wanted.net_vnd  # what is beyond the price was never reduced
    list_vnd = _told(asked.list_vnd, wanted.list_vnd)
    discount_told = _told(asked.discount_vnd, discount)
    credit = _told(asked.credit_vnd, wanted.credit_vnd)
    vat = _told(asked.vat_vnd, wanted.vat_vnd)
    return Variance(
        list_vnd=list_vnd - wanted.list_vnd,
        discount_vnd=discount - discount_told,
        credit_vnd=wanted.credit_vnd - credit,
        vat_vnd=vat - wanted.vat_vnd,
        other_vnd=asked.total_vnd - (list_vnd - discount_told - credit + vat),
        other_vat_rate=bool(asked.vat_rates - {wanted.vat_rate}),
    )


def status(wanted: Expected, asked: Invoiced | None) -> Status:
    """The month's status; the invoice of a payment in advance is to be spread as the payment is (`prepaid.spread`)."""
    if not wanted.active_days:
        return Status.NOTHING if asked is None else Status.NO_CONTRACT
    if asked is None:
        return Status.PREPAID if wanted.is_prepaid else Status.NO_INVOICE
    difference = variance(wanted, asked).total_vnd
    if abs(difference) <= TOLERANCE_VND:
        return Status.AGREES
    return Status.HIGHER if difference > 0 else Status.LOWER


def _told(part: int | None, wanted: int) -> int:
    return wanted if part is None else part
