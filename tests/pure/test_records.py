"""What is told of a session and when, step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.login import Accounted
from gateway.access.session import Cause, State
from gateway.accounting.records import Moment, RecordKind, Standing, is_interim_due, next_record
from tests.contracts import session

BEGAN = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
ACCOUNTED = Accounted("lan", "a1", (), 600)
NEW = Standing(replace(session(1), opened_boot_s=100.0), "boot", 0, 0, ACCOUNTED, False, 0.0)
KNOWN = replace(NEW, started=True, told_boot_s=100.0)


def at(after_s: float, boot_id: str = "boot") -> Moment:
    return Moment(BEGAN + timedelta(seconds=after_s), 100.0 + after_s, boot_id)


def closed(standing: Standing, after_s: int, cause: Cause = Cause.USER_REQUEST) -> Standing:
    stopped = BEGAN + timedelta(seconds=after_s)
    return replace(standing, session=replace(standing.session, state=State.CLOSED, cause=cause, stopped_at=stopped))


def test_the_start_is_told_first_even_of_what_is_over() -> None:
    for standing in (NEW, closed(NEW, 50)):
        record = next_record(standing, at(70))
        assert record and (record.kind, record.delay_s, record.lasted_s) == (RecordKind.START, 70, 0)
        assert record.at == BEGAN


def test_the_stop_is_told_with_the_sessions_own_time() -> None:
    record = next_record(closed(KNOWN, 50), at(70))
    assert record and (record.kind, record.delay_s, record.lasted_s) == (RecordKind.STOP, 20, 50)
    assert record.at == BEGAN + timedelta(seconds=50)


def test_a_session_that_is_being_closed_has_nothing_to_tell_yet() -> None:
    closing = replace(KNOWN, session=replace(KNOWN.session, state=State.CLOSING))
    assert next_record(closing, at(10_000)) is None


@pytest.mark.parametrize(("after_s", "due"), [(0, False), (599.9, False), (600, True), (5000, True)])
def test_interim_updates_come_at_their_interval(after_s: float, due: bool) -> None:
    assert is_interim_due(KNOWN, at(after_s)) is due
    assert (next_record(KNOWN, at(after_s)) is not None) is due


def test_no_interval_or_another_boot_is_no_interim() -> None:
    assert not is_interim_due(replace(KNOWN, accounted=Accounted("lan", "a1")), at(9999))
    assert not is_interim_due(KNOWN, at(9999, "next boot"))
    assert not is_interim_due(NEW, at(9999))


def test_a_wall_clock_set_right_meanwhile_gives_the_right_instant() -> None:
    late = replace(at(70), now=BEGAN + timedelta(days=400, seconds=70))
    record = next_record(NEW, late)
    assert record and record.delay_s == 70 and record.at == BEGAN + timedelta(days=400)


def test_over_a_reboot_the_wall_clock_is_all_there_is_and_never_negative() -> None:
    record = next_record(closed(KNOWN, 50, Cause.NAS_REBOOT), Moment(BEGAN + timedelta(seconds=90), 3.0, "next"))
    assert record and (record.delay_s, record.lasted_s) == (40, 50)
    back = next_record(closed(KNOWN, 50, Cause.NAS_REBOOT), Moment(BEGAN - timedelta(days=9), 3.0, "next"))
    assert back and back.delay_s == 0
