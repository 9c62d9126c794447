"""What the night needs of the store, in the domain's words. No SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Protocol

from gateway.access.session import SessionId
from gateway.accounting.rollup import Hours, LedgerRow, Sums
from gateway.reports.quality import Start
from gateway.visits.visit import CountedSession


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is stored about a span of time [begin, end), read at one moment."""

    sessions: tuple[CountedSession, ...]
    """Those that started in the span or at most the visit rule's MARGIN before it."""
    live: frozenset[SessionId]
    """Which of them have no end yet; their `stop` is their last reading."""
    rebooted: frozenset[SessionId]
    """Which of them a reboot or power cut ended."""
    ledger: tuple[LedgerRow, ...]
    """Rows of counted sessions whose bytes belong to the span: begin < at <= end."""
    attempts: int
    refused: tuple[tuple[str, int], ...]
    """Refusals by category, most first."""
    starts: tuple[Start, ...]
    """Those whose life touches the span, the last before it and the first after it."""
    sessions_kept: bool
    """False when some of the sessions may have been deleted after their term."""
    attempts_kept: bool


@dataclass(frozen=True, slots=True)
class StoredDay:
    """The figures of a day as they were closed."""

    day: date
    sums: Sums
    attempts: int
    refusals: int
    hours: Hours


@dataclass(frozen=True, slots=True)
class Terms:
    """What is deleted: whatever ended, or was last seen, before these instants (counting, retention)."""

    macs_before: datetime
    attempts_before: datetime
    sessions_before: datetime
    requests_before: datetime
    now: datetime
    morning: datetime
    """Midnight at the site: figures that are nobody's go by years before it."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much went."""

    macs: int = 0
    attempts: int = 0
    sessions: int = 0


class FactStore(Protocol):
    """Evidence and figures."""

    async def evidence(self, begin: datetime, end: datetime) -> Evidence:
        """What is known of a span."""

    async def unclosed_days(self, zone: timezone, before: date, starts_since: date) -> Sequence[date]:
        """Days before `before` on which sessions, attempts, refusals or a running gateway left a trace and whose
        figures are not stored, in order. Starts alone make no day before `starts_since`."""

    async def stored_day(self, day: date, zone: timezone) -> StoredDay | None:
        """A day's closed figures with its hours."""

    async def visits_by_day(self, first: date, last: date) -> dict[date, int]:
        """Visits of the closed days from `first` to `last`, both included."""

    async def last_closed(self) -> date | None:
        """The latest day with closed figures."""

    async def store_day(self, figures: StoredDay, zone: timezone, at: datetime) -> None:
        """Store a day's and its hours' figures in place of those before; the day stays closed since its first time."""

    async def forget(self, terms: Terms) -> Forgotten:
        """Delete what is past its term, and remember up to where, for `Evidence.sessions_kept` and `attempts_kept`."""
