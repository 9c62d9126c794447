"""Contracts, prices, commitments and invoices told by hand, or read from the ISP's files."""

import hashlib
from collections.abc import Mapping, Sequence

from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries, day_of, made
from gateway.ports_bills import InvoiceReader, Ours
from gateway.ports_facts import Telling

LISTED_BY = "cong contract list"
PROMISES: Mapping[str, str] = {
    "percent": "percent", "fixed": "month_vnd", "subsidy": "month_vnd", "package": "month_vnd",
}  # fmt: skip
"""Forms of a commitment that are typed in with one value, and the value's field."""


async def add_contract(
    entries: HandEntries, site: str, values: Mapping[str, object], price_vnd: int, *, holds_vat: bool, telling: Telling
) -> list[Fact]:
    """A contract with its first price; one of this code is put right."""
    price = {"contract": values["code"], "first": values["first"], "month_vnd": price_vnd, "holds_vat": holds_vat}
    facts = [made("contract", site, values), made("price", site, price)]
    await entries.amend(facts, telling)
    return facts


async def add_price(entries: HandEntries, site: str, values: Mapping[str, object], telling: Telling) -> list[Fact]:
    """A new list price of a contract, from a day on."""
    await entries.one("contract", site, str(values["contract"]), listed_by=LISTED_BY)
    facts = [made("price", site, values)]
    await entries.amend(facts, telling)
    return facts


async def add_promise(
    entries: HandEntries, site: str, what: str, value: str | int, values: Mapping[str, object], telling: Telling
) -> list[Fact]:
    """A commitment of one of the PROMISES."""
    facts = [made("rule", site, {**values, "what": what, PROMISES[what]: value})]
    await entries.amend(facts, telling)
    return facts


async def end_contract(entries: HandEntries, site: str, code: str, last: str, telling: Telling) -> tuple[Fact, Fact]:
    """The contract as it stood, and with its last day."""
    known = await entries.one("contract", site, code, listed_by=LISTED_BY)
    ended = made("contract", known.site, {**known.values, "last": day_of(last)})
    await entries.amend([ended], telling)
    return known, ended


async def add_invoice(
    entries: HandEntries, site: str, values: Mapping[str, object], telling: Telling
) -> tuple[Fact, int]:
    """An invoice typed in, and whether that said anything new."""
    await entries.one("contract", site, str(values["contract"]), listed_by=LISTED_BY)
    fact = made("invoice", site, values)
    return fact, await entries.amend([fact], telling)


async def withdraw(entries: HandEntries, kind: str, site: str, key: str, telling: Telling) -> Fact:
    """What was told of this key does not stand any more; it stays in the trail. NoFactError."""
    known = await entries.one(kind, site, key)
    await entries.amend([made(kind, site, known.values, void=True)], telling)
    return known


def invoice_of_file(
    raw: bytes, name: str, contracts: Sequence[Fact], contract: str, month: str, read: InvoiceReader
) -> Fact:
    """The invoice of an XML file; `contract` and `month` when they are not to be found by what it says."""
    if contract and all(each.text("code") != contract for each in contracts):
        raise UsageError(
            f"there is no contract {contract}",
            hint=f"{LISTED_BY} shows them",
            key="no-contract",
            values={"contract": contract[:80]},
        )
    ours = [Ours(each.text("code"), each.text("customer"), each.text("seller_tax_code")) for each in contracts]
    values = read(raw, name, ours, contract)
    site = next(each.site for each in contracts if each.text("code") == values["contract"])
    values["sha256"] = hashlib.sha256(raw).hexdigest()
    if month:
        values["month"] = month
    return made("invoice", site, values)


async def add_prepayment(entries: HandEntries, site: str, values: Mapping[str, object], telling: Telling) -> Fact:
    """Months paid at once, with months added for it: a commitment of its own form."""
    fact = made("rule", site, {**values, "what": "free_months"})
    await entries.amend([fact], telling)
    return fact


async def add_rate(entries: HandEntries, values: Mapping[str, object], telling: Telling) -> Fact:
    """The legal VAT rate for Internet access, from a day on."""
    fact = made("vat", "", values)
    await entries.amend([fact], telling)
    return fact
