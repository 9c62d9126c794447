"""When the library is open, and what was promised: every rule of counting 2.7, 8 that touches the calendar."""

from datetime import date, datetime, timedelta, timezone

import pytest

from gateway.service.calendar import (
    Calendar,
    Change,
    ChangeKind,
    Hours,
    closes_at,
    decided_extra,
    open_on,
    opens_next,
    promised,
    sudden_closures,
    usual,
)

ZONE = timezone(timedelta(hours=7))
DAY = (Hours(450, 690), Hours(810, 1020))  # 07:30-11:30, 13:30-17:00
WEEK = {**dict.fromkeys(range(5), DAY), 5: (Hours(480, 660),)}
MONDAY, SATURDAY, SUNDAY = date(2026, 8, 17), date(2026, 8, 22), date(2026, 8, 23)
HOLIDAY = date(2026, 8, 31)
PLAN = Calendar(ZONE, WEEK, frozenset({HOLIDAY, SATURDAY}), {SATURDAY: 0})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def change(kind: ChangeKind, begin: str, end: str, decided: str = "2026-08-01T08:00") -> Change:
    return Change(kind, at(begin), at(end), at(decided))


def with_changes(*changes: Change) -> Calendar:
    return Calendar(ZONE, WEEK, PLAN.holidays, PLAN.swapped, changes)


def told(intervals: list[tuple[datetime, datetime]]) -> list[str]:
    return [f"{begin.astimezone(ZONE):%H:%M}-{end.astimezone(ZONE):%H:%M}" for begin, end in intervals]


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        (MONDAY, ["07:30-11:30", "13:30-17:00"]),
        (SATURDAY, ["07:30-11:30", "13:30-17:00"]),  # a working Saturday for the Monday that is off
        (SUNDAY, []),
        (HOLIDAY, []),
        (date(2026, 8, 29), ["08:00-11:00"]),
    ],
)
def test_the_plan_holidays_and_swapped_days(day: date, spans: list[str]) -> None:
    assert told(promised(PLAN, day)) == told(open_on(PLAN, day)) == spans


def test_an_extra_opening_is_open_and_not_promised() -> None:
    calendar = with_changes(change(ChangeKind.EXTRA, "2026-08-23T08:00", "2026-08-23T10:00"))
    assert (told(open_on(calendar, SUNDAY)), promised(calendar, SUNDAY)) == (["08:00-10:00"], [])


def test_a_closure_decided_before_lowers_the_promise_and_a_sudden_one_does_not() -> None:
    before = with_changes(change(ChangeKind.CLOSURE, "2026-08-17T13:30", "2026-08-18T00:00"))
    assert told(promised(before, MONDAY)) == told(open_on(before, MONDAY)) == ["07:30-11:30"]
    sudden = with_changes(
        change(ChangeKind.CLOSURE, "2026-08-17T09:00", "2026-08-17T17:00", decided="2026-08-17T09:00")
    )
    assert told(open_on(sudden, MONDAY)) == ["07:30-09:00"]
    assert told(promised(sudden, MONDAY)) == ["07:30-11:30", "13:30-17:00"]


def test_closures_apply_last() -> None:
    extra = change(ChangeKind.EXTRA, "2026-08-23T08:00", "2026-08-23T12:00")
    closed = change(ChangeKind.CLOSURE, "2026-08-23T09:00", "2026-08-23T10:00")
    assert told(open_on(with_changes(closed, extra), SUNDAY)) == ["08:00-09:00", "10:00-12:00"]


def test_the_door_says_when_it_closes_and_opens_next() -> None:
    assert closes_at(PLAN, at("2026-08-17T08:00")) == at("2026-08-17T11:30")
    assert closes_at(PLAN, at("2026-08-17T11:30")) is None
    assert opens_next(PLAN, at("2026-08-17T11:30")) == at("2026-08-17T13:30")
    assert opens_next(PLAN, at("2026-08-22T17:00")) == at("2026-08-24T07:30")
    assert opens_next(Calendar(ZONE, {}), at("2026-08-17T08:00")) is None


def test_an_opening_over_midnight_is_one() -> None:
    night = Calendar(ZONE, {0: (Hours(1200, 1440),), 1: (Hours(0, 120),)})
    assert closes_at(night, at("2026-08-17T21:00")) == at("2026-08-18T02:00")
    assert opens_next(night, at("2026-08-17T21:00")) == at("2026-08-24T20:00")


def test_extra_openings_are_told_apart_and_a_closure_takes_them_away() -> None:
    extra = change(ChangeKind.EXTRA, "2026-08-22T18:00", "2026-08-23T12:00")
    closed = change(ChangeKind.CLOSURE, "2026-08-23T09:00", "2026-08-23T10:00")
    calendar = with_changes(extra, closed)
    assert told(decided_extra(calendar, SATURDAY)) == ["18:00-00:00"]
    assert told(decided_extra(calendar, SUNDAY)) == ["00:00-09:00", "10:00-12:00"]
    assert decided_extra(PLAN, SUNDAY) == []


def test_a_closure_recorded_at_its_start_is_sudden_and_an_earlier_one_is_not() -> None:
    sudden = change(ChangeKind.CLOSURE, "2026-08-17T09:00", "2026-08-17T17:00", decided="2026-08-17T09:00")
    decided = change(ChangeKind.CLOSURE, "2026-08-17T15:00", "2026-08-17T16:00", decided="2026-08-17T14:59")
    calendar = with_changes(sudden, decided)
    assert told(sudden_closures(calendar, MONDAY)) == ["09:00-17:00"]
    assert told(promised(calendar, MONDAY)) == ["07:30-11:30", "13:30-15:00", "16:00-17:00"]


def test_a_closure_takes_hours_of_a_swapped_day_and_of_a_holiday_there_are_none() -> None:
    closed = change(ChangeKind.CLOSURE, "2026-08-22T00:00", "2026-08-22T13:30")
    assert told(promised(with_changes(closed), SATURDAY)) == ["13:30-17:00"]
    assert promised(with_changes(change(ChangeKind.EXTRA, "2026-08-31T08:00", "2026-08-31T10:00")), HOLIDAY) == []


def test_usual_hours_are_the_weeks_alone() -> None:
    shut = with_changes(change(ChangeKind.CLOSURE, "2026-08-22T00:00", "2026-09-01T00:00"))
    assert told(usual(shut, SATURDAY)) == ["08:00-11:00"]  # not the Monday's it was swapped for
    assert told(usual(shut, HOLIDAY)) == ["07:30-11:30", "13:30-17:00"]
    assert told(usual(shut, SUNDAY)) == []
