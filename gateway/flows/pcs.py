"""The book of public PCs: inventory, faults and repairs, as `cong pc` and the desk write and read it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.clock import local_day
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries, made
from gateway.flows.told_sites import period_report
from gateway.ports_facts import Entry, Telling
from gateway.reports.report_values import SiteReport

_LISTED_BY = "cong pc list"


class OpenFaultError(UsageError):
    """The PC has a fault that is open."""


class SameFaultError(UsageError):
    """A fault of the PC that began at this very moment was told, and repaired: it stays as it is."""


class NoFaultError(UsageError):
    """The PC has none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A PC of the inventory."""

    pc: Fact
    fault: Fact | None
    """The one that is open."""


class PcBook:
    """PCs as they were told by hand."""

    def __init__(self, entries: HandEntries) -> None:
        self._entries = entries
        self._turn = asyncio.Lock()  # two clicks on one button: the second finds the ticket of the first

    @property
    def site(self) -> str:
        """The gateway's own."""
        return self._entries.site

    async def listed(self, site: str | None = None) -> list[Listed]:
        """The inventory of a site, or of all, by code."""
        pcs = await self._entries.register.standing(["pc"], site=site)
        faults = {(one.site, one.text("pc")): one for one in await self.faults(site) if not one.has("end")}
        return [Listed(one, faults.get((one.site, one.key))) for one in pcs]

    async def faults(self, site: str | None = None) -> list[Fact]:
        """All tickets, by PC and begin."""
        return await self._entries.register.standing(["pc_fault"], site=site)

    async def one(self, site: str, code: str) -> Listed:
        """One PC; NoFactError when there is none."""
        pc = await self._entries.one("pc", site, code, listed_by=_LISTED_BY)
        return Listed(pc, await self.open_fault(site, code))

    async def open_fault(self, site: str, code: str) -> Fact | None:
        """The ticket that is open."""
        told = await self.faults(site)
        return next((one for one in told if one.text("pc") == code and one.site == site and not one.has("end")), None)

    async def history(self, site: str, code: str) -> list[Entry]:
        """All revisions of its entry in the inventory, oldest first."""
        return await self._entries.register.history("pc", site, code)

    async def enter(self, site: str, code: str, told: Mapping[str, object], telling: Telling) -> Fact:
        """Enter a PC, or put right what stands of it; "" takes a value away. FieldError."""
        async with self._turn:
            known = [one for one in await self._entries.register.standing(["pc"], site=site) if one.key == code]
            fact = made("pc", site, {**(known[0].values if known else {}), "code": code, **told})
            await self._entries.amend([fact], telling)
        return fact

    async def retire(self, site: str, code: str, day: date, telling: Telling) -> Fact:
        """Take a PC out of service; `day` is the first without it."""
        known = await self._entries.one("pc", site, code, listed_by=_LISTED_BY)
        fact = made("pc", site, {**known.values, "retired_on": day.isoformat()})
        await self._entries.amend([fact], telling)
        return fact

    async def fault(
        self, site: str, code: str, what: str, begin: str, telling: Telling, *, reported: bool = False
    ) -> Fact:
        """Open a ticket: the PC counts as out of order from `begin` (ISO 8601) on. NoFactError,
        OpenFaultError, SameFaultError."""
        async with self._turn:
            await self._entries.one("pc", site, code, listed_by=_LISTED_BY)
            if await self.open_fault(site, code):
                raise OpenFaultError(f"{code} has an open fault already", hint="cong pc repair closes it")
            fact = made("pc_fault", site, {"pc": code, "begin": begin, "what": what, "reported": reported})
            if any(one.key == fact.key and one.site == site for one in await self.faults(site)):
                hint = "give another begin: --since"
                raise SameFaultError(f"{code} has a repaired fault that began then", hint=hint)
            await self._entries.amend([fact], telling)
        return fact

    async def report(self, site: str, code: str, to: str, at: str, telling: Telling) -> Fact:
        """Note that somebody was asked to repair it. NoFaultError."""
        return await self._ticket(site, code, {"reported": True, "reported_to": to, "reported_at": at}, telling)

    async def repair(self, site: str, code: str, done: str, end: str, cost_vnd: int | None, telling: Telling) -> Fact:
        """Close the open ticket: it works again from `end` on. NoFaultError; FieldError: that is before its begin."""
        return await self._ticket(site, code, {"end": end, "done": done, "cost_vnd": cost_vnd}, telling)

    async def state(self, site: str, month: date | None, now: datetime) -> SiteReport:
        """The figures of a month; of the present one, up to today, when none is named."""
        today = local_day(now, self._entries.zone)
        first = month or today.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1) if month else today
        return (await period_report(self._entries.source, (first, last), site)).sites[0]

    async def _ticket(self, site: str, code: str, told: Mapping[str, object], telling: Telling) -> Fact:
        async with self._turn:
            known = await self.open_fault(site, code)
            if known is None:
                raise NoFaultError(f"{code} has no open fault", hint="cong pc list shows them")
            fact = made("pc_fault", site, {**known.values, **told})
            await self._entries.amend([fact], telling)
        return fact
