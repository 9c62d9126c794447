"""Told contracts, prices, rules, rates and invoices as the values of gateway.billing."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

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
from gateway.billing.credit import NoCredit, PerDay, PerMinute, Policy, Tiers
from gateway.billing.invoices import Invoice, Link
from gateway.facts.fact import Fact
from gateway.facts.fields import share


def contract_of(fact: Fact, prices: Iterable[Fact]) -> Contract:
    """A contract with its dated prices."""
    own = [one for one in prices if one.text("contract") == fact.text("code") and one.site == fact.site]
    return Contract(
        fact.text("code"),
        _term(fact),
        tuple(Price(_term(one), one.number("month_vnd"), one.flag("holds_vat")) for one in own),
    )


def policy_of(fact: Fact) -> Policy:
    """What an outage gives back under a contract."""
    match fact.text("credit"):
        case "phut":
            return PerMinute()
        case "ngay":
            return PerDay()
        case "bac":
            return Tiers(tuple(_tier(one) for one in fact.rows("tiers") if isinstance(one, dict)))
        case _:
            return NoCredit()


def rule_of(fact: Fact) -> Rule:
    """A commitment; without a document it is shown, not counted."""
    return Rule(
        _kind(fact),
        _term(fact),
        fact.text("document"),
        fact.number("order"),
        tuple(str(one) for one in fact.rows("contracts")),
    )


def rates_of(facts: Iterable[Fact]) -> tuple[VatRate, ...]:
    """The legal VAT rates."""
    return tuple(VatRate(_term(one), one.share("percent")) for one in facts)


def invoice_of(fact: Fact) -> Invoice:
    """An invoice as the variance needs it."""
    return Invoice(
        key=fact.key,
        contract=fact.text("contract"),
        month=fact.month_of("month"),
        total_vnd=fact.number("total_vnd"),
        list_vnd=fact.known("list_vnd"),
        discount_vnd=fact.known("discount_vnd"),
        credit_vnd=fact.known("credit_vnd"),
        vat_vnd=fact.known("vat_vnd"),
        vat_rates=frozenset(share(str(one)) for one in fact.rows("vat_percents")),
        link=Link(fact.text("link") or "original"),
        refers_to=fact.text("refers_to"),
    )


def _kind(fact: Fact) -> Kind:
    month, vat = fact.number("month_vnd"), fact.flag("holds_vat")
    match fact.text("what"):
        case "percent":
            return Percent(fact.share("percent"))
        case "fixed":
            return Fixed(month, vat)
        case "subsidy":
            return Subsidy(month, vat, fact.text("fund"))
        case "package":
            return Package(month, vat)
        case "free_months":
            return FreeMonths(fact.number("paid_months"), fact.number("free_months"), fact.number("total_vnd"))
        case _:
            return Clawback(fact.day_of("before"), fact.share("percent"))


def _term(fact: Fact) -> Term:
    return Term(fact.day_of("first"), fact.day("last"))


def _tier(row: Mapping[str, object]) -> tuple[Fraction, Fraction]:
    return Fraction(str(row["from"])), share(str(row["share"]))
