"""Contracts at the desk: prices, commitments with their documents, prepayments, VAT rates."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.clock import local_day
from gateway.desk.bill_inputs import EndedContract, NewContract, NewPrepayment, NewPrice, NewPromise, NewRate
from gateway.desk.contract_told import (
    KINDS,
    ContractsTold,
    ContractTold,
    PriceTold,
    PromiseTold,
    RateTold,
    contract_told,
    contracts_told,
    promise_told,
)
from gateway.desk.refusing import refusing
from gateway.desk.table import Act, Area, Caller, Nothing, Outcome, Page, RefusedError, act, view
from gateway.facts.fact import Fact
from gateway.flows.bill_entries import (
    add_contract,
    add_prepayment,
    add_price,
    add_promise,
    add_rate,
    end_contract,
)
from gateway.flows.hand_entries import HandEntries
from gateway.ports_facts import Telling
from gateway.staff.roles import Right


def contracts_area(entries: HandEntries) -> Area:
    """What the desk has of contracts."""
    desk = _Contracts(entries)
    see = Right.SEE_FIGURES
    return Area(
        views=(
            view("contracts.list", "/contracts", see, Nothing, ContractsTold, desk.told, "What was agreed with ISPs"),
        ),
        acts=_acts(desk),
        pages=(Page("/bills/contracts", see, "contracts.html", desk.page, nav="line"),),
    )


def _acts(desk: "_Contracts") -> tuple[Act, ...]:
    change = Right.FIGURES
    return (
        act(
            "contract.add",
            "POST",
            "/contracts",
            change,
            NewContract,
            ContractTold,
            desk.add,
            "Enter a contract with its first price, or put one right",
        ),
        act(
            "contract.price",
            "POST",
            "/contracts/{code}/prices",
            change,
            NewPrice,
            PriceTold,
            desk.price,
            "Enter a new list price",
        ),
        act(
            "contract.promise",
            "POST",
            "/contracts/promises",
            change,
            NewPromise,
            PromiseTold,
            desk.promise,
            "Enter a commitment to reduce the price",
        ),
        act(
            "contract.prepay",
            "POST",
            "/contracts/prepayments",
            change,
            NewPrepayment,
            PromiseTold,
            desk.prepay,
            "Enter a payment for months ahead",
        ),
        act(
            "contract.end",
            "POST",
            "/contracts/{code}/end",
            change,
            EndedContract,
            ContractTold,
            desk.end,
            "Say the last day of a contract",
        ),
        act("vat.add", "POST", "/vat-rates", change, NewRate, RateTold, desk.rate, "Enter a legal VAT rate"),
    )


@dataclass(frozen=True, slots=True)
class _Contracts:
    entries: HandEntries

    async def told(self, asked: Nothing, caller: Caller) -> ContractsTold:
        del asked
        facts = await self.entries.register.standing(KINDS)
        return contracts_told(facts, local_day(caller.at, self.entries.zone))

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        del asked
        told = await self.told(Nothing(), caller)
        options = [(one.code, f"{one.code} – {one.isp}") for one in told.contracts]
        return {"told": told, "contract_options": options, "today": local_day(caller.at, self.entries.zone).isoformat()}

    async def add(self, asked: NewContract, caller: Caller) -> Outcome:
        values = _plain(asked, "code", "isp", "first", "last", "credit", "customer", "seller_tax_code", "package")
        values |= {
            "document": asked.document,
            "speed_kbit_s": asked.speed_mbit_s * 1000 if asked.speed_mbit_s else None,
        }
        before = await self._known(asked.code)
        with refusing("bills", "no-contract-chosen"):
            facts = await add_contract(
                self.entries,
                before.site if before else self.entries.site,
                values,
                asked.price_vnd,
                holds_vat=asked.holds_vat,
                telling=_telling(caller, "contract.add"),
            )
        today = local_day(caller.at, self.entries.zone)
        return Outcome(
            contract_told(facts[0], facts[1:], today),
            subject=asked.code,
            before=dict(before.values) if before else {},
            after=dict(facts[0].values) | {"price": dict(facts[1].values)},
            values={"code": asked.code},
        )

    async def price(self, asked: NewPrice, caller: Caller) -> Outcome:
        values = {"contract": asked.code, **_plain(asked, "first", "month_vnd", "holds_vat")}
        with refusing("bills", "no-contract-chosen"):
            site = await self._site(asked.code)
            (fact,) = await add_price(self.entries, site, values, _telling(caller, "contract.price"))
        told = PriceTold(fact.day_of("first"), None, fact.number("month_vnd"), fact.flag("holds_vat"))
        return Outcome(told, subject=asked.code, after=dict(fact.values), values={"code": asked.code})

    async def promise(self, asked: NewPromise, caller: Caller) -> Outcome:
        await self._check(asked.contracts)
        values = {
            "id": asked.number,
            **_plain(asked, "first", "last", "document"),
            "contracts": list(asked.contracts) or None,
        }
        value: str | int = asked.value if asked.form == "percent" else int(asked.value)
        with refusing("bills", "no-contract-chosen"):
            (fact,) = await add_promise(
                self.entries, self.entries.site, asked.form, value, values, _telling(caller, "contract.promise")
            )
        return _promised(fact)

    async def prepay(self, asked: NewPrepayment, caller: Caller) -> Outcome:
        await self._check(asked.contracts)
        values = {
            "id": asked.number,
            **_plain(asked, "first", "paid_months", "free_months", "total_vnd", "document"),
            "contracts": list(asked.contracts) or None,
        }
        with refusing("bills", "no-contract-chosen"):
            fact = await add_prepayment(self.entries, self.entries.site, values, _telling(caller, "contract.prepay"))
        return _promised(fact)

    async def end(self, asked: EndedContract, caller: Caller) -> Outcome:
        with refusing("bills", "no-contract-chosen"):
            site = await self._site(asked.code)
            before, after = await end_contract(
                self.entries, site, asked.code, asked.last.isoformat(), _telling(caller, "contract.end")
            )
        today = local_day(caller.at, self.entries.zone)
        return Outcome(
            contract_told(after, (), today),
            subject=asked.code,
            before=dict(before.values),
            after=dict(after.values),
            values={"code": asked.code},
        )

    async def rate(self, asked: NewRate, caller: Caller) -> Outcome:
        with refusing("bills", "no-contract-chosen"):
            values = _plain(asked, "first", "percent", "document")
            fact = await add_rate(self.entries, values, _telling(caller, "vat.add"))
        told = RateTold(fact.day_of("first"), None, fact.text("percent"), fact.text("document"))
        return Outcome(told, subject=f"{asked.first}", after=dict(fact.values), values={"percent": told.percent})

    async def _known(self, code: str) -> Fact | None:
        facts = await self.entries.register.standing(["contract"])
        return next((one for one in facts if one.key == code), None)

    async def _site(self, code: str) -> str:
        known = await self._known(code)
        return known.site if known else self.entries.site

    async def _check(self, codes: tuple[str, ...]) -> None:
        for code in codes:
            if await self._known(code) is None:
                raise RefusedError("bills.no-contract", missing=True, contract=code)


def _plain(asked: object, *names: str) -> dict[str, object]:
    """Values as facts have them: days as text."""
    told = {name: getattr(asked, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


def _promised(fact: Fact) -> Outcome:
    return Outcome(promise_told(fact), subject=fact.key, after=dict(fact.values), values={"number": fact.key})


def _telling(caller: Caller, deed: str) -> Telling:
    return Telling(caller.at, caller.name, f"desk {deed}")
