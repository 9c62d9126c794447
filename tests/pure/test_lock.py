"""A month is locked at 24:00 of day N of the next; what comes later is an adjustment."""

from datetime import date, datetime, timedelta, timezone

from gateway.reports.lock import Adjustment, adjustments, is_locked, locks_at

ZONE = timezone(timedelta(hours=7))
MARCH = date(2027, 3, 1)


def test_the_lock_falls_at_the_end_of_day_five() -> None:
    assert locks_at(MARCH, ZONE) == datetime(2027, 4, 6, tzinfo=ZONE)
    assert locks_at(date(2027, 12, 1), ZONE, 10) == datetime(2028, 1, 11, tzinfo=ZONE)
    assert not is_locked(MARCH, datetime(2027, 4, 5, 23, 59, 59, tzinfo=ZONE), ZONE)
    assert is_locked(MARCH, datetime(2027, 4, 6, tzinfo=ZONE), ZONE)


def test_a_late_bundle_becomes_adjustments_and_what_is_equal_none() -> None:
    signed = {"visits": 1284, "sessions": 2001, "attempts": 7}
    counted = {"visits": 1290, "sessions": 2001, "blocked": 4}
    told = adjustments(MARCH, signed, counted)
    assert told == (
        Adjustment(MARCH, "attempts", 7, 0),
        Adjustment(MARCH, "blocked", 0, 4),
        Adjustment(MARCH, "visits", 1284, 1290),
    )
    assert [one.difference for one in told] == [-7, 4, 6]
