"""The session's state machine, walked step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.session import (
    TRANSITIONS,
    BookClosing,
    Cause,
    Cut,
    EndAsked,
    Event,
    LastBooked,
    Limits,
    Looked,
    Rebooted,
    Remove,
    Session,
    SessionId,
    State,
    left_s,
    step,
)

AT = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
SESSION = Session(
    id=SessionId(7),
    client=ClientId(1),
    mac=Mac("02:00:5e:10:00:01"),
    kind=AccessKind.WIFI,
    method="terms",
    profile="adult",
    opened_at=AT,
    opened_boot_s=1000.0,
    active_boot_s=1000.0,
    limits=Limits(session_s=7200, idle_s=900),
)


def test_a_look_that_saw_packets_renews_the_activity() -> None:
    seen, effects = step(SESSION, Looked(1500.0, moved=True))
    assert (seen.active_boot_s, seen.state, effects) == (1500.0, State.OPEN, ())


def test_idle_ends_with_the_last_packet_not_its_detection() -> None:
    active = replace(SESSION, active_boot_s=1100.0)
    still, _ = step(active, Looked(1999.0, moved=False))
    assert still.state is State.OPEN
    ended, effects = step(active, Looked(2000.0, moved=False))
    assert (ended.state, ended.cause) == (State.CLOSING, Cause.IDLE_TIMEOUT)
    assert ended.stopped_at == AT + timedelta(seconds=100)
    assert effects == (Cut(), BookClosing())


def test_the_session_limit_ends_a_busy_session_at_the_limit() -> None:
    ended, effects = step(SESSION, Looked(8207.0, moved=True))
    assert (ended.cause, ended.stopped_at) == (Cause.SESSION_TIMEOUT, AT + timedelta(seconds=7200))
    assert effects == (Cut(), BookClosing())


def test_the_limit_counts_before_idleness() -> None:
    ended, _ = step(SESSION, Looked(9000.0, moved=False))
    assert ended.cause is Cause.SESSION_TIMEOUT


def test_an_end_that_is_asked_for_is_the_moment_of_the_asking() -> None:
    ended, _ = step(SESSION, EndAsked(1060.9, Cause.USER_REQUEST))
    assert (ended.cause, ended.stopped_at) == (Cause.USER_REQUEST, AT + timedelta(seconds=60))


def test_a_reboot_closes_at_the_last_packet_without_touching_the_kernel() -> None:
    ended, effects = step(replace(SESSION, active_boot_s=1300.0), Rebooted())
    assert (ended.state, ended.cause, effects) == (State.CLOSED, Cause.NAS_REBOOT, ())
    assert ended.stopped_at == AT + timedelta(seconds=300)


def test_the_last_booking_leads_out_of_the_kernel() -> None:
    closing, _ = step(SESSION, EndAsked(1010.0, Cause.ADMIN_RESET))
    closed, effects = step(closing, LastBooked())
    assert (closed.state, closed.cause, effects) == (State.CLOSED, Cause.ADMIN_RESET, (Remove(),))
    assert closed.stopped_at == closing.stopped_at


EVENTS: tuple[Event, ...] = (
    Looked(99999.0, moved=False),
    EndAsked(1001.0, Cause.USER_REQUEST),
    Rebooted(),
    LastBooked(),
)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_without_a_row_changes_nothing(state: State, event: Event) -> None:
    session = replace(SESSION, state=state)
    if type(event) not in TRANSITIONS[state]:
        assert step(session, event) == (session, ())


def test_time_left_never_falls_below_zero() -> None:
    assert left_s(SESSION, 1000.4) == 7199
    assert left_s(SESSION, 99999.0) == 0
