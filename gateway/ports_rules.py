"""What rules and requests to unblock need of the edges, in the domain's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LocalRule:
    """A decision of the library's own about a name and all below it."""

    name: str
    action: str
    """block, allow, or none: what was said before of this name in this scope is taken back."""
    author: str
    reason: str
    set_at: datetime
    profile: str | None = None
    """None: every profile."""
    until_at: datetime | None = None
    """It ends by itself then; None: it stands until it is taken back."""


@dataclass(frozen=True, slots=True)
class UnblockRequest:
    """A wish from the page of refused names: no client, no person."""

    code: str
    name: str
    profile: str
    category: str
    count: int
    """How often it was asked; the same name in the same profile is one request while it is open."""
    asked_at: datetime
    last_asked_at: datetime
    state: str
    """open, granted, refused."""
    answered_by: str | None = None


class RuleStore(Protocol):
    """Local rules and who set them."""

    async def set_rules(self, rules: Sequence[LocalRule]) -> None:
        """Append to the audit trail, all or none."""

    async def standing_rules(self, now: datetime) -> Sequence[LocalRule]:
        """The rules in force: of each name and scope the newest without an end, and over it the newest later one whose
        end is to come."""

    async def history(self, limit: int) -> Sequence[LocalRule]:
        """The audit trail, newest first."""


class Overlay(Protocol):
    """The file of local rules the DNS workers read."""

    def publish(self, rules: Sequence[LocalRule]) -> None:
        """Replace the file whole."""


class RuleTextStore(Protocol):
    """The library's own lists as they were typed."""

    async def text(self, action: str, profile: str) -> str:
        """As it was put last; "" when it never was. Profile "" is every one."""

    async def put(self, action: str, profile: str, text: str) -> None:
        """Keep it."""


class RequestStore(Protocol):
    """Requests to unblock."""

    async def ask(self, name: str, profile: str, category: str, code: str, at: datetime) -> str | None:
        """Store a request under `code`, or count it to the open one of the same name and profile; the code it has.

        None when the desk has too many open ones, or the code is taken by another.
        """

    async def requests(self, *, all_states: bool = False) -> Sequence[UnblockRequest]:
        """Open ones (or all), the newest first."""

    async def request(self, code: str) -> UnblockRequest | None:
        """One of them."""

    async def answer(self, code: str, state: str, by: str, at: datetime) -> bool:
        """Set an open one to granted or refused; False when it is not open."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a profile's workers refuse a name now."""

    category: str
    """ "own": by a rule of the library's; "" when the answer itself is what is refused (an address inside)."""
    at_this_hour: bool = False


class Reasons(Protocol):
    """The profile's own DNS workers, asked for their reason."""

    async def refused(self, name: str, profile: str) -> Refused | None:
        """Why the name is refused now; None when it is not."""
