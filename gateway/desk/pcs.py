"""Public PCs: the board, one PC with its tickets and photos, the inventory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from gateway.clock import local_day
from gateway.desk.pcs_asked import (
    AddPhoto,
    AskedMonth,
    AskedPc,
    AskedPhoto,
    Entry,
    Fault,
    Repaired,
    Reported,
    Retire,
)
from gateway.desk.pcs_told import (
    OnePc,
    PcBoard,
    PcFigure,
    PcFigures,
    PcOnBoard,
    asset,
    state_now,
    ticket,
)
from gateway.desk.reckoned import Reckoned, Reckoning, rows
from gateway.desk.table import Caller, File, Nothing, Outcome, RefusedError
from gateway.desk.upkeep import UpkeepDesk, told_check
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import FieldError, HandEntries, NoFactError
from gateway.flows.pc_photos import PcPhotos
from gateway.flows.pcs import Listed, NoFaultError, OpenFaultError, PcBook, SameFaultError
from gateway.ports_facts import Telling
from gateway.ports_pcs import KeptPhoto
from gateway.reports.tables import PcRow
from gateway.service.upkeep import UpkeepState
from gateway.service.workstation import PcState

_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PcDesk:
    """The verbs and views of PCs."""

    book: PcBook
    photos: PcPhotos
    upkeep: UpkeepDesk
    entries: HandEntries
    reckoned: Reckoned[list[PcRow]]

    # what is seen

    async def board(self, asked: Nothing, caller: Caller) -> PcBoard:
        """Each PC as it stands now; suspicion as it was counted last."""
        kept = self.reckoned.kept(*self._words(None))
        figures = {row.pc: row for row in kept.figures} if kept else {}
        listed = await self.book.listed(self.book.site)
        today = self.today(caller)
        care = {one.pc.key: one.state for one in await self.upkeep.looked([one.pc for one in listed], today)}
        pcs = [_on_board(one, figures.get(one.pc.key), care[one.pc.key], today, caller.at) for one in listed]
        serving = tuple(one for one in pcs if one.state is not PcState.RETIRED)
        return PcBoard(
            serving,
            tuple(one for one in pcs if one.state is PcState.RETIRED),
            sum(one.state is PcState.OK for one in serving),
            len(serving),
            sum(one.upkeep is UpkeepState.OVERDUE for one in serving),
        )

    async def one(self, asked: AskedPc, caller: Caller) -> OnePc:
        """A PC with all that is known of it."""
        listed, today, zone = await self._known(asked.code), self.today(caller), self.entries.zone
        photos = list(await self.photos.of(asked.code))
        faults = [one for one in await self.book.faults(self.book.site) if one.text("pc") == asked.code]
        told = [ticket(one, photos, zone, caller.at) for one in faults]
        closed = sorted((one for one in told if one.end), key=lambda one: one.begin, reverse=True)
        checks, items = await self.upkeep.of(asked.code, today - _YEAR), await self.upkeep.upkeep.all_items()
        (care,) = await self.upkeep.looked([listed.pc], today)
        kept = self.reckoned.kept(*self._words(None))
        row = next((one for one in kept.figures if one.pc == asked.code), None) if kept else None
        return OnePc(
            asset(listed.pc, today),
            state_now(listed.pc, listed.fault, row, today, caller.at),
            next((one for one in told if one.end is None), None),
            tuple(closed),
            sum(one.cost_vnd or 0 for one in closed),
            care.state,
            tuple(told_check(one, items, zone) for one in checks),
        )

    async def figures(self, asked: AskedMonth, caller: Caller) -> PcFigures:
        """A month as it counts now, which takes a moment."""
        month = date.fromisoformat(f"{asked.month}-01")
        is_present = month == self.today(caller).replace(day=1)
        return told_figures(month, await self.reckoned.fresh(*self._words(None if is_present else asked.month)))

    async def photo(self, asked: AskedPhoto, caller: Caller) -> File:
        """The picture."""
        found = await self.photos.read(asked.id)
        if found is None:
            raise RefusedError("pcs.no_photo", missing=True)
        one, body = found
        suffix = one.photo.name.rpartition(".")[2]
        return File(f"pc-photo-{one.id}.{suffix}", one.photo.media_type, body, is_shown=True)

    # what is done

    async def fault(self, asked: Fault, caller: Caller) -> Outcome:
        """Open a ticket, with a photo if there is one."""
        begin = self._moment(asked.since, caller)
        kept = await self._taken(asked.photo.path) if asked.photo else None
        try:
            fact = await self.book.fault(
                self.book.site, asked.code, asked.what, begin.isoformat(), self._telling(caller)
            )
        except (NoFactError, OpenFaultError, SameFaultError, FieldError) as error:
            if kept:
                await self.photos.drop(kept)
            raise _refused(error, asked.code) from error
        if kept:
            await self.photos.attach(asked.code, fact.instant_of("begin"), kept, caller.name, caller.at)
        return await self._ticket(fact, caller, {"what": asked.what, "begin": fact.text("begin")})

    async def report(self, asked: Reported, caller: Caller) -> Outcome:
        """Note who was asked to repair it."""
        at = self._moment(asked.at, caller)
        try:
            fact = await self.book.report(self.book.site, asked.code, asked.to, at.isoformat(), self._telling(caller))
        except (NoFaultError, FieldError) as error:
            raise _refused(error, asked.code) from error
        return await self._ticket(fact, caller, {"reported_to": asked.to, "reported_at": fact.text("reported_at")})

    async def repair(self, asked: Repaired, caller: Caller) -> Outcome:
        """Close the ticket."""
        at = self._moment(asked.at, caller)
        try:
            fact = await self.book.repair(
                self.book.site, asked.code, asked.done, at.isoformat(), asked.cost_vnd, self._telling(caller)
            )
        except (NoFaultError, FieldError) as error:
            raise _refused(error, asked.code) from error
        return await self._ticket(
            fact, caller, {"end": fact.text("end"), "done": asked.done, "cost_vnd": asked.cost_vnd}
        )

    async def add_photo(self, asked: AddPhoto, caller: Caller) -> Outcome:
        """Add a photo to the open ticket."""
        listed = await self._known(asked.code)
        if listed.fault is None:
            raise RefusedError("pcs.no_fault", code=asked.code)
        kept = await self._taken(asked.photo.path)
        begin = listed.fault.instant_of("begin")
        if why := await self.photos.attach(asked.code, begin, kept, caller.name, caller.at):
            raise RefusedError(f"pcs.photo_{why}")
        return await self._ticket(listed.fault, caller, {"photo": kept.sha256})

    async def remove_photo(self, asked: AskedPhoto, caller: Caller) -> Outcome:
        """Take a photo away for good."""
        found = await self.photos.log.one(self.photos.site, asked.id)
        if found is None or not await self.photos.remove(asked.id):
            raise RefusedError("pcs.no_photo", missing=True)
        return Outcome(asked, found.pc, {"photo": found.photo.sha256}, {}, _page(found.pc), {"code": found.pc})

    async def enter(self, asked: Entry, caller: Caller) -> Outcome:
        """Enter a PC, or put right what stands of it."""
        known = {one.pc.key: one.pc for one in await self.book.listed(self.book.site)}.get(asked.code)
        told = {name: value if value is not None else "" for name, value in asked.model_dump(mode="json").items()}
        try:
            fact = await self.book.enter(self.book.site, asked.code, told, self._telling(caller))
        except FieldError as error:
            raise _refused(error, asked.code) from error
        self.reckoned.forget()
        before, after = _changed(known.values if known else {}, fact.values)
        return Outcome(
            asset(fact, self.today(caller)), asked.code, before, after, _page(asked.code), {"code": asked.code}
        )

    async def retire(self, asked: Retire, caller: Caller) -> Outcome:
        """Take a PC out of service."""
        known = await self._known(asked.code)
        fact = await self.book.retire(
            self.book.site, asked.code, asked.day or self.today(caller), self._telling(caller)
        )
        self.reckoned.forget()
        before, after = _changed(known.pc.values, fact.values)
        return Outcome(
            asset(fact, self.today(caller)), asked.code, before, after, _page(asked.code), {"code": asked.code}
        )

    def today(self, caller: Caller) -> date:
        """At the site."""
        return local_day(caller.at, self.entries.zone)

    def kept(self) -> Reckoning[list[PcRow]] | None:
        """The present month's figures, as far as they are kept."""
        return self.reckoned.kept(*self._words(None))

    async def counted(self) -> Reckoning[list[PcRow]]:
        """The present month's figures."""
        return await self.reckoned.wait(*self._words(None))

    def _words(self, month: str | None) -> tuple[str, ...]:
        return ("pc", "state", *(("--month", month) if month else ()), "--site", self.book.site, "--json")

    def _telling(self, caller: Caller) -> Telling:
        return Telling(caller.at, caller.name, "desk")

    def _moment(self, said: datetime | None, caller: Caller) -> datetime:
        at = said or caller.at.replace(microsecond=0)
        at = at if at.tzinfo else at.replace(tzinfo=self.entries.zone)
        if at > caller.at:
            raise RefusedError("pcs.future")
        return at

    async def _known(self, code: str) -> Listed:
        try:
            return await self.book.one(self.book.site, code)
        except NoFactError as error:
            raise _refused(error, code) from error

    async def _taken(self, path: Path) -> KeptPhoto:
        kept = await self.photos.take(path)
        if isinstance(kept, str):
            raise RefusedError(f"pcs.photo_{kept}")
        return kept

    async def _ticket(self, fact: Fact, caller: Caller, after: Mapping[str, object]) -> Outcome:
        self.reckoned.forget()
        code = fact.text("pc")
        photos = list(await self.photos.of(code))
        told = ticket(fact, photos, self.entries.zone, caller.at)
        return Outcome(told, code, {}, after, _page(code), {"code": code})


def pc_rows_of(printed: bytes) -> list[PcRow]:
    """The rows of `cong pc state --json`; ValueError or KeyError when it is something else."""
    return [
        PcRow(
            str(one["pc"]),
            PcState(str(one["state"])),
            date.fromisoformat(str(one["since"])) if one["since"] else None,
            int(str(one["days_out"])),
        )
        for one in rows(printed)
    ]


def told_figures(month: date, made: Reckoning[list[PcRow]]) -> PcFigures:
    """Of the rows that `cong pc state` prints."""
    rows = made.figures
    return PcFigures(
        month,
        made.at,
        tuple(PcFigure(row.pc, row.state, row.since, row.days_out) for row in rows),
        sum(row.state is PcState.OK for row in rows),
        sum(row.state is not PcState.RETIRED for row in rows),
        sum(row.days_out for row in rows),
    )


def _on_board(one: Listed, row: PcRow | None, care: UpkeepState, today: date, now: datetime) -> PcOnBoard:
    state = state_now(one.pc, one.fault, row, today, now)
    fault = one.fault if state is PcState.FAULT else None
    since = fault.instant_of("begin") if fault else None
    what = fault.text("what") if fault else ""
    return PcOnBoard(one.pc.key, one.pc.text("place"), state, since, what, bool(fault and fault.flag("reported")), care)


def _refused(error: Exception, code: str) -> RefusedError:
    match error:
        case NoFactError():
            return RefusedError("pcs.no_pc", missing=True, code=code)
        case OpenFaultError():
            return RefusedError("pcs.open_fault", code=code)
        case SameFaultError():
            return RefusedError("pcs.same_fault", code=code)
        case NoFaultError():
            return RefusedError("pcs.no_fault", code=code)
        case FieldError(field="end"):
            return RefusedError("pcs.before_begin", code=code)
    return RefusedError("pcs.entry", code=code)


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before[name] for name in names if name in before}, {
        name: after[name] for name in names if name in after
    }


def _page(code: str) -> str:
    return f"/pcs/{quote(code, safe='')}"
