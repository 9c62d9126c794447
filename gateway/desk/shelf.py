"""The shelf at the desk: documents, films with subtitles, links; what of it can't be shown, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.desk.faults import told
from gateway.desk.shelf_told import (
    LARGEST_BYTES,
    EditItem,
    NewItem,
    NewLink,
    NewSubtitles,
    OfItem,
    ShelfItem,
    ShelfProblem,
    ShelfTold,
    item_told,
)
from gateway.desk.table import Act, Area, Caller, Nothing, Outcome, Page, RefusedError, act, view
from gateway.errors import Fault
from gateway.pages import text
from gateway.ports_shelf import ShelfKeeper
from gateway.staff.roles import Right

_GONE = ("no_item",)


@dataclass(frozen=True, slots=True)
class ShelfDesk:
    """What the rows of the table do."""

    keeper: ShelfKeeper
    address: str
    """Where patrons find it: "http://wifi.internal/shelf/"."""

    async def shelf(self, _asked: Nothing, caller: Caller) -> ShelfTold:
        """All of it."""
        stock = await self.keeper.stock()
        problems = tuple(_problem(each, caller) for each in stock.catalogue.problems)
        items = tuple(map(item_told, stock.catalogue.items))
        return ShelfTold(items, problems, stock.undescribed, stock.sheet_fault, stock.free_bytes)

    async def item(self, asked: OfItem, caller: Caller) -> ShelfItem:
        """One."""
        found = next((each for each in (await self.shelf(Nothing(), caller)).items if each.key == asked.key), None)
        if found is None:
            raise RefusedError("no_item", missing=True)
        return found

    async def add(self, asked: NewItem, caller: Caller) -> Outcome:
        """Put a file on it."""
        with told():
            key = await self.keeper.add_file(asked.told(), str(asked.file.path), asked.file.name)
        return await self._done(key, {}, caller)

    async def add_link(self, asked: NewLink, caller: Caller) -> Outcome:
        """Put an address on it."""
        with told():
            key = await self.keeper.add_link(asked.told(), asked.link)
        return await self._done(key, {}, caller)

    async def add_subtitles(self, asked: NewSubtitles, caller: Caller) -> Outcome:
        """For a film."""
        with told(*_GONE):
            await self.keeper.add_subtitles(asked.key, asked.language, str(asked.file.path))
        return await self._done(asked.key, {}, caller)

    async def change(self, asked: EditItem, caller: Caller) -> Outcome:
        """Rewrite what is told of it."""
        before = await self.item(OfItem(key=asked.key), caller)
        if not before.link and not asked.licence:
            raise RefusedError("shelf_licence")
        with told(*_GONE):
            await self.keeper.change(asked.key, asked.told())
        return await self._done(asked.key, _words(before), caller)

    async def take_off(self, asked: OfItem, caller: Caller) -> Outcome:
        """Take it off and delete its files."""
        with told(*_GONE):
            title = await self.keeper.take_off(asked.key)
        left = await self.shelf(Nothing(), caller)
        return Outcome(left, f"shelf {asked.key}", before={"title": title}, goto="/shelf", values={"title": title})

    async def shelf_page(self, _query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The list and the forms."""
        found = await self.shelf(Nothing(), caller)
        sections = list(dict.fromkeys(each.section for each in found.items if each.section))
        return {"shelf": found, "sections": sections, "address": self.address, "largest": LARGEST_BYTES}

    async def item_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """One thing, its words and subtitles."""
        asked = OfItem.model_validate({"key": query.get("key", "")})
        return {"item": await self.item(asked, caller), "address": self.address}

    async def _done(self, key: str, before: Mapping[str, object], caller: Caller) -> Outcome:
        made = await self.item(OfItem(key=key), caller)
        values = {"title": made.title}
        return Outcome(made, f"shelf {key}", before=before, after=_words(made), goto=f"/shelf/{key}", values=values)


def _words(item: ShelfItem) -> Mapping[str, object]:
    names = ("title", "title_en", "licence", "section", "order", "file", "link")
    return {name: getattr(item, name) for name in names if getattr(item, name)}


def _problem(fault: Fault, caller: Caller) -> ShelfProblem:
    values, where = fault.values, ""
    if "item" in values:
        where = text(caller.language, "desk.shelf.entry", number=values["item"], name=values["name"])
    says = text(caller.language, f"refused.{fault.key}", **values)
    return ShelfProblem(fault.key, where, says, str(values.get("of", "")))


def shelf(desk: ShelfDesk) -> Area:
    """The area."""
    see = Right.SEE
    return Area(
        views=[
            view("shelf.list", "/shelf", see, Nothing, ShelfTold, desk.shelf, "The shelf, and what is wrong with it."),
            view("shelf.show", "/shelf/{key}", see, OfItem, ShelfItem, desk.item, "One thing on it."),
        ],
        acts=_acts(desk),
        pages=[
            Page("/shelf", see, "shelf.html", desk.shelf_page, nav="board"),
            Page("/shelf/{key}", Right.BOARD, "shelf_item.html", desk.item_page, nav="board"),
        ],
    )


def _acts(desk: ShelfDesk) -> list[Act]:
    right = Right.BOARD
    off = "Take a thing off the shelf and delete its files."
    edit = "Rewrite what is told of it; file, link and subtitles stay."
    return [
        act(
            "shelf.add",
            "POST",
            "/shelf",
            right,
            NewItem,
            ShelfItem,
            desk.add,
            "Put a document, sound or film on the shelf. Patrons see it at once.",
            largest_bytes=LARGEST_BYTES,
        ),
        act("shelf.link", "POST", "/shelf-links", right, NewLink, ShelfItem, desk.add_link, "Put an address on it."),
        act(
            "shelf.subtitles",
            "POST",
            "/shelf/{key}/subtitles",
            right,
            NewSubtitles,
            ShelfItem,
            desk.add_subtitles,
            "Give a film subtitles in a language; those there were are replaced.",
            largest_bytes=5_000_000,
        ),
        act("shelf.edit", "PUT", "/shelf/{key}", right, EditItem, ShelfItem, desk.change, edit),
        act("shelf.remove", "DELETE", "/shelf/{key}", right, OfItem, ShelfTold, desk.take_off, off, is_dangerous=True),
    ]
