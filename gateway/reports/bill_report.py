"""A month of every contract, reconciled with what was invoiced: money and quality of the line (counting 3.4, 3.7).

In:  LineTold, one a contract; the month.
Out: Reconciliation, exact values without texts; the sums are those of the printed lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from gateway.billing.contract import Clawback, Contract, Rule, active_days
from gateway.billing.invoices import Invoice, Invoiced, invoiced
from gateway.billing.month import Expected, Terms, expected
from gateway.billing.prepaid import clawback_vnd
from gateway.billing.variance import Status, Variance, status, variance
from gateway.billing.words import dong_text
from gateway.reports.lock import next_month
from gateway.service.calendar import Calendar, promised, whole_days
from gateway.service.intervals import Interval, common, length_s, united
from gateway.service.outages import PROMISED_AVAILABILITY, allowance_s, availability, isp_outages
from gateway.service.speed import Speed, SpeedTest, speed


@dataclass(frozen=True, slots=True)
class LineTold:
    """What is known of one contract's line."""

    site: str
    site_name: str
    contract: Contract
    terms: Terms
    package: str
    contracted_kbit_s: int
    calendar: Calendar
    line_down: Sequence[Interval]
    """The ISP's, before the floor."""
    ours: Sequence[Interval]
    """Power cuts, stops of the gateway, planned work."""
    tickets: Mapping[Interval, str]
    """The ISP's numbers, by the outage as it was told."""
    tests: Sequence[SpeedTest]
    invoices: Sequence[Invoice]


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage that counts, clipped to the active days."""

    start: datetime
    stop: datetime
    lasted_s: int
    within_hours_s: int
    tickets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the line was."""

    outages: tuple[Outage, ...]
    down_s: int
    longest_s: int
    allowance_s: Fraction
    availability_percent: Fraction | None
    is_met: bool | None
    """Compared exactly: 99,50 may be printed and still fail, so the seconds stand beside it."""
    availability_in_hours_percent: Fraction | None
    speed: Speed
    contracted_kbit_s: int


@dataclass(frozen=True, slots=True)
class Row:
    """One contract's month."""

    site: str
    site_name: str
    contract: str
    package: str
    expected: Expected
    invoiced: Invoiced | None
    invoices: tuple[str, ...]
    variance: Variance | None
    expected_vnd: int
    """E."""
    discount_vnd: int
    """Disc."""
    difference_vnd: int | None
    """Invoiced - E."""
    has_commitment: bool
    """False prints "chưa có cam kết bằng văn bản", never 0 %."""
    status: Status
    clawback_vnd: int
    """Due beside the bill when the contract ends too early."""
    year_variance_vnd: int
    """Sum of the variances from January on."""
    quality: Quality


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All contracts of a month."""

    month: date
    rows: tuple[Row, ...]
    expected_vnd: int
    invoiced_vnd: int
    variance_vnd: int
    expected_text: str
    """With the words."""


def reconcile(lines: Iterable[LineTold], month: date) -> Reconciliation:
    """The month of each contract that is in force in it or has an invoice for it; `month` is its first day."""
    return of_rows(month, [row for line in lines if (row := _row(line, month)).status is not Status.NOTHING])


def of_rows(month: date, rows: Sequence[Row]) -> Reconciliation:
    """These rows with their sums."""
    payable = sum(row.expected.total_vnd for row in rows)
    return Reconciliation(
        month=month,
        rows=tuple(rows),
        expected_vnd=payable,
        invoiced_vnd=sum(row.invoiced.total_vnd for row in rows if row.invoiced),
        variance_vnd=sum(row.variance.total_vnd for row in rows if row.variance),
        expected_text=dong_text(payable),
    )


def _row(line: LineTold, month: date) -> Row:
    wanted, asked, differs = _judged(line, month)
    january = [date(month.year, number, 1) for number in range(1, month.month + 1)]
    differences = [each for one in january if (each := _judged(line, one)[2])]
    return Row(
        site=line.site,
        site_name=line.site_name,
        contract=line.contract.code,
        package=line.package,
        expected=wanted,
        invoiced=asked,
        invoices=tuple(sorted(one.key for one in line.invoices if one.month == month)),
        variance=differs,
        expected_vnd=wanted.total_vnd,
        discount_vnd=wanted.discount_vnd,
        difference_vnd=differs.total_vnd if differs else None,
        has_commitment=wanted.has_commitment,
        status=status(wanted, asked),
        clawback_vnd=_clawback(line, month),
        year_variance_vnd=sum(one.total_vnd for one in differences),
        quality=_quality(line, month),
    )


def _judged(line: LineTold, month: date) -> tuple[Expected, Invoiced | None, Variance | None]:
    wanted = expected(line.contract, month, line.terms, _outages(line, month))
    asked = invoiced(line.invoices, line.contract.code, month)
    return wanted, asked, variance(wanted, asked) if asked else None


def _outages(line: LineTold, month: date) -> list[Interval]:
    return isp_outages(line.line_down, line.ours, whole_days(line.calendar, month, _last(month)))


def _quality(line: LineTold, month: date) -> Quality:
    days = active_days(line.contract, month)
    active = united(whole_days(line.calendar, day, day) for day in days)
    hours = [span for day in days for span in promised(line.calendar, day)]
    down = common(_outages(line, month), active)
    available = availability(down, active)
    begin, end = whole_days(line.calendar, month, _last(month))
    return Quality(
        outages=tuple(_outage(line, span, hours) for span in down),
        down_s=length_s(down),
        longest_s=max((length_s([span]) for span in down), default=0),
        allowance_s=allowance_s(len(days)),
        availability_percent=available,
        is_met=None if available is None else available >= PROMISED_AVAILABILITY,
        availability_in_hours_percent=availability(down, hours),
        speed=speed([one for one in line.tests if begin <= one.at < end], line.contracted_kbit_s),
        contracted_kbit_s=line.contracted_kbit_s,
    )


def _outage(line: LineTold, span: Interval, hours: Sequence[Interval]) -> Outage:
    tickets = {number for told, number in line.tickets.items() if number and common([told], [span])}
    return Outage(span[0], span[1], length_s([span]), length_s(common([span], hours)), tuple(sorted(tickets)))


def _clawback(line: LineTold, month: date) -> int:
    """What is paid back in the month in which the contract ends."""
    ended = line.contract.term.last
    if ended is None or not month <= ended <= _last(month):
        return 0
    months, one = [], line.contract.term.first.replace(day=1)
    while one <= month:
        months.append(one)
        one = next_month(one)
    discounts = [_judged(line, each)[0].discount_vnd for each in months]
    due = (rule for rule in line.terms.rules if _is_due(rule, line.contract))
    return sum(clawback_vnd(rule.kind, ended, discounts) for rule in due if isinstance(rule.kind, Clawback))


def _is_due(rule: Rule, contract: Contract) -> bool:
    return rule.is_written and (not rule.applies_to or contract.code in rule.applies_to)


def _last(month: date) -> date:
    return next_month(month) - timedelta(days=1)
