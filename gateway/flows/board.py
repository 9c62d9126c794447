"""What the library tells and asks its patrons: notices as they hold now, and the question "what for?"."""

from collections.abc import Mapping, Sequence
from datetime import timezone

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
