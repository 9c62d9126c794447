"""What the opening hours need of the store: decided changes with their audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.service.calendar import Change


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A decided change as it stands in the store."""

    id: int
    change: Change
    author: str


class CalendarStore(Protocol):
    """Decided changes of the opening hours."""

    async def changes(self, since: datetime) -> Sequence[StoredChange]:
        """Those that stand and end after `since`, by their beginning."""

    async def decide(self, change: Change, author: str) -> int:
        """Store a change; its number. One that stands alike (kind, begin, end) stays, and keeps its number."""

    async def decide_all(self, changes: Sequence[Change], author: str) -> Sequence[int]:
        """The same of several, all or none."""

    async def take_back(self, number: int, by: str, at: datetime) -> bool:
        """Let a change stand no more; False: there is none, or it was taken back before."""
