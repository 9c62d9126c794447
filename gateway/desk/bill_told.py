"""What the desk tells of a month's bill: every line of what should be paid, what was asked, and the difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from gateway.billing.contract import Clawback, Fixed, FreeMonths, Kind, Package, Percent, Subsidy
from gateway.billing.month import Line
from gateway.papers.bill_tables import card_of
from gateway.papers.office import Office
from gateway.reports.bill_report import Reconciliation, Row
from gateway.reports.rounding import below_goal


@dataclass(frozen=True, slots=True)
class ReductionTold:
    """One reduction as it is printed."""

    form: str
    """percent, fixed, subsidy, package, free_months or clawback."""
    percent: str
    """Of a percent rule: "30"."""
    vnd: int
    document: str
    counts: bool
    """False: no document, shown and not counted."""


@dataclass(frozen=True, slots=True)
class VarianceTold:
    """Invoiced less expected, taken apart; the five parts are exactly the difference."""

    list_vnd: int
    discount_vnd: int
    credit_vnd: int
    vat_vnd: int
    other_vnd: int
    other_vat_rate: bool
    """The invoice has another VAT rate than the legal one."""


@dataclass(frozen=True, slots=True)
class BillRowTold:
    """One contract's month."""

    month: str
    contract: str
    site: str
    site_name: str
    isp: str
    package: str
    status: str
    """As it is printed: "khớp", "thu cao hơn cam kết", …"""
    status_key: str
    """agrees, higher, lower, no_invoice, no_contract, prepaid."""
    active_days: int
    unpriced_days: int
    """Active days without a list price: the register has a hole."""
    list_vnd: int
    reductions: tuple[ReductionTold, ...]
    discount_vnd: int
    has_commitment: bool
    """False: no reduction is promised in writing."""
    excess_vnd: int
    net_vnd: int
    credit_vnd: int
    before_vat_vnd: int
    vat_percent: str
    vat_vnd: int
    expected_vnd: int
    is_prepaid: bool
    invoices: tuple[str, ...]
    """Keys: seller|form|series|number."""
    invoiced_vnd: int | None
    difference_vnd: int | None
    variance: VarianceTold | None
    clawback_vnd: int
    year_variance_vnd: int
    """Sum of the differences from January on."""
    outages: int
    down_s: int
    longest_s: int
    allowance_s: int
    availability_percent: str | None
    availability_is_met: bool | None
    """Compared exactly with 99.5."""
    without_ticket: int
    """Outages the ISP was given no ticket of."""


@dataclass(frozen=True, slots=True)
class BillTold:
    """The bills of a period."""

    period: str
    first: date
    last: date
    rows: tuple[BillRowTold, ...]
    isps: tuple[str, ...]
    """Minutes are signed with one each."""
    expected_vnd: int
    invoiced_vnd: int
    variance_vnd: int
    expected_in_words: str
    """Of a month; "" of a quarter."""


def bill_told(period: str, dates: tuple[date, date], bills: Sequence[Reconciliation], office: Office) -> BillTold:
    """As the desk tells it."""
    rows = tuple(_row(f"{bill.month:%Y-%m}", row, office) for bill in bills for row in bill.rows)
    return BillTold(
        period=period,
        first=dates[0],
        last=dates[1],
        rows=rows,
        isps=tuple(sorted({one.isp for one in rows})),
        expected_vnd=sum(bill.expected_vnd for bill in bills),
        invoiced_vnd=sum(bill.invoiced_vnd for bill in bills),
        variance_vnd=sum(bill.variance_vnd for bill in bills),
        expected_in_words=bills[0].expected_text if len(bills) == 1 else "",
    )


def percent_text(share: Fraction, places: int = 2) -> str:
    """A share as percent: "10", "99.93"; never 100 for less."""
    text = f"{float(below_goal(share * 100)):.{places}f}"
    return text.rstrip("0").rstrip(".")


def _row(month: str, row: Row, office: Office) -> BillRowTold:
    wanted, quality, differs = row.expected, row.quality, row.variance
    available = quality.availability_percent
    return BillRowTold(
        month=month,
        contract=row.contract,
        site=row.site,
        site_name=row.site_name,
        isp=card_of(office, row).isp,
        package=row.package,
        status=row.status.value,
        status_key=row.status.name.lower(),
        active_days=wanted.active_days,
        unpriced_days=wanted.unpriced_days,
        list_vnd=wanted.list_vnd,
        reductions=tuple(_reduction(one) for one in wanted.lines),
        discount_vnd=row.discount_vnd,
        has_commitment=row.has_commitment,
        excess_vnd=wanted.excess_vnd,
        net_vnd=wanted.net_vnd,
        credit_vnd=wanted.credit_vnd,
        before_vat_vnd=wanted.before_vat_vnd,
        vat_percent=percent_text(wanted.vat_rate),
        vat_vnd=wanted.vat_vnd,
        expected_vnd=row.expected_vnd,
        is_prepaid=wanted.is_prepaid,
        invoices=row.invoices,
        invoiced_vnd=row.invoiced.total_vnd if row.invoiced else None,
        difference_vnd=row.difference_vnd,
        variance=VarianceTold(
            differs.list_vnd,
            differs.discount_vnd,
            differs.credit_vnd,
            differs.vat_vnd,
            differs.other_vnd,
            differs.other_vat_rate,
        )
        if differs
        else None,
        clawback_vnd=row.clawback_vnd,
        year_variance_vnd=row.year_variance_vnd,
        outages=len(quality.outages),
        down_s=quality.down_s,
        longest_s=quality.longest_s,
        allowance_s=int(quality.allowance_s),
        availability_percent=None if available is None else f"{float(below_goal(available)):.2f}",
        availability_is_met=quality.is_met,
        without_ticket=sum(not one.tickets for one in quality.outages),
    )


def _reduction(line: Line) -> ReductionTold:
    kind = line.rule.kind
    share = percent_text(kind.share, 6) if isinstance(kind, Percent | Clawback) else ""
    return ReductionTold(_FORMS[type(kind)], share, line.vnd, line.rule.document, line.counted)


_FORMS: dict[type[Kind], str] = {
    Percent: "percent",
    Fixed: "fixed",
    Subsidy: "subsidy",
    Package: "package",
    FreeMonths: "free_months",
    Clawback: "clawback",
}
