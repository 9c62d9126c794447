"""What staff do with notices, at the desk and by command: write, rewrite, end; each wording stays in the trail."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from gateway.clock import Clock
from gateway.errors import FaultError
from gateway.ports_board import Notice, NoticeKind, NoticeStore

LONGEST_TITLE, LONGEST_TEXT, LONGEST_PLACE = 100, 600, 100
_LONGEST_SHOWN = timedelta(days=366)
_STANDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NoticeOffice:
    """Notices by their number."""

    store: NoticeStore
    clock: Clock
    zone: timezone

    async def current(self) -> Sequence[Notice]:
        """What patrons read now, and what they will."""
        return await self.store.current(self.clock.now())

    async def history(self) -> Sequence[Notice]:
        """Everything that was ever written, the newest first: the audit trail."""
        return await self.store.history()

    def blank(self, author: str) -> Notice:
        """A notice to be written: shown from now on, with the usual end."""
        now = self.clock.now()
        return Notice(0, NoticeKind.NOTICE, now, now, None, "", {}, author, now)

    async def standing(self, number: int) -> Notice:
        """One that is shown or will be; FaultError when there is none, or it is over."""
        found, now = await self.store.latest(number), self.clock.now()
        if found is None or found.ended_at or found.shown_until <= now:
            message = f"there is no notice {number} to be shown: cong notice list"
            raise FaultError("no_notice", message, number=number)
        return found

    async def add(self, written: Notice, ends: datetime | None) -> Notice:
        """Tell patrons; None: until an event's day is over, else for 30 days. FaultError when it can't be shown."""
        written = written.rewritten(shown_until=ends or self._usual_end(written))
        check_notice(written)
        return written.rewritten(number=await self.store.write(written))

    async def edit(self, number: int, rewrite: Callable[[Notice], Notice], author: str) -> Notice:
        """A new wording of one that is still shown; the one before stays in the trail."""
        before = await self.standing(number)
        written = rewrite(before.rewritten(author=author, written_at=self.clock.now()))
        check_notice(written)
        await self.store.write(written)
        return written

    async def end(self, number: int, author: str) -> None:
        """Show it no more; FaultError when there is none."""
        if not await self.store.end(number, author, self.clock.now()):
            message = f"there is no notice {number} to be shown: cong notice list"
            raise FaultError("no_notice", message, number=number)

    def _usual_end(self, written: Notice) -> datetime:
        if written.happens_at is None:
            return written.shown_from + _STANDS
        local = written.happens_at.astimezone(self.zone) + timedelta(days=1)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)


def check_notice(notice: Notice) -> None:
    """FaultError when a notice may not be shown."""
    texts = [("place", notice.place, LONGEST_PLACE, "")]
    for tag, said in notice.wordings.items():
        texts += [(f"title ({tag})", said.title, LONGEST_TITLE, ""), (f"text ({tag})", said.text, LONGEST_TEXT, "\n")]
    for name, said_here, longest, allowed in texts:
        if len(said_here) > longest:
            message = f"{name} has {len(said_here)} letters: at most {longest}"
            raise FaultError("notice_long", message, letters=len(said_here), most=longest)
        if any(unicodedata.category(letter)[0] == "C" and letter not in allowed for letter in said_here):
            raise FaultError("notice_letters", f"{name} has a letter nobody can see: write plain text")
    if not notice.wordings or not all(said.title.strip() for said in notice.wordings.values()):
        raise FaultError("notice_title", "a notice has a title in each of its languages")
    if notice.shown_until <= notice.shown_from:
        raise FaultError("notice_order", "it would end before it begins to be shown")
    if notice.shown_until - notice.written_at > _LONGEST_SHOWN:
        raise FaultError("notice_year", "a notice is shown for a year at most")
