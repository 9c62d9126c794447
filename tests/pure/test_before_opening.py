"""The look at the portal before opening: once for each opening, extra ones too, never while readers are there."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.service.before_opening import look_is_due
from gateway.service.calendar import Calendar, Change, ChangeKind, Hours

ZONE = timezone(timedelta(hours=7))
MORNING, AFTERNOON = Hours(450, 660), Hours(810, 1020)
PLAN = Calendar(ZONE, {day: [MORNING, AFTERNOON] for day in range(5)}, holidays=frozenset({date(2027, 4, 30)}))


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (at(31, 6, 29), None, False),  # too early
        (at(31, 6, 30), None, True),
        (at(31, 7, 29), at(30, 6, 45), True),  # yesterday's says nothing of today
        (at(31, 7, 15), at(31, 6, 31), False),  # was looked at
        (at(31, 7, 30), None, False),  # readers are there
        (at(31, 12, 45), at(31, 6, 31), True),  # and after lunch again
        (at(31, 17, 0), None, False),  # closed for the night
        (at(3, 6, 45, month=4), None, False),  # Saturday
        (at(30, 6, 45, month=4), None, False),  # a holiday
        (at(30, 6, 45).astimezone(UTC), None, True),
    ],
)
def test_once_in_the_hour_before_each_opening(now: datetime, last: datetime | None, due: bool) -> None:
    assert look_is_due(PLAN, now, last) is due


def test_decided_extra_openings_and_closures_count() -> None:
    saturday, decided = at(3, 8, month=4), at(29, 9)
    extra = Change(ChangeKind.EXTRA, saturday, saturday + timedelta(hours=3), decided)
    closed = Change(ChangeKind.CLOSURE, at(31, 0), at(31, 23, 59), decided)
    changed = Calendar(ZONE, PLAN.week, holidays=PLAN.holidays, changes=[extra, closed])
    assert look_is_due(changed, saturday - timedelta(minutes=30), None)
    assert not look_is_due(changed, at(31, 7), None)


def test_without_hours_it_is_looked_at_before_seven() -> None:
    none = Calendar(ZONE, {})
    assert look_is_due(none, at(31, 6, 20), at(30, 6, 20))
    assert not look_is_due(none, at(31, 6, 40), at(31, 6, 20))
    assert not look_is_due(none, at(31, 7, 0), None)
