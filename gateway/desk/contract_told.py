"""What the desk tells of contracts, prices, commitments, rates and invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.facts.fact import Fact
from gateway.reports.lock import next_month


@dataclass(frozen=True, slots=True)
class PriceTold:
    """A list price a month."""

    first: date
    last: date | None
    month_vnd: int
    holds_vat: bool


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """A commitment of the ISP."""

    number: str
    form: str
    """percent, fixed, subsidy, package, free_months or clawback."""
    first: date
    last: date | None
    percent: str
    month_vnd: int | None
    total_vnd: int | None
    """Of free_months: what was paid."""
    paid_months: int | None
    free_months: int | None
    covers_to: date | None
    """Of free_months: the last day that is paid for."""
    fund: str
    document: str
    """"" : no paper says so; shown and not counted."""
    contracts: tuple[str, ...]
    """Empty: every one of the site."""


@dataclass(frozen=True, slots=True)
class ContractTold:
    """A line that is rented."""

    code: str
    site: str
    isp: str
    customer: str
    seller_tax_code: str
    package: str
    speed_kbit_s: int | None
    first: date
    last: date | None
    credit: str
    """What an outage gives back: phut (by the minute), ngay (whole days), bac (tiers), khong (nothing)."""
    document: str
    in_force: bool
    prices: tuple[PriceTold, ...]


@dataclass(frozen=True, slots=True)
class RateTold:
    """A legal VAT rate for Internet access."""

    first: date
    last: date | None
    percent: str
    document: str


@dataclass(frozen=True, slots=True)
class ContractsTold:
    """All that was agreed."""

    contracts: tuple[ContractTold, ...]
    promises: tuple[PromiseTold, ...]
    vat_rates: tuple[RateTold, ...]


@dataclass(frozen=True, slots=True)
class InvoiceTold:
    """An invoice."""

    key: str
    """seller|form|series|number."""
    site: str
    contract: str
    month: str
    seller: str
    form: str
    series: str
    number: str
    dated: date
    total_vnd: int
    list_vnd: int | None
    discount_vnd: int | None
    credit_vnd: int | None
    before_vat_vnd: int | None
    vat_vnd: int | None
    fees_vnd: int | None
    vat_percents: tuple[str, ...]
    link: str
    """original, replaces or adjusts."""
    refers_to: str
    flags: tuple[str, ...]
    """What a reader should know: lines-do-not-foot, signature-not-checked, …"""
    sha256: str
    """Of the file it was read from; "" when it was typed in."""


@dataclass(frozen=True, slots=True)
class InvoicesTold:
    """Invoices that stand."""

    invoices: tuple[InvoiceTold, ...]


KINDS = ("contract", "price", "rule", "vat")


def contracts_told(facts: Sequence[Fact], today: date) -> ContractsTold:
    """Out of the facts of KINDS: what is in force first."""
    of = {name: [one for one in facts if one.kind.name == name] for name in KINDS}
    contracts = [contract_told(one, of["price"], today) for one in of["contract"]]
    return ContractsTold(
        tuple(sorted(contracts, key=lambda one: (not one.in_force, one.site, one.code))),
        tuple(sorted((promise_told(one) for one in of["rule"]), key=lambda one: (one.first, one.number), reverse=True)),
        tuple(
            RateTold(one.day_of("first"), one.day("last"), one.text("percent"), one.text("document"))
            for one in sorted(of["vat"], key=lambda one: one.text("first"), reverse=True)
        ),
    )


def contract_told(one: Fact, prices: Sequence[Fact], today: date) -> ContractTold:
    """A contract with its prices, newest first."""
    own = [each for each in prices if each.text("contract") == one.text("code") and each.site == one.site]
    first, last = one.day_of("first"), one.day("last")
    return ContractTold(
        code=one.text("code"),
        site=one.site,
        isp=one.text("isp"),
        customer=one.text("customer"),
        seller_tax_code=one.text("seller_tax_code"),
        package=one.text("package"),
        speed_kbit_s=one.known("speed_kbit_s"),
        first=first,
        last=last,
        credit=one.text("credit"),
        document=one.text("document"),
        in_force=first <= today and (last is None or today <= last),
        prices=tuple(
            PriceTold(each.day_of("first"), each.day("last"), each.number("month_vnd"), each.flag("holds_vat"))
            for each in sorted(own, key=lambda each: each.text("first"), reverse=True)
        ),
    )


def promise_told(one: Fact) -> PromiseTold:
    """A commitment."""
    months = one.number("paid_months") + one.number("free_months")
    return PromiseTold(
        number=one.text("id"),
        form=one.text("what"),
        first=one.day_of("first"),
        last=one.day("last"),
        percent=one.text("percent"),
        month_vnd=one.known("month_vnd"),
        total_vnd=one.known("total_vnd"),
        paid_months=one.known("paid_months"),
        free_months=one.known("free_months"),
        covers_to=_covers_to(one.day_of("first"), months) if one.text("what") == "free_months" else None,
        fund=one.text("fund"),
        document=one.text("document"),
        contracts=tuple(str(each) for each in one.rows("contracts")),
    )


def invoice_told(one: Fact) -> InvoiceTold:
    """An invoice."""
    return InvoiceTold(
        key=one.key,
        site=one.site,
        contract=one.text("contract"),
        month=one.text("month"),
        seller=one.text("seller"),
        form=one.text("form"),
        series=one.text("series"),
        number=one.text("number"),
        dated=one.day_of("dated"),
        total_vnd=one.number("total_vnd"),
        list_vnd=one.known("list_vnd"),
        discount_vnd=one.known("discount_vnd"),
        credit_vnd=one.known("credit_vnd"),
        before_vat_vnd=one.known("before_vat_vnd"),
        vat_vnd=one.known("vat_vnd"),
        fees_vnd=one.known("fees_vnd"),
        vat_percents=tuple(str(each) for each in one.rows("vat_percents")),
        link=one.text("link") or "original",
        refers_to=one.text("refers_to"),
        flags=tuple(str(each) for each in one.rows("flags")),
        sha256=one.text("sha256"),
    )


def _covers_to(first: date, months: int) -> date:
    """Prepaid months run from the first's own on."""
    month = first.replace(day=1)
    for _ in range(months):
        month = next_month(month)
    return date.fromordinal(month.toordinal() - 1)
