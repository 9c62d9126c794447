"""A clock that was wrong: shifted once, logged when it jumped, never believed backwards."""

from datetime import UTC, date, datetime, timedelta

from gateway.accounting.clock_repair import Stamped, Synchronised, is_business_date, settled

EARLY = Stamped(datetime(1970, 1, 1, 0, 5, tzinfo=UTC), "boot 1", provisional=True)
SET = Synchronised("boot 1", datetime(2027, 3, 31, 8, tzinfo=UTC) - datetime(1970, 1, 1, 0, 6, tzinfo=UTC))


def test_rows_before_the_synchronisation_are_shifted_once() -> None:
    once = settled(EARLY, SET)
    assert once == Stamped(datetime(2027, 3, 31, 7, 59, tzinfo=UTC), "boot 1", provisional=False)
    assert settled(once, SET) == once


def test_rows_of_another_boot_are_left_alone() -> None:
    other = Stamped(EARLY.at, "boot 0", provisional=True)
    assert settled(other, SET) == other


def test_a_step_of_more_than_five_seconds_either_way_is_logged() -> None:
    steps = [Synchronised("boot 1", timedelta(seconds=seconds)).is_step for seconds in (-6, -5, 0, 5, 5.1)]
    assert steps == [True, False, False, False, True]


def test_a_date_before_the_last_stored_one_is_no_business_date() -> None:
    last = date(2027, 3, 31)
    days = (date(1970, 1, 1), date(2027, 3, 30), last, date(2027, 4, 1))
    assert [is_business_date(day, last) for day in days] == [False, False, True, True]
    assert is_business_date(date(1970, 1, 1), None)
