"""Hour and day sums: split to the second, whole to the byte."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.session import SessionId
from gateway.accounting.rollup import LedgerRow, Span, Sums, hours_of_day, minutes, roll_up, total

ZONE = timezone(timedelta(hours=7))
DAY = date(2027, 3, 31)


def at(text: str, zone: timezone = ZONE) -> datetime:
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=zone)


def span(start: str, stop: str, number: int = 1) -> Span:
    return Span(SessionId(number), at(start), at(stop))


def row(when: str, up: int, down: int, reading: int = 1) -> LedgerRow:
    return LedgerRow(SessionId(1), reading, at(when), up, down)


def test_use_is_split_at_hours_and_midnight() -> None:
    hours = roll_up((), [span("03-31T22:59:59", "04-01T00:20:01")], (), ZONE)
    assert {hour.isoformat(): sums.use_s for hour, sums in hours.items()} == {
        "2027-03-31T22:00:00+07:00": 1,
        "2027-03-31T23:00:00+07:00": 3600,
        "2027-04-01T00:00:00+07:00": 1201,
    }
    assert total(hours_of_day(hours, DAY)).use_s == 3601


def test_session_counts_in_the_hour_and_on_the_day_it_starts() -> None:
    hours = roll_up((), [span("03-31T23:40:00", "04-01T00:20:00")], (), ZONE)
    assert total(hours_of_day(hours, DAY)).sessions == 1
    assert total(hours_of_day(hours, date(2027, 4, 1))).sessions == 0


def test_session_of_no_length_is_a_session_without_use() -> None:
    assert roll_up((), [span("03-31T08:00:00", "03-31T08:00:00")], (), ZONE) == {at("03-31T08:00:00"): Sums(sessions=1)}


@pytest.mark.parametrize(
    ("when", "hour"),
    [
        ("03-31T09:00:00", "03-31T08:00:00"),  # the reading at the full hour closes the hour before
        ("03-31T09:00:01", "03-31T09:00:00"),
        ("04-01T00:00:00", "03-31T23:00:00"),
    ],
)
def test_ledger_row_goes_whole_to_the_hour_of_the_second_before(when: str, hour: str) -> None:
    assert roll_up((), (), [row(when, 7, 11)], ZONE) == {at(hour): Sums(up_bytes=7, down_bytes=11)}


def test_hours_are_the_sites_own_in_a_half_hour_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    begin = at("03-31T08:00:00", india)
    hours = roll_up((), [Span(SessionId(1), begin, begin + timedelta(hours=1))], (), india)
    assert hours == {begin: Sums(sessions=1, use_s=3600)}


def test_visits_count_at_their_start() -> None:
    assert roll_up([at("03-31T08:59:59"), at("03-31T09:00:00")], (), (), ZONE) == {
        at("03-31T08:00:00"): Sums(visits=1),
        at("03-31T09:00:00"): Sums(visits=1),
    }


def test_minutes_are_rounded_once_a_half_up() -> None:
    assert [minutes(seconds) for seconds in (0, 29, 30, 89, 90, 2 * 20)] == [0, 0, 1, 1, 2, 1]


quickly = settings(max_examples=50)

INSTANTS = st.integers(0, 3 * 86400).map(lambda second: datetime(2027, 3, 30, tzinfo=UTC) + timedelta(seconds=second))
SPANS = st.lists(
    st.builds(lambda n, start, s: Span(SessionId(n), start, start + timedelta(seconds=s)),
              st.integers(1, 10**6), INSTANTS, st.integers(0, 86400)),
    max_size=8, unique_by=lambda one: one.session,
)  # fmt: skip
ROWS = st.lists(
    st.builds(LedgerRow, st.just(SessionId(1)), st.integers(1, 10**6), INSTANTS, st.integers(0), st.integers(0)),
    max_size=8,
    unique_by=lambda one: one.reading,
)
ZONES = st.sampled_from([ZONE, UTC, timezone(timedelta(hours=-3, minutes=-30)), timezone(timedelta(hours=14))])


@quickly
@given(SPANS, ROWS, ZONES)
def test_hours_are_the_days_and_the_days_are_the_sessions(
    spans: list[Span], rows: list[LedgerRow], zone: timezone
) -> None:
    hours = roll_up([one.start for one in spans], spans, rows, zone)
    days = [total(hours_of_day(hours, day)) for day in {hour.date() for hour in hours}]
    assert sum(days, Sums()) == total(hours)
    assert total(hours) == Sums(
        len(spans),
        len(spans),
        sum(int((one.stop - one.start).total_seconds()) for one in spans),
        sum(one.up_bytes for one in rows),
        sum(one.down_bytes for one in rows),
    )
    assert list(hours) == sorted(hours)


@quickly
@given(SPANS, ROWS)
def test_order_and_repetition_change_nothing(spans: list[Span], rows: list[LedgerRow]) -> None:
    assert roll_up((), spans[::-1] + spans, rows[::-1] + rows, ZONE) == roll_up((), spans, rows, ZONE)


@quickly
@given(SPANS, ROWS)
def test_shift_by_a_week_changes_no_figure(spans: list[Span], rows: list[LedgerRow]) -> None:
    week = timedelta(days=7)
    later = [Span(one.session, one.start + week, one.stop + week) for one in spans]
    booked = [LedgerRow(one.session, one.reading, one.at + week, one.up_bytes, one.down_bytes) for one in rows]
    plain = roll_up((), spans, rows, ZONE)
    assert roll_up((), later, booked, ZONE) == {hour + week: sums for hour, sums in plain.items()}
