"""Invoices at the desk: an electronic one dropped in, the office's own table by its columns, or typed in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gateway.clock import Clock
from gateway.desk.aside import Aside
from gateway.desk.bill_inputs import NewInvoice, OfDraft, OfInvoice, OfInvoices, ReadDraft, SentFile
from gateway.desk.contract_told import InvoicesTold, InvoiceTold, invoice_told
from gateway.desk.invoice_drafts import DraftTold, Kept, Looked, draft_told, drafts, is_plain, kept, looked
from gateway.desk.refusing import refusing
from gateway.desk.table import Act, Area, Caller, Outcome, Page, RefusedError, act, view
from gateway.errors import GatewayError
from gateway.facts.fact import Fact
from gateway.flows.bill_entries import add_invoice, withdraw
from gateway.flows.hand_entries import HandEntries
from gateway.flows.invoice_table import FIELDS, Reading
from gateway.flows.office_cells import mapping_of
from gateway.ports_bills import InvoiceReader
from gateway.ports_facts import Telling
from gateway.staff.roles import Right

_LARGEST = 5_000_000
_SPARE = 20_000
"""For the other fields of the form."""
_CHOICES = frozenset({"xml-no-contract", "xml-contracts"})
"""What is wrong with a file that a person can put right by saying which contract it is for."""


def invoices_area(entries: HandEntries, read: InvoiceReader, clock: Clock) -> Area:
    """What the desk has of invoices."""
    desk = _Invoices(entries, read, drafts(clock))
    see, change = Right.SEE_FIGURES, Right.FIGURES
    return Area(
        views=(
            view("invoices.list", "/invoices", see, OfInvoices, InvoicesTold, desk.told, "Invoices that stand"),
            view(
                "invoices.draft",
                "/invoices/drafts/{draft}",
                change,
                OfDraft,
                DraftTold,
                desk.draft,
                "A file that was sent, as it is read now",
            ),
        ),
        acts=_acts(desk),
        pages=(
            Page("/bills/invoices", see, "invoices.html", desk.page, nav="line"),
            Page("/bills/drafts/{draft}", change, "invoice_draft.html", desk.draft_page, nav="line"),
        ),
    )


def _acts(desk: "_Invoices") -> tuple[Act, ...]:
    change = Right.FIGURES
    return (
        act("invoice.add", "POST", "/invoices", change, NewInvoice, InvoiceTold, desk.add, "Type an invoice in"),
        act(
            "invoice.upload",
            "POST",
            "/invoices/files",
            change,
            SentFile,
            DraftTold,
            desk.upload,
            "Send an e-invoice or a table: taken at once when nothing is to be looked at, else a draft",
            largest_bytes=_LARGEST + _SPARE,
        ),
        act(
            "invoice.read",
            "PUT",
            "/invoices/drafts/{draft}",
            change,
            ReadDraft,
            DraftTold,
            desk.read_again,
            "Say how a draft is to be read",
        ),
        act(
            "invoice.take",
            "POST",
            "/invoices/drafts/{draft}",
            change,
            OfDraft,
            InvoicesTold,
            desk.take,
            "Take a draft's invoices, all or none",
        ),
        act("invoice.remove", "DELETE", "/invoices", change, OfInvoice, InvoiceTold, desk.remove, "Take one out"),
    )


@dataclass(frozen=True, slots=True)
class _Invoices:
    entries: HandEntries
    read: InvoiceReader
    drafts: Aside[Kept]

    async def told(self, asked: OfInvoices, caller: Caller) -> InvoicesTold:
        del caller
        facts = await self.entries.register.standing(["invoice"])
        chosen = [one for one in facts if asked.month in (None, one.text("month"))]
        chosen.sort(key=lambda one: (one.text("month"), one.text("dated"), one.key), reverse=True)
        return InvoicesTold(tuple(map(invoice_told, chosen)))

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        wanted = OfInvoices.model_validate({"month": asked.get("month") or None})
        contracts = await self._contracts()
        return {
            "invoices": (await self.told(wanted, caller)).invoices,
            "month": wanted.month or "",
            "contracts": [(one.text("code"), one.text("isp"), one.text("seller_tax_code")) for one in contracts],
            "contract_options": _options(contracts),
        }

    async def draft(self, asked: OfDraft, caller: Caller) -> DraftTold:
        one = self._draft(asked.draft, caller)
        return draft_told(asked.draft, one, await self._looked(one, await self._contracts()))

    async def draft_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        told = await self.draft(OfDraft.model_validate({"draft": asked.get("draft", "")}), caller)
        contracts = await self._contracts()
        return {
            "draft": told,
            "fields": FIELDS,
            "contracts": bool(contracts),
            "contract_options": [("", "–"), *_options(contracts)],
        }

    async def add(self, asked: NewInvoice, caller: Caller) -> Outcome:
        values = asked.model_dump(exclude={"vat_percent", "link", "refers_to", "dated"})
        values["dated"] = asked.dated.isoformat()
        values["vat_percents"] = [asked.vat_percent] if asked.vat_percent else None
        if asked.link != "original":
            values |= {"link": asked.link, "refers_to": asked.refers_to}
        with refusing("bills", "no-contract-chosen"):
            site = await self._site_of(asked.contract)
            fact, fresh = await add_invoice(self.entries, site, values, _telling(caller, "invoice.add"))
        if not fresh:
            raise RefusedError("bills.stands-already", number=fact.text("number"))
        return _outcome([fact], invoice_told(fact))

    async def upload(self, asked: SentFile, caller: Caller) -> Outcome:
        if asked.file.size_bytes > _LARGEST:
            raise RefusedError("bills.xml-large")
        raw = await asyncio.to_thread(asked.file.path.read_bytes)
        contracts = await self._contracts()
        with refusing("bills", "no-contract"):
            one = await asyncio.to_thread(kept, asked.file.name, raw)
        if one.is_table and len(contracts) == 1:
            one.reading = replace(one.reading, contract=contracts[0].key)
        found = await self._looked(one, contracts)
        if not one.is_table and is_plain(found):
            fresh = await self.entries.amend(found.facts, _telling(caller, f"invoice.upload {asked.file.name[:100]}"))
            if not fresh:
                raise RefusedError("bills.stands-already", number=found.facts[0].text("number"))
            return _outcome(found.facts, draft_told("", one, found))
        if not one.is_table and found.problems and found.problems[0].key not in _CHOICES:
            problem = found.problems[0]
            refusal = RefusedError(f"bills.{problem.key}")
            refusal.values = dict(problem.values)
            raise refusal
        number = self.drafts.put(caller.name, one)
        return Outcome(
            draft_told(number, one, found),
            subject=one.name[:100],
            goto=f"/bills/drafts/{number}",
            values={"count": 0, "months": ""},
        )

    async def read_again(self, asked: ReadDraft, caller: Caller) -> Outcome:
        one = self._draft(asked.draft, caller)
        mapping: Mapping[str, str] = {}
        if one.is_table:
            try:
                mapping = mapping_of(asked.columns, FIELDS, ())
            except GatewayError as error:
                raise RefusedError("bills.columns") from error
            if len(set(mapping.values())) != len(mapping) or not set(mapping.values()) <= set(one.headings):
                raise RefusedError("bills.columns")
        one.reading = Reading(mapping, asked.date_format, asked.contract, asked.month or "")
        told = draft_told(asked.draft, one, await self._looked(one, await self._contracts()))
        return Outcome(told, subject=one.name[:100], goto=f"/bills/drafts/{asked.draft}")

    async def take(self, asked: OfDraft, caller: Caller) -> Outcome:
        one = self._draft(asked.draft, caller)
        found = await self._looked(one, await self._contracts())
        if found.problems or not found.facts:
            raise RefusedError("bills.not-ready", count=len(found.problems))
        await self.entries.amend(found.facts, _telling(caller, f"invoice.take {one.name[:100]}"))
        self.drafts.drop(asked.draft)
        return _outcome(found.facts, InvoicesTold(tuple(map(invoice_told, found.facts))))

    async def remove(self, asked: OfInvoice, caller: Caller) -> Outcome:
        facts = await self.entries.register.standing(["invoice"])
        site = next((one.site for one in facts if one.key == asked.key), self.entries.site)
        with refusing("bills", "no-invoice"):
            gone = await withdraw(self.entries, "invoice", site, asked.key, _telling(caller, "invoice.remove"))
        told = invoice_told(gone)
        return Outcome(told, subject=gone.key, before=dict(gone.values), values={"number": told.number})

    def _draft(self, number: str, caller: Caller) -> Kept:
        one = self.drafts.get(caller.name, number)
        if one is None:
            raise RefusedError("bills.no-draft", missing=True)
        return one

    async def _contracts(self) -> Sequence[Fact]:
        return await self.entries.register.standing(["contract"])

    async def _site_of(self, contract: str) -> str:
        """An office with several sites has their contracts in one register."""
        return next((one.site for one in await self._contracts() if one.key == contract), self.entries.site)

    async def _looked(self, one: Kept, contracts: Sequence[Fact]) -> Looked:
        return await asyncio.to_thread(looked, replace(one), contracts, self.read)


def _options(contracts: Sequence[Fact]) -> list[tuple[str, str]]:
    return [(one.key, f"{one.key} – {one.text('isp')}") for one in contracts]


def _telling(caller: Caller, deed: str) -> Telling:
    return Telling(caller.at, caller.name, f"desk {deed}")


def _outcome(facts: Sequence[Fact], told: object) -> Outcome:
    months = sorted({one.month_of("month") for one in facts})
    return Outcome(
        told,
        subject=", ".join(one.key for one in facts)[:200],
        after={one.key: dict(one.values) for one in facts[:20]},
        goto=f"/bills?period={months[-1]:%Y-%m}",
        values={"count": len(facts), "months": ", ".join(_month(one) for one in months[:3])},
    )


def _month(day: date) -> str:
    return f"{day.month}/{day.year}"
