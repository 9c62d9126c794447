"""Upkeep of public PCs: once a month each is looked at by the library's list; who looked, and what was not right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.facts.fact import Fact
from gateway.ports_pcs import UpkeepCheck, UpkeepItem, UpkeepLog
from gateway.service.upkeep import UpkeepState, upkeep_state
from gateway.service.workstation import Pc, PcId

MOST_ITEMS = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """A PC and how it stands with its upkeep."""

    pc: Fact
    state: UpkeepState
    last: UpkeepCheck | None
    """Its newest look of this month and the last."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The looks at one site's PCs."""

    log: UpkeepLog
    site: str

    async def board(self, pcs: Sequence[Fact], today: date) -> list[Looked]:
        """Each of these PCs, in their order."""
        checks = await self.log.checks(self.site, (today.replace(day=1) - timedelta(days=1)).replace(day=1))
        months: dict[str, set[date]] = {}
        for one in checks:
            months.setdefault(one.pc, set()).add(one.month)
        newest = {one.pc: one for one in checks}
        return [
            Looked(fact, upkeep_state(_pc(fact), months.get(fact.key, ()), today), newest.get(fact.key)) for fact in pcs
        ]

    async def items(self) -> Sequence[UpkeepItem]:
        """What is looked at."""
        return await self.log.items()

    async def all_items(self) -> Mapping[int, UpkeepItem]:
        """Also what was looked at once."""
        return await self.log.all_items()

    async def of(self, pc: str, since: date) -> list[UpkeepCheck]:
        """The looks at a PC, newest first."""
        return [one for one in reversed(await self.log.checks(self.site, since)) if one.pc == pc]

    async def check(self, pc: str, in_order: frozenset[int], note: str, author: str, now: datetime, today: date) -> int:
        """Note a look of today at all items: those named are in order, the others are not; how many are not."""
        results = {one.id: one.id in in_order for one in await self.log.items()}
        look = UpkeepCheck(0, pc, today.replace(day=1), now, author, note, results)
        await self.log.check(self.site, look)
        return len(results) - sum(results.values())

    async def set_items(self, wanted: Sequence[int | str], now: datetime) -> None:
        """The list anew: a number keeps an item, a text is a new one."""
        await self.log.set_items(wanted, now)


def _pc(fact: Fact) -> Pc:
    return Pc(PcId(fact.key), fact.day_of("bought_on"), fact.day("retired_on"))
