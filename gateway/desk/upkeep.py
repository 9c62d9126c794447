"""Upkeep of PCs once a month: the board, a look, the list of what is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timezone
from urllib.parse import quote

from gateway.clock import local_day
from gateway.desk.pcs_asked import Check, Items
from gateway.desk.pcs_told import ToldCheck, ToldItem, UpkeepBoard, UpkeepResult, told_item, upkeep_row
from gateway.desk.table import Caller, Language, Nothing, Outcome, RefusedError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries, NoFactError
from gateway.flows.pcs import PcBook
from gateway.flows.upkeep import MOST_ITEMS, Looked, Upkeep
from gateway.pages import text
from gateway.ports_pcs import UpkeepCheck, UpkeepItem
from gateway.service.upkeep import UpkeepState

_LONGEST_ITEM = 120


@dataclass(frozen=True, slots=True)
class ToldItems:
    """The list of what is looked at."""

    items: tuple[ToldItem, ...]


@dataclass(frozen=True, slots=True)
class UpkeepDesk:
    """The verbs and views of upkeep."""

    book: PcBook
    upkeep: Upkeep
    entries: HandEntries

    async def board(self, asked: Nothing, caller: Caller) -> UpkeepBoard:
        """Each PC in service, the overdue ones first."""
        today, zone = local_day(caller.at, self.entries.zone), self.entries.zone
        looked = await self.looked([one.pc for one in await self.book.listed(self.book.site)], today)
        rows = [upkeep_row(one, zone) for one in looked if one.state is not UpkeepState.NONE]
        order = (UpkeepState.OVERDUE, UpkeepState.DUE, UpkeepState.DONE)
        rows.sort(key=lambda row: (order.index(row.state), row.code))
        return UpkeepBoard(
            today.replace(day=1),
            tuple(told_item(one) for one in await self.upkeep.items()),
            tuple(rows),
            sum(row.state is UpkeepState.DONE for row in rows),
            sum(row.state is UpkeepState.OVERDUE for row in rows),
        )

    async def looked(self, pcs: Sequence[Fact], today: date) -> list[Looked]:
        """How these PCs stand."""
        return await self.upkeep.board(pcs, today)

    async def of(self, code: str, since: date) -> list[UpkeepCheck]:
        """The looks at a PC, newest first."""
        return await self.upkeep.of(code, since)

    async def check(self, asked: Check, caller: Caller) -> Outcome:
        """Note a look at a PC."""
        try:
            await self.book.one(self.book.site, asked.code)
        except NoFactError as error:
            raise RefusedError("pcs.no_pc", missing=True, code=asked.code) from error
        items = await self.upkeep.items()
        in_order = frozenset(asked.in_order)
        if not items or not in_order <= {one.id for one in items}:
            raise RefusedError("pcs.other_items")  # the list was changed while the form was open
        today = local_day(caller.at, self.entries.zone)
        bad = await self.upkeep.check(asked.code, in_order, asked.note, caller.name, caller.at, today)
        (made, *_) = await self.upkeep.of(asked.code, today.replace(day=1))
        told = told_check(made, await self.upkeep.all_items(), self.entries.zone)
        after = {"in_order": sorted(in_order), "not_in_order": bad, "note": asked.note}
        goto = f"/pcs/{quote(asked.code, safe='')}" if bad else "/pcs/upkeep"
        return Outcome(told, asked.code, {}, after, goto, {"code": asked.code, "count": bad})

    async def set_items(self, asked: Items, caller: Caller) -> Outcome:
        """The list anew; lines that stand already keep their item, whatever language they were shown in."""
        lines = list(dict.fromkeys(line.strip() for line in asked.lines.splitlines() if line.strip()))
        if not lines:
            raise RefusedError("pcs.no_items")
        if len(lines) > MOST_ITEMS or any(len(line) > _LONGEST_ITEM for line in lines):
            raise RefusedError("pcs.many_items", most=MOST_ITEMS, letters=_LONGEST_ITEM)
        before = await self.upkeep.items()
        known = {shown(one, language): one.id for language in _LANGUAGES for one in before}
        wanted = list(dict.fromkeys(known.get(line, line) for line in lines))
        await self.upkeep.set_items(wanted, caller.at)
        told = ToldItems(tuple(told_item(one) for one in await self.upkeep.items()))
        return Outcome(
            told,
            "upkeep",
            {"items": [shown(one, caller.language) for one in before]},
            {"items": lines},
            "/pcs/upkeep",
            {"count": len(wanted)},
        )

    async def lines(self, language: Language) -> str:
        """The list as it is edited."""
        return "\n".join(shown(one, language) for one in await self.upkeep.items())


_LANGUAGES: tuple[Language, ...] = ("vi", "en")


def shown(item: UpkeepItem | ToldItem | UpkeepResult, language: Language) -> str:
    """What is to be looked at, in words."""
    return item.text or text(language, f"desk.pcs.item.{item.word}")


def told_check(one: UpkeepCheck, items: Mapping[int, UpkeepItem], zone: timezone) -> ToldCheck:
    """A look with its items in words."""
    results = tuple(
        UpkeepResult(number, items[number].word, items[number].text, is_ok)
        for number, is_ok in sorted(one.results.items())
        if number in items
    )
    bad = sum(not each.is_ok for each in results)
    return ToldCheck(one.id, one.pc, one.month, one.checked_at.astimezone(zone), one.author, one.note, results, bad)
