"""A reception for tests: the methods, caps and staff a test wants, over whatever gate it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.access.session import Limits
from gateway.flows.gate import Gate
from gateway.flows.hours import Hours
from gateway.flows.sign_in import AcceptedTerms, House, Reception
from gateway.flows.tries import Tries
from gateway.ports import NewSession, Terms, Verifier
from gateway.ports_hours import StoredChange
from gateway.service.calendar import Calendar, Change

ZONE = timezone(timedelta(hours=7))
TERMS = Terms("0123456789ab", "vi", "Nội quy")
CAPS = Caps(session_s=7200, idle_s=900)


def reception(
    gate: Gate,
    caps: Mapping[str, Caps] | None = None,
    verifiers: Mapping[Method, Verifier] | None = None,
    *,
    staff: frozenset[Mac] = frozenset(),
    ends_oldest: bool = True,
    hours: Hours | None = None,
) -> Reception:
    """The profile adult for whoever accepts the terms, unless the test says more."""
    house = House("adult", caps or {"adult": CAPS}, staff, ends_oldest, ZONE)
    methods = verifiers or {Method.TERMS: AcceptedTerms()}
    return Reception(
        gate, house, methods, lambda who: f"person of {who}", Tries(gate.clock), hours or always_open(gate)
    )


def always_open(gate: Gate) -> Hours:
    """No hours are enforced."""
    return Hours(gate.clock, Calendar(ZONE, {}), FakeCalendar(), enforced=False, warn_s=600)


@dataclass(slots=True)
class FakeCalendar:
    """A CalendarStore in memory."""

    stored: list[StoredChange] = field(default_factory=list)

    async def changes(self, since: datetime) -> Sequence[StoredChange]:
        return [each for each in self.stored if each.change.end > since]

    async def decide(self, change: Change, author: str) -> int:
        self.stored.append(StoredChange(len(self.stored) + 1, change, author))
        return len(self.stored)

    async def decide_all(self, changes: Sequence[Change], author: str) -> Sequence[int]:
        return [await self.decide(change, author) for change in changes]

    async def take_back(self, number: int, by: str, at: datetime) -> bool:
        before = len(self.stored)
        self.stored = [each for each in self.stored if each.id != number]
        return len(self.stored) < before


def new_session(mac: Mac, profile: str = "adult", *, counted: bool = True) -> NewSession:
    """What a login by terms alone wants stored."""
    return NewSession(mac, AccessKind.WIFI, Method.TERMS, profile, Limits(7200, 900), TERMS, counted)
