"""What the library tells and asks its patrons: notices as they hold now, and the question "what for?"."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone

from gateway.access.login import Method
from gateway.access.session import Session
from gateway.clock import Clock, local_day
from gateway.ports_board import Notice, NoticeStore, PurposeStore

MOST_SHOWN = 12


class Board:
    """Notices are read anew by a job and shown from memory: the first page waits for no disk."""

    def __init__(
        self,
        clock: Clock,
        zone: timezone,
        notices: NoticeStore,
        purposes: PurposeStore,
        choices: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`choices`: the purposes that may be named, each with its text by language; none: nobody is asked."""
        self._clock = clock
        self.zone = zone
        self._notices = notices
        self._purposes = purposes
        self.choices = choices or {}
        self._current: Sequence[Notice] = ()

    async def refresh(self) -> None:
        """Read the notices anew."""
        self._current = await self._notices.current(self._clock.now())

    def shown(self) -> Sequence[Notice]:
        """What patrons read now."""
        now = self._clock.now()
        return [notice for notice in self._current if notice.is_shown(now)][:MOST_SHOWN]

    async def asks(self, session: Session) -> bool:
        """Is the patron of this session to be asked? Once, and never the library's own equipment."""
        return bool(self.choices) and session.method != Method.EXEMPT and await self._purposes.may_answer(session.id)

    async def answered(self, session: Session, purpose: str) -> None:
        """Count an answer; anything that is no choice passes the question over. A second answer changes nothing."""
        day = local_day(self._clock.now(), self.zone)
        await self._purposes.answer(session.id, purpose if purpose in self.choices else None, day)


LONGEST_TITLE, LONGEST_TEXT, LONGEST_PLACE = 100, 600, 100
_LONGEST_SHOWN = timedelta(days=366)


def notice_fault(notice: Notice) -> str:
    """Why a notice may not be shown; "" when it may. Whoever writes one, at the desk or by command, is held to this."""
    texts = [("place", notice.place, LONGEST_PLACE, "")]
    for tag, said in notice.wordings.items():
        texts += [(f"title ({tag})", said.title, LONGEST_TITLE, ""), (f"text ({tag})", said.text, LONGEST_TEXT, "\n")]
    for name, said_here, longest, allowed in texts:
        if len(said_here) > longest:
            return f"{name} has {len(said_here)} letters: at most {longest}"
        if any(unicodedata.category(letter)[0] == "C" and letter not in allowed for letter in said_here):
            return f"{name} has a letter nobody can see: write plain text"
    if not notice.wordings or not all(said.title.strip() for said in notice.wordings.values()):
        return "a notice has a title in each of its languages"
    if notice.shown_until <= notice.shown_from:
        return "it would end before it begins to be shown"
    if notice.shown_until - notice.written_at > _LONGEST_SHOWN:
        return "a notice is shown for a year at most"
    return ""
