"""One span of admitted access of one client, as a state machine.

A session is OPEN while the kernel passes its packets, CLOSING while they are stopped but the last reading is not yet
booked, CLOSED after. `step` gives the next value and the effects the flow must perform; an event that has no row in
TRANSITIONS changes nothing. Spans are counted on the boot clock, so a wrong wall clock neither ends nor stretches a
session; the instants people read are `opened_at` plus such a span.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from gateway.access.client import AccessKind, ClientId, Mac

SessionId = NewType("SessionId", int)
"""Never re-used; it is also the conntrack mark of the session's packets (1 .. 2^32 - 1)."""


class State(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why a session ended (RFC 2866 section 5.10)."""

    USER_REQUEST = "user-request"
    IDLE_TIMEOUT = "idle-timeout"
    SESSION_TIMEOUT = "session-timeout"
    ADMIN_RESET = "admin-reset"
    NAS_REQUEST = "nas-request"
    """An amount of data is used up, or the library closes."""
    NAS_REBOOT = "nas-reboot"
    PORT_PREEMPTED = "port-preempted"
    """The person went on with another device."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one session, in kbit/s of 1000 bits; None: as fast as the line and its neighbours let it."""

    up_kbit_s: int | None = None
    down_kbit_s: int | None = None


UNSHAPED = Rates()


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one session."""

    session_s: int
    idle_s: int
    total_bytes: int | None = None
    """Up and down together; None: no cap."""
    rates: Rates = UNSHAPED


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `…_boot_s` are seconds of the boot clock of the boot it was opened in."""

    id: SessionId
    client: ClientId
    mac: Mac
    kind: AccessKind
    method: str
    profile: str
    opened_at: datetime
    opened_boot_s: float
    active_boot_s: float
    """When the last packet was seen; to the meter's polling interval."""
    limits: Limits
    state: State = State.OPEN
    cause: Cause | None = None
    stopped_at: datetime | None = None
    """The end that is told: of the last packet for idle and lost sessions, of the act for the others."""
    person: str | None = None
    """Keyed pseudonym of whoever signed in by name, card or voucher; None: nobody said who it is."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The meter looked at the counters; `moved` says whether bytes passed since the look before."""

    boot_s: float
    moved: bool
    total_bytes: int = 0
    """The session's bytes so far, up and down."""


@dataclass(frozen=True, slots=True)
class EndAsked:
    """Somebody asked for the end: the patron, staff."""

    boot_s: float
    cause: Cause


@dataclass(frozen=True, slots=True)
class Rebooted:
    """The machine was started anew while the session was open: its packets stopped with the power."""


@dataclass(frozen=True, slots=True)
class LastBooked:
    """The final reading is in the ledger."""


Event = Looked | EndAsked | Rebooted | LastBooked


@dataclass(frozen=True, slots=True)
class Cut:
    """Stop the packets, keep the counters."""


@dataclass(frozen=True, slots=True)
class BookClosing:
    """Read the counters a last time and book them."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the session out of the kernel."""


Effect = Cut | BookClosing | Remove

TRANSITIONS: dict[State, dict[type[Event], State]] = {
    State.OPEN: {Looked: State.OPEN, EndAsked: State.CLOSING, Rebooted: State.CLOSED},
    State.CLOSING: {LastBooked: State.CLOSED},
    State.CLOSED: {},
}
"""Looked leads on to CLOSING when a limit is reached."""


def step(session: Session, event: Event) -> tuple[Session, tuple[Effect, ...]]:
    """The session after an event and what the flow must do about it, in order."""
    if type(event) not in TRANSITIONS[session.state]:
        return session, ()
    match event:
        case Looked(boot_s=boot_s, moved=moved, total_bytes=total_bytes):
            seen = replace(session, active_boot_s=boot_s) if moved else session
            cause = _limit_reached(seen, boot_s, total_bytes)
            return (seen, ()) if cause is None else _close(seen, cause, boot_s)
        case EndAsked(boot_s=boot_s, cause=cause):
            return _close(session, cause, boot_s)
        case Rebooted():
            ended = replace(session, state=State.CLOSED, cause=Cause.NAS_REBOOT, stopped_at=_last_packet_at(session))
            return ended, ()
        case LastBooked():
            return replace(session, state=State.CLOSED), (Remove(),)


def left_s(session: Session, boot_s: float) -> int:
    """Whole seconds until the session limit; 0 when it is reached."""
    return max(0, int(session.opened_boot_s + session.limits.session_s - boot_s))


def lasted_s(session: Session, boot_s: float) -> int:
    """Whole seconds since the session was opened."""
    return max(0, int(boot_s - session.opened_boot_s))


def _limit_reached(session: Session, boot_s: float, total_bytes: int) -> Cause | None:
    limits = session.limits
    if boot_s - session.opened_boot_s >= limits.session_s:
        return Cause.SESSION_TIMEOUT
    if boot_s - session.active_boot_s >= limits.idle_s:
        return Cause.IDLE_TIMEOUT
    if limits.total_bytes is not None and total_bytes >= limits.total_bytes:
        return Cause.NAS_REQUEST
    return None


def _close(session: Session, cause: Cause, boot_s: float) -> tuple[Session, tuple[Effect, ...]]:
    match cause:
        case Cause.IDLE_TIMEOUT:
            stopped_at = _last_packet_at(session)  # counting 2.4 A: of the last packet, not of its detection
        case Cause.SESSION_TIMEOUT:
            stopped_at = _after(session, session.limits.session_s)
        case _:
            stopped_at = _after(session, boot_s - session.opened_boot_s)
    closing = replace(session, state=State.CLOSING, cause=cause, stopped_at=stopped_at)
    return closing, (Cut(), BookClosing())


def _last_packet_at(session: Session) -> datetime:
    return _after(session, session.active_boot_s - session.opened_boot_s)


def _after(session: Session, span_s: float) -> datetime:
    return session.opened_at + timedelta(seconds=int(max(0.0, span_s)))
