"""What the journeys of notices and of the question "what for?" need of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.access.session import SessionId


class NoticeKind(StrEnum):
    """Something to know, or something that takes place."""

    NOTICE = "notice"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a notice says in one language."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as it was last written."""

    number: int
    """0: not stored yet."""
    kind: NoticeKind
    shown_from: datetime
    shown_until: datetime
    happens_at: datetime | None
    """Of an event alone."""
    place: str
    wordings: Mapping[str, Wording]
    """By language; never empty."""
    author: str
    written_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    def is_shown(self, now: datetime) -> bool:
        """Do patrons read it now?"""
        return self.ended_at is None and self.shown_from <= now < self.shown_until

    def wording(self, language: str, fallback: str) -> tuple[str, Wording]:
        """What it says in a language, else in the site's, else in the first there is; and in which."""
        tag = next((each for each in (language, fallback) if each in self.wordings), next(iter(self.wordings)))
        return tag, self.wordings[tag]

    def rewritten(self, **changed: object) -> "Notice":
        """The same notice with some values exchanged."""
        return replace(self, **changed)  # type: ignore[arg-type]  # names and types are the caller's


class NoticeStore(Protocol):
    """Notices and what became of them."""

    async def current(self, now: datetime) -> Sequence[Notice]:
        """Those that are not over or ended, in the order they are shown: events by when they happen, then by number."""

    async def history(self) -> Sequence[Notice]:
        """Everything that was ever written, the newest first: the audit trail."""

    async def latest(self, number: int) -> Notice | None:
        """A notice as it was last written."""

    async def write(self, notice: Notice) -> int:
        """Store a new notice, or a new wording of one that has a number; its number."""

    async def end(self, number: int, by: str, at: datetime) -> bool:
        """Show it no more; False when there is none that is still to be shown."""


class PurposeStore(Protocol):
    """Counts of answers."""

    async def may_answer(self, session: SessionId) -> bool:
        """Has this session neither answered nor passed the question over, nor the one it continues?"""

    async def answer(self, session: SessionId, purpose: str | None, day: date) -> bool:
        """Note that a session has answered, and count the purpose (None: passed over) for the day, in one transaction.

        False when it had already; sessions that are not counted as visits add nothing to the counts.
        """

    async def counts(self, first: date, last: date) -> Mapping[date, Mapping[str, int]]:
        """How often each purpose was named, by day, both ends with it."""
