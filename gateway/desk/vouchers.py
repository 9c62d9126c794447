"""Vouchers at the desk: one in two clicks, batches, slips to print, what became of each, taken back.

Codes stand in what only Right.VOUCHERS reads, never in the trail: that names batch and number.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from gateway.access.voucher import may_let_in
from gateway.desk.faults import told
from gateway.desk.inputs import Line
from gateway.desk.profiles import profile_choices
from gateway.desk.table import Act, Area, Caller, File, Input, Outcome, Page, RefusedError, act, download, view
from gateway.desk.voucher_told import (
    NewVouchers,
    VoucherBatch,
    VoucherBatches,
    VoucherFound,
    VouchersRevoked,
    VoucherTold,
    batch_told,
    voucher_told,
)
from gateway.errors import FaultError
from gateway.flows.gate import Gate
from gateway.flows.voucher_office import VoucherOffice
from gateway.flows.vouchers import end_over
from gateway.ports_staff import CommandRunner
from gateway.slips import Paper, slips_page
from gateway.staff.roles import Right

_A_PAGE, _ROWS = 25, 50
_AT_ONCE = 24
"""Slips that are drawn here, on a thread, in some 0.2 s; more of them are drawn by the command, beside the gateway."""
_HTML = "text/html; charset=utf-8"
Number = Annotated[int, Field(ge=1, lt=2**31)]


class OfPage(Input):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=100_000)


class OfBatch(Input):
    """Which batch."""

    batch: Number


class OfVoucher(Input):
    """Which voucher."""

    batch: Number
    number: Number


class OfCode(Input):
    """A code as somebody read it off a slip."""

    code: Line = Field(min_length=1, description="In any case, with or without dashes and spaces.")


class Printing(Input):
    """How slips are printed."""

    batch: Number
    layout: Literal["8", "15", "24", "thermal"] = Field(
        "15", description="Slips on a sheet of A4, or a receipt printer with 58 mm paper."
    )
    language: Literal["", "vi", "en"] = Field("", description='Of the slips; "" is the site\'s.')


@dataclass(frozen=True, slots=True)
class VoucherDesk:
    """What the rows of the table do."""

    office: VoucherOffice
    gate: Gate
    paper: Paper
    commands: CommandRunner
    is_offered: bool
    """Does the portal take vouchers?"""

    async def batches(self, asked: OfPage, _caller: Caller) -> VoucherBatches:
        """The newest first."""
        found, now = await self.office.batches(), self.office.now().at
        pages = max(1, -(-len(found) // _A_PAGE))
        shown = found[(asked.page - 1) * _A_PAGE : asked.page * _A_PAGE]
        lines = [batch_told(each, await self.office.vouchers_of(each), now) for each in shown]
        return VoucherBatches(tuple(lines), len(found), asked.page, pages)

    async def batch(self, asked: OfBatch, _caller: Caller) -> VoucherBatch:
        """With codes."""
        return await self._batch(asked.batch)

    async def found(self, asked: OfCode, _caller: Caller) -> VoucherFound:
        """By its code."""
        with told("no_code", "no_voucher"):
            voucher, code = await self.office.by_code(asked.code)
        now = self.office.now().at
        of_batch = batch_told(voucher.batch, await self.office.vouchers_of(voucher.batch), now)
        return VoucherFound(of_batch, voucher_told(voucher, code, now))

    async def create(self, asked: NewVouchers, caller: Caller) -> Outcome:
        """Make them."""
        allowance = asked.allowance(self.office.now().at, self.office.zone)
        with told():
            number = await self.office.make(asked.count, asked.label, asked.profile, caller.name, allowance)
        made = await self._batch(number)
        after = {"count": asked.count, "profile": made.batch.profile, "label": made.batch.label}
        return Outcome(
            made,
            f"batch {number}",
            after=after,
            goto=f"/vouchers/{number}?made=1",
            values={"count": asked.count, "batch": number},
        )

    async def revoke(self, asked: OfVoucher, caller: Caller) -> Outcome:
        """Take one back."""
        with told("no_batch", "no_voucher_number"):
            batch, found = await self.office.batch(asked.batch)
            one = [(each, code) for each, code in found if each.number == asked.number]
            if not one:
                raise FaultError("no_voucher_number", "", batch=asked.batch, number=asked.number)
        revoked = await self.office.revoke(one, caller.name)
        return await self._revoked(revoked, f"batch {batch.id} voucher {asked.number}")

    async def revoke_all(self, asked: OfBatch, caller: Caller) -> Outcome:
        """Take a batch back."""
        with told("no_batch"):
            batch, found = await self.office.batch(asked.batch)
        return await self._revoked(await self.office.revoke(found, caller.name), f"batch {batch.id}")

    async def slips(self, asked: Printing, _caller: Caller) -> File:
        """The page to print: those of a batch that still let somebody in."""
        with told("no_batch", "nothing_to_print"):
            found = await self.office.to_print(asked.batch)
        thermal, language = asked.layout == "thermal", asked.language or self.paper.language
        per_sheet = self.paper.per_sheet if thermal else int(asked.layout)
        if len(found) <= _AT_ONCE:
            paper = replace(self.paper, language=language, per_sheet=per_sheet, thermal=thermal)
            body = (await asyncio.to_thread(slips_page, paper, found)).encode()
        else:
            words = ["voucher", "sheet", str(asked.batch), "-", "--lang", language, "--per-page", str(per_sheet)]
            body = await self.commands.run(*words, *(["--thermal"] if thermal else []))
        return File(f"slips-{asked.batch}.html", _HTML, body, is_shown=True)

    async def list_page(self, told_here: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The page of all batches; with ?code= the voucher that was looked up."""
        typed = told_here.get("code", "").strip()
        found, refused = None, None
        try:
            found = await self.found(OfCode.model_validate({"code": typed[:200]}), caller) if typed else None
        except RefusedError as error:
            refused = error
        asked = OfPage.model_validate({"page": told_here.get("page", "1")})
        return {
            **self._choices(caller),
            "told": await self.batches(asked, caller),
            "found": found,
            "typed": typed,
            "refused": refused,
        }

    async def batch_page(self, told_here: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The page of one batch."""
        asked = OfBatch.model_validate({"batch": told_here.get("batch", "")})
        page = OfPage.model_validate({"page": told_here.get("page", "1")}).page
        found = await self._batch(asked.batch)
        rows: Sequence[VoucherTold] = found.vouchers[(page - 1) * _ROWS : page * _ROWS]
        return {
            **self._choices(caller),
            "batch": found.batch,
            "printable": found.printable,
            "only": found.vouchers[0] if len(found.vouchers) == 1 else None,
            "rows": rows,
            "page": page,
            "pages": max(1, -(-len(found.vouchers) // _ROWS)),
            "made": "made" in told_here,
        }

    def _choices(self, caller: Caller) -> dict[str, object]:
        office = self.office
        profiles = profile_choices(office.profiles, office.profile, caller.language)
        return {"profile_choices": profiles, "own_profile": office.profile, "offered": self.is_offered}

    async def _batch(self, number: int) -> VoucherBatch:
        with told("no_batch"):
            batch, found = await self.office.batch(number)
        now = self.office.now().at
        vouchers = tuple(voucher_told(each, code, now) for each, code in found)
        of_batch = batch_told(batch, [each for each, _ in found], now)
        return VoucherBatch(of_batch, vouchers, sum(may_let_in(each, now) for each, _ in found))

    async def _revoked(self, revoked: int, subject: str) -> Outcome:
        ended = await end_over(self.gate, self.office.store)
        after = {"revoked": revoked, "sessions_ended": ended}
        return Outcome(
            VouchersRevoked(revoked, ended), subject, after=after, values={"revoked": revoked, "ended": ended}
        )


def vouchers(desk: VoucherDesk) -> Area:
    """The area."""
    right = Right.VOUCHERS
    return Area(
        views=[
            view(
                "voucher.list",
                "/vouchers",
                right,
                OfPage,
                VoucherBatches,
                desk.batches,
                "The batches, the newest first.",
            ),
            view("voucher.batch", "/vouchers/{batch}", right, OfBatch, VoucherBatch, desk.batch, "A batch with codes."),
            view(
                "voucher.find",
                "/voucher-codes/{code}",
                right,
                OfCode,
                VoucherFound,
                desk.found,
                "The voucher of a code.",
            ),
        ],
        acts=_acts(desk),
        pages=[
            Page("/vouchers", right, "vouchers.html", desk.list_page, nav="vouchers"),
            Page("/vouchers/{batch}", right, "voucher_batch.html", desk.batch_page, nav="vouchers"),
        ],
        downloads=[
            download(
                "voucher.slips",
                "/vouchers/{batch}/slips",
                right,
                Printing,
                desk.slips,
                "A page to print: the slips of a batch that still let somebody in.",
                (_HTML,),
            )
        ],
    )


def _acts(desk: VoucherDesk) -> list[Act]:
    right = Right.VOUCHERS
    return [
        act("voucher.create", "POST", "/vouchers", right, NewVouchers, VoucherBatch, desk.create, "Make a batch."),
        act(
            "voucher.revoke",
            "DELETE",
            "/vouchers/{batch}/{number}",
            right,
            OfVoucher,
            VouchersRevoked,
            desk.revoke,
            "Take a voucher back; who is on by it is cut off.",
        ),
        act(
            "voucher.revoke_all",
            "DELETE",
            "/vouchers/{batch}",
            right,
            OfBatch,
            VouchersRevoked,
            desk.revoke_all,
            "Take a whole batch back; who is on by it is cut off.",
            is_dangerous=True,
        ),
    ]
