"""What a session leaves to whoever continues it on another MAC: the same entitlement, never more of it.

A phone that changes its MAC keeps its session by a token (or a code of the desk) that names the session, not the
device. The session before ends; what it had left goes over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.access.client import AccessKind
from gateway.access.login import Method
from gateway.access.session import Cause, Limits, Session, State, lasted_s

RESUMABLE = frozenset({Cause.NAS_REBOOT, Cause.IDLE_TIMEOUT})
"""Ends nobody asked for. After all others the session is over: its limit, the patron, the desk or another device."""


def is_resumable(session: Session, now: datetime) -> bool:
    """May the session be continued elsewhere? Until its limit by the wall clock, whatever was used of it.

    A wall clock set back lengthens that span but never what is left: `left` is made of spans of the boot clock.
    """
    if session.kind is AccessKind.KIOSK or session.method == Method.EXEMPT:
        return False  # a PC's next reader is another person; equipment needs none
    if now >= session.opened_at + timedelta(seconds=session.limits.session_s):
        return False
    return session.state is State.OPEN or (session.state is State.CLOSED and session.cause in RESUMABLE)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a session has used so far."""

    seconds: int
    total_bytes: int


def spent(session: Session, boot_s: float, total_bytes: int) -> Spent:
    """Of an open session up to now, of an ended one up to its last packet."""
    if session.stopped_at is None:
        return Spent(lasted_s(session, boot_s), total_bytes)
    return Spent(max(0, int((session.stopped_at - session.opened_at).total_seconds())), total_bytes)


def left(limits: Limits, by: Spent) -> Limits | None:
    """The limits of the session that continues; None when nothing is left."""
    session_s = limits.session_s - by.seconds
    total_bytes = None if limits.total_bytes is None else limits.total_bytes - by.total_bytes
    if session_s <= 0 or (total_bytes is not None and total_bytes <= 0):
        return None
    return replace(limits, session_s=session_s, total_bytes=total_bytes)
