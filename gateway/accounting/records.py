"""What an account server elsewhere is to be told of a session, and when (RFC 2866 section 4.1, RFC 2869 section 2.1).

The record is always made of the session as the store has it, never kept: what could not be told waits as the session
itself, so nothing is lost and the amounts are the ledger's. Instants are reckoned on the boot clock where it still
runs: a wall clock that was wrong when the session began and is right now gives the right instant.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.access.login import Accounted
from gateway.access.session import Session, State, lasted_s


class RecordKind(StrEnum):
    """Acct-Status-Type of a session's records (RFC 2866 section 5.1)."""

    START = "start"
    INTERIM = "interim-update"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Standing:
    """A session and how far the account server knows of it."""

    session: Session
    boot_id: str
    up_bytes: int
    down_bytes: int
    """Of the ledger, as far as it is booked."""
    accounted: Accounted
    started: bool
    """The server has acknowledged the Start."""
    told_boot_s: float
    """When it acknowledged the last record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to be told."""

    kind: RecordKind
    standing: Standing
    at: datetime
    """When it happened, by the wall clock as it goes now."""
    delay_s: int
    """How long ago that is."""
    lasted_s: int
    """The session's time until then."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on both clocks."""

    now: datetime
    boot_s: float
    boot_id: str


def next_record(standing: Standing, moment: Moment) -> Record | None:
    """What is to be told next of a session; None when the server knows all."""
    session = standing.session
    if not standing.started:
        return _at(standing, RecordKind.START, 0, moment)
    if session.state is State.CLOSED and session.stopped_at is not None:
        return _at(standing, RecordKind.STOP, int((session.stopped_at - session.opened_at).total_seconds()), moment)
    if is_interim_due(standing, moment):
        return Record(RecordKind.INTERIM, standing, moment.now, 0, lasted_s(session, moment.boot_s))
    return None


def is_interim_due(standing: Standing, moment: Moment) -> bool:
    """Does the server wait for an Interim-Update of an open session?"""
    interim_s = standing.accounted.interim_s
    is_open = standing.started and standing.session.state is State.OPEN and standing.boot_id == moment.boot_id
    return is_open and interim_s is not None and moment.boot_s - standing.told_boot_s >= interim_s


def _at(standing: Standing, kind: RecordKind, after_s: int, moment: Moment) -> Record:
    session = standing.session
    if standing.boot_id == moment.boot_id:
        delay_s = int(moment.boot_s - session.opened_boot_s) - after_s
    else:  # of an earlier boot nothing but the wall clock tells
        delay_s = int((moment.now - session.opened_at).total_seconds()) - after_s
    delay_s = max(0, delay_s)
    return Record(kind, standing, moment.now - timedelta(seconds=delay_s), delay_s, max(0, after_s))
