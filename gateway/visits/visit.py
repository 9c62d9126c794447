"""What counts as one visit (counting 2.4 B and 2.7, 1 to 3).

In:  CountedSession, the sessions of a span of time, in any order (from the store, by gateway.flows.nightly).
Out: Visit, runs of them, in order of their start.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from operator import attrgetter

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId

GAP = timedelta(minutes=30)
"""The longest pause within a visit, for persons who logged in and for own devices."""

KIOSK_GAP = timedelta(minutes=5)
"""The same for a public PC without login: the next person sits down at the same device."""

LONGEST_SESSION = timedelta(hours=25)
"""Past every session's length: the limit is at most 24 h (ARCHITECTURE.md), and the meter looks once a minute."""

MARGIN = LONGEST_SESSION + GAP
"""How far before a day sessions must be read, so that no visit of that day is told that began before it.

A session S continues a visit when some earlier session X of its key stopped at or after S.start - gap: every session of
the key between X and S starts within the gap of X.stop too, so all of them joined X's visit. No further link of the
chain is needed. X stopped at or after the day's start - GAP, so it started at or after the day's start - MARGIN.
"""


@dataclass(frozen=True, slots=True)
class CountedSession:
    """A session as the counting rule sees it; half-open [start, stop), `stop` never before `start`."""

    id: SessionId
    kind: AccessKind
    device: ClientId
    person: str | None
    """Pseudonym of a login; None for a click on the terms."""
    start: datetime
    stop: datetime
    accepted: bool = True
    """False for a device that only saw the splash page: an attempt, not a session."""
    staff: bool = False
    """On the staff list when it started; counts nowhere (2.4, exclusions; 2.7, 6)."""

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise ValueError(f"session {self.id} stops at {self.stop}, before its start {self.start}")

    @property
    def counts(self) -> bool:
        """Whether it enters any figure."""
        return self.accepted and not self.staff


@dataclass(frozen=True, slots=True)
class Visit:
    """One coming of a person or device; `sessions` in order of start, never empty."""

    sessions: tuple[CountedSession, ...]

    @property
    def start(self) -> datetime:
        """When it began; date, hour and month of the visit are those of this instant."""
        return self.sessions[0].start

    @property
    def stop(self) -> datetime:
        """The latest stop of all its sessions: a short one inside a long one does not end the visit (2.7, 1)."""
        return max(session.stop for session in self.sessions)

    @property
    def kind(self) -> AccessKind:
        """The access type it is counted under: its first session's (2.7, 3)."""
        return self.sessions[0].kind

    @property
    def is_at_kiosk(self) -> bool:
        """Is it counted under the public PCs?"""
        return self.kind is AccessKind.KIOSK

    def day(self, zone: timezone) -> date:
        """The site's calendar day it belongs to."""
        return self.start.astimezone(zone).date()

    def hour(self, zone: timezone) -> datetime:
        """The first instant of the site's hour it belongs to."""
        return self.start.astimezone(zone).replace(minute=0, second=0, microsecond=0)

    def month(self, zone: timezone) -> date:
        """The first day of the month it belongs to."""
        return self.day(zone).replace(day=1)


def counted_sessions(sessions: Iterable[CountedSession]) -> list[CountedSession]:
    """Those that count, each once however often it is told, by start."""
    return sorted({s for s in sessions if s.counts}, key=_order)


def visits_of(sessions: Iterable[CountedSession]) -> tuple[Visit, ...]:
    """The visits that sessions make up, by start."""
    runs: list[list[CountedSession]] = []
    latest: dict[_Key, tuple[list[CountedSession], datetime]] = {}  # the last visit of each key and its latest stop
    for session in counted_sessions(sessions):
        key = _key(session)
        run, last_stop = latest.get(key, ([], session.stop))
        if not run or session.start - last_stop > _gap(session):
            run, last_stop = [], session.stop
            runs.append(run)
        run.append(session)
        latest[key] = (run, max(last_stop, session.stop))
    return tuple(Visit(tuple(run)) for run in runs)


_order = attrgetter("start", "id")

_Key = str | tuple[AccessKind, ClientId]


def _key(session: CountedSession) -> _Key:
    # chosen per session: one before the login keeps its device (2.7, 1)
    return (session.kind, session.device) if session.person is None else session.person


def _gap(session: CountedSession) -> timedelta:
    return KIOSK_GAP if session.kind is AccessKind.KIOSK and session.person is None else GAP
