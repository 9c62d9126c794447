"""Notices at the desk with what patrons will see of them, and what patrons say they came for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

from pydantic import ValidationError

from gateway.clock import local_day
from gateway.desk.board_told import (
    NoticeEdit,
    NoticesTold,
    NoticeTold,
    NoticeWords,
    OfDays,
    OfNotice,
    PurposeDay,
    PurposesTold,
    PurposeSum,
    aware,
    notice_told,
)
from gateway.desk.faults import told
from gateway.desk.table import Area, Caller, Nothing, Outcome, Page, act, view
from gateway.errors import FaultError
from gateway.flows.board import Board
from gateway.flows.notices import NoticeOffice, check_notice
from gateway.flows.purposes import Purposes, purposes
from gateway.notices_shown import notice_shown
from gateway.pages import LANGUAGES, text
from gateway.papers.paper import Chart, Series
from gateway.ports_board import Notice, NoticeKind, PurposeStore
from gateway.staff.roles import Right

_HISTORY = 100
_CHART_DAYS = 31


@dataclass(frozen=True, slots=True)
class BoardDesk:
    """What the rows of the table do."""

    office: NoticeOffice
    board: Board
    """What patrons are shown from: read anew after each change, so that it is there at once."""
    language: str
    """The site's."""
    purposes: PurposeStore
    choices: Mapping[str, Mapping[str, str]]
    """Texts of the purposes by language."""
    is_asked: bool

    @property
    def zone(self) -> timezone:
        """The site's."""
        return self.office.zone

    async def notices(self, _asked: Nothing, _caller: Caller) -> NoticesTold:
        """What patrons read now, and what they will."""
        now = self.office.clock.now()
        return NoticesTold(tuple(notice_told(each, now) for each in await self.office.current()))

    async def notice(self, asked: OfNotice, _caller: Caller) -> NoticeTold:
        """One that is shown or will be."""
        return notice_told(await self._standing(asked.number), self.office.clock.now())

    async def history(self, _asked: Nothing, _caller: Caller) -> NoticesTold:
        """Each wording, the newest first."""
        now = self.office.clock.now()
        return NoticesTold(tuple(notice_told(each, now) for each in (await self.office.history())[:_HISTORY]))

    async def add(self, asked: NoticeWords, caller: Caller) -> Outcome:
        """Tell patrons."""
        blank = self.office.blank(caller.name)
        with told():
            made = await self.office.add(self._written(blank, asked), aware(asked.shown_until, self.zone))
        return await self._done(made, {})

    async def edit(self, asked: NoticeEdit, caller: Caller) -> Outcome:
        """A new wording."""
        before = await self._standing(asked.number)
        with told("no_notice"):
            made = await self.office.edit(asked.number, lambda old: self._rewritten(old, asked), caller.name)
        return await self._done(made, _titles(before))

    async def end(self, asked: OfNotice, caller: Caller) -> Outcome:
        """Show it no more."""
        before = await self._standing(asked.number)
        with told("no_notice"):
            await self.office.end(asked.number, caller.name)
        await self.board.refresh()
        ended = await self.office.store.latest(asked.number) or before
        now = self.office.clock.now()
        return Outcome(notice_told(ended, now), f"notice {asked.number}", before=_titles(before), goto="/board")

    async def counts(self, asked: OfDays, caller: Caller) -> PurposesTold:
        """What patrons came for."""
        found = await self._counted(asked)
        sums = tuple(self._sum(key, count, caller) for key, count in found.sums.most_common())
        days = tuple(
            PurposeDay(day, tuple(self._sum(key, count, caller) for key, count in counts.items()))
            for day, counts in found.days.items()
        )
        return PurposesTold(found.first, found.last, self.is_asked, found.sums.total(), sums, days)

    async def board_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What patrons read, a form, and what they came for."""
        asked = OfDays.model_validate({key: query[key] for key in OfDays.model_fields if key in query})
        current = await self.office.current()
        now = self.office.clock.now()
        counted = await self._counted(asked)
        total = counted.sums.total()
        return {
            "notices": [
                {"told": notice_told(each, now), "seen": self._seen(each, caller.language)} for each in current
            ],
            "purposes": await self.counts(asked, caller),
            "shares": {key: Fraction(count, total) for key, count in counted.sums.items()},
            "chart": self._chart(counted, caller),
            "local": {},
        }

    async def notice_page(self, query: Mapping[str, str], _caller: Caller) -> Mapping[str, object]:
        """One notice: as patrons see it in each language, and the form."""
        found = await self._standing(OfNotice.model_validate({"number": query.get("number", "")}).number)
        seen = {tag: self._seen(found, tag) for tag in LANGUAGES}
        moments = {"shown_from": found.shown_from, "shown_until": found.shown_until, "happens_at": found.happens_at}
        local = {name: self._local(at) for name, at in moments.items() if at is not None}
        return {"notice": notice_told(found, self.office.clock.now()), "seen": seen, "local": local}

    async def history_page(self, _query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The trail of wordings."""
        return {"notices": (await self.history(Nothing(), caller)).notices}

    async def preview(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What is being typed, as patrons would see it; nothing while it can't be shown."""
        typed = {key: query[key] for key in NoticeWords.model_fields if key in query}
        try:
            asked = NoticeWords.model_validate(typed)
            written = self._written(self.office.blank(caller.name), asked)
            check_notice(written.rewritten(shown_until=written.shown_from + timedelta(days=1)))
        except (ValidationError, FaultError):
            return {"seen": {}}
        return {"seen": {tag: self._seen(written, tag) for tag in LANGUAGES}}

    async def _standing(self, number: int) -> Notice:
        with told("no_notice"):
            return await self.office.standing(number)

    def _written(self, blank: Notice, asked: NoticeWords) -> Notice:
        happens_at = aware(asked.happens_at, self.zone)
        if asked.place and happens_at is None:
            raise FaultError("notice_place", "a place is of an event: give its time too")
        return blank.rewritten(
            kind=NoticeKind.NOTICE if happens_at is None else NoticeKind.EVENT,
            shown_from=aware(asked.shown_from, self.zone) or blank.shown_from,
            happens_at=happens_at,
            place=asked.place,
            wordings=asked.wordings(),
        )

    def _rewritten(self, old: Notice, asked: NoticeWords) -> Notice:
        ends = aware(asked.shown_until, self.zone) or old.shown_until
        return self._written(old, asked).rewritten(shown_until=ends)

    async def _done(self, made: Notice, before: Mapping[str, object]) -> Outcome:
        await self.board.refresh()
        now = self.office.clock.now()
        return Outcome(
            notice_told(made, now),
            f"notice {made.number}",
            before=before,
            after=_titles(made),
            goto=f"/board/{made.number}",
            values={"number": made.number},
        )

    def _local(self, at: datetime) -> str:
        """For a form's datetime-local."""
        return f"{at.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    def _seen(self, notice: Notice, language: str) -> Mapping[str, str]:
        return notice_shown(notice, language, self.language, self.zone)

    async def _counted(self, asked: OfDays) -> Purposes:
        with told():
            return await purposes(self.purposes, self._today(), asked.first, asked.last)

    def _sum(self, key: str, count: int, caller: Caller) -> PurposeSum:
        return PurposeSum(key, self._text(key, caller), count)

    def _text(self, key: str, caller: Caller) -> str:
        said = self.choices.get(key, {})
        return said.get(caller.language) or said.get(self.language) or said.get("vi", "")

    def _today(self) -> date:
        return local_day(self.office.clock.now(), self.zone)

    def _chart(self, found: Purposes, caller: Caller) -> Chart | None:
        """By day, the last month of what was asked for; None when nobody answered."""
        first = max(found.first, found.last - timedelta(days=_CHART_DAYS - 1))
        days = [first + timedelta(days=n) for n in range((found.last - first).days + 1)]
        keys = [key for key, _ in found.sums.most_common() if any(found.days.get(day, {}).get(key) for day in days)]
        if not keys:
            return None
        series = tuple(
            Series(self._text(key, caller) or key, tuple(found.days.get(day, {}).get(key, 0) for day in days))
            for key in keys
        )
        title = text(caller.language, "desk.board.chart")
        return Chart("purposes", title, "stacked", tuple(f"{day:%d/%m}" for day in days), series)


def _titles(notice: Notice) -> Mapping[str, object]:
    said = {f"title_{tag}": words.title for tag, words in notice.wordings.items()}
    return {**said, "shown_until": notice.shown_until.isoformat(timespec="minutes")}


def board(desk: BoardDesk) -> Area:
    """The area."""
    see, right = Right.SEE, Right.BOARD
    ended = "Show a notice no more."
    return Area(
        views=[
            view("notice.list", "/notices", see, Nothing, NoticesTold, desk.notices, "Notices, now and to come."),
            view("notice.show", "/notices/{number}", see, OfNotice, NoticeTold, desk.notice, "One notice."),
            view("notice.history", "/notice-history", see, Nothing, NoticesTold, desk.history, "All wordings."),
            view("purpose.counts", "/purposes", see, OfDays, PurposesTold, desk.counts, "What patrons came for."),
        ],
        acts=[
            act("notice.add", "POST", "/notices", right, NoticeWords, NoticeTold, desk.add, "Tell patrons something."),
            act("notice.edit", "PUT", "/notices/{number}", right, NoticeEdit, NoticeTold, desk.edit, "Rewrite it."),
            act("notice.end", "DELETE", "/notices/{number}", right, OfNotice, NoticeTold, desk.end, ended),
        ],
        pages=[
            Page("/board", see, "board.html", desk.board_page, nav="board"),
            Page("/board/history", see, "notice_history.html", desk.history_page, nav="board"),
            Page("/board/preview", right, "notice_preview.html", desk.preview, nav="board"),
            Page("/board/{number}", right, "notice.html", desk.notice_page, nav="board"),
        ],
    )
