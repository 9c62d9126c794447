"""A patron asks the staff to be let in: a request with a code to say at the desk, and the desk's answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from gateway.access.client import Mac

ApprovalId = NewType("ApprovalId", int)
CODE_DIGITS = 4
TERM = timedelta(minutes=15)
"""How long a request waits for its answer, and a yes for the device."""


class Answer(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Approval:
    """One request."""

    id: ApprovalId
    code: str
    mac: Mac | None
    """None once the device is forgotten (7 days)."""
    asked_at: datetime
    answer: Answer = Answer.OPEN
    answered_at: datetime | None = None
    answered_by: str | None = None
    session_s: int | None = None
    """How long the desk allows; None: as the profile has it."""
    profile: str | None = None
    used: bool = False
    """A session came of it: one answer opens one."""

    def holds(self, now: datetime) -> bool:
        """Is it young enough to be answered, or to be used? A clock set back makes none that holds for days."""
        since = self.answered_at or self.asked_at
        return -TERM < now - since < TERM
