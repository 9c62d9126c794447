"""The PCs' rows of the desk's table, and their pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.desk.pcs import PcDesk, told_figures
from gateway.desk.pcs_asked import (
    AddPhoto,
    AskedMonth,
    AskedPc,
    AskedPhoto,
    Check,
    Entry,
    Fault,
    Items,
    Repaired,
    Reported,
    Retire,
)
from gateway.desk.pcs_told import Asset, OnePc, PcBoard, PcFigures, Ticket, ToldCheck, UpkeepBoard
from gateway.desk.reckoned import Reckoning
from gateway.desk.table import Act, Area, Caller, Live, Nothing, Page, View, act, download, view
from gateway.desk.upkeep import ToldItems
from gateway.errors import GatewayError
from gateway.reports.tables import PcRow
from gateway.staff.roles import Right

_LIVE_S = 5.0
_FORM_BYTES = 5_100_000
_PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True, slots=True)
class PcPages:
    """Pages made of the views."""

    desk: PcDesk

    async def board(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What is known at once; with `wait` the month's figures too."""
        made = await self.desk.counted() if query.get("wait") else self.desk.kept()
        return await self._board(made, caller, "")

    async def live(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The same with the figures, as soon as they are counted."""
        try:
            return await self._board(await self.desk.counted(), caller, "")
        except GatewayError as error:
            return await self._board(None, caller, error.message)

    async def one(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """A PC, with the form of what comes next."""
        asked = AskedPc.model_validate({"code": query.get("code", "")})
        told = await self.desk.one(asked, caller)
        made = self.desk.kept()
        figures = told_figures(self.desk.today(caller).replace(day=1), made) if made else None
        mine = next((each for each in figures.pcs if each.code == asked.code), None) if figures else None
        return {
            "pc": told,
            "figure": mine,
            "items": (await self.desk.upkeep.board(Nothing(), caller)).items,
            "now": caller.at.astimezone(self.desk.entries.zone).replace(tzinfo=None),
            "today": self.desk.today(caller),
        }

    async def new(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """An empty entry, its code the next that is free."""
        board = await self.desk.board(Nothing(), caller)
        taken = {each.code for each in (*board.pcs, *board.retired)}
        free = next(code for n in range(1, 1000) if (code := f"PC{n:02}") not in taken)
        return {"code": free, "today": self.desk.today(caller)}

    async def upkeep(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The month's upkeep, and the list."""
        board = await self.desk.upkeep.board(Nothing(), caller)
        return {"told": board, "lines": await self.desk.upkeep.lines(caller.language)}

    async def _board(self, made: Reckoning[list[PcRow]] | None, caller: Caller, trouble: str) -> Mapping[str, object]:
        today = self.desk.today(caller)
        figures = told_figures(today.replace(day=1), made) if made else None
        return {
            "board": await self.desk.board(Nothing(), caller),
            "figures": figures,
            "days_out": {each.code: each.days_out for each in figures.pcs} if figures else {},
            "trouble": trouble,
            "today": today,
        }


def pcs(desk: PcDesk) -> Area:
    """The area of the table."""
    see, pages = Right.SEE, PcPages(desk)
    return Area(
        views=_views(desk),
        acts=[*_ticket_acts(desk), *_other_acts(desk)],
        pages=[
            Page("/pcs", see, "pcs.html", pages.board, "pcs"),
            Page("/pcs/new", Right.PLAN, "pc_new.html", pages.new, "pcs"),
            Page("/pcs/upkeep", see, "upkeep.html", pages.upkeep, "pcs"),
            Page("/pcs/{code}", see, "pc.html", pages.one, "pcs"),
        ],
        downloads=[
            download("pc.photo", "/pc-photos/{id}", see, AskedPhoto, desk.photo, "A photo of a fault", _PHOTO_TYPES)
        ],
        live=[Live("/pcs", see, "pcs_board.html", pages.live, _LIVE_S)],
    )


def _views(desk: PcDesk) -> list[View]:
    see = Right.SEE
    return [
        view("pcs.list", "/pcs", see, Nothing, PcBoard, desk.board, "Public PCs as they stand now"),
        view("pcs.one", "/pcs/{code}", see, AskedPc, OnePc, desk.one, "A PC: inventory, faults, repairs, upkeep"),
        view(
            "pcs.figures",
            "/pc-figures/{month}",
            see,
            AskedMonth,
            PcFigures,
            desk.figures,
            "States at the end of a month, and days out of order",
        ),
        view("upkeep.list", "/upkeep", see, Nothing, UpkeepBoard, desk.upkeep.board, "This month's upkeep of PCs"),
    ]


def _ticket_acts(desk: PcDesk) -> list[Act]:
    open_ = Right.OPEN
    return [
        act(
            "pc.fault",
            "POST",
            "/pcs/{code}/fault",
            open_,
            Fault,
            Ticket,
            desk.fault,
            "A PC is broken",
            largest_bytes=_FORM_BYTES,
        ),
        act(
            "pc.photo",
            "POST",
            "/pcs/{code}/photos",
            open_,
            AddPhoto,
            Ticket,
            desk.add_photo,
            "A photo for the open ticket",
            largest_bytes=_FORM_BYTES,
        ),
        act(
            "pc.photo_remove",
            "DELETE",
            "/pc-photos/{id}",
            open_,
            AskedPhoto,
            AskedPhoto,
            desk.remove_photo,
            "Take a photo away for good",
        ),
        act("pc.report", "POST", "/pcs/{code}/report", open_, Reported, Ticket, desk.report, "Who was asked to repair"),
        act("pc.repair", "POST", "/pcs/{code}/repair", open_, Repaired, Ticket, desk.repair, "A PC works again"),
    ]


def _other_acts(desk: PcDesk) -> list[Act]:
    open_, plan = Right.OPEN, Right.PLAN
    return [
        act("pc.enter", "PUT", "/pcs/{code}", plan, Entry, Asset, desk.enter, "Enter a PC, or put its entry right"),
        act("pc.retire", "POST", "/pcs/{code}/retire", plan, Retire, Asset, desk.retire, "Out of service"),
        act(
            "upkeep.check",
            "POST",
            "/pcs/{code}/upkeep",
            open_,
            Check,
            ToldCheck,
            desk.upkeep.check,
            "A PC was looked at by the list",
        ),
        act(
            "upkeep.items",
            "PUT",
            "/upkeep/items",
            plan,
            Items,
            ToldItems,
            desk.upkeep.set_items,
            "The list of what is looked at",
        ),
    ]
