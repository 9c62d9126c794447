"""The counting rule: its golden vector, its edge cases, and what must hold for any sessions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.rollup import Span, hours_of_day, minutes, roll_up, total
from gateway.visits.visit import MARGIN, CountedSession, Visit, counted_sessions, visits_of

ZONE = timezone(timedelta(hours=7))
WIFI, KIOSK = AccessKind.WIFI, AccessKind.KIOSK
DEVICES = {name: ClientId(number) for number, name in enumerate(("A", "B", "C", "D", "E", "PC01", "STAFF1"), start=1)}
MARCH_31, APRIL_1 = date(2027, 3, 31), date(2027, 4, 1)


def at(text: str, day: date = MARCH_31) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}:00+07:00").astimezone(UTC)


def session(number: int, start: datetime, stop: datetime, **more: object) -> CountedSession:
    plain = CountedSession(SessionId(number), WIFI, DEVICES["A"], None, start, stop)
    return replace(plain, **more)  # type: ignore[arg-type]  # fields by name, in tests only


def golden() -> list[CountedSession]:
    """GV-B (counting 2.6)."""

    def row(number: int, kind: AccessKind, device: str, person: str | None, span: str) -> CountedSession:
        start, stop = span.split("-")
        return session(number, at(start), at(stop), kind=kind, device=DEVICES[device], person=person)

    return [
        row(1, WIFI, "A", None, "08:00-08:25"),
        row(2, WIFI, "A", None, "08:50-09:10"),
        row(3, WIFI, "A", None, "09:41-10:00"),
        replace(row(4, WIFI, "B", None, "08:10-08:10"), accepted=False),
        row(5, WIFI, "C", None, "08:30-08:31"),
        row(6, KIOSK, "PC01", None, "08:00-08:30"),
        row(7, KIOSK, "PC01", None, "08:33-09:00"),
        row(8, KIOSK, "PC01", None, "09:06-09:40"),
        row(9, KIOSK, "PC01", "u1", "09:41-10:00"),
        row(10, WIFI, "D", "u1", "10:05-10:30"),
        session(11, at("23:40"), at("00:20", APRIL_1), device=DEVICES["E"]),
        session(12, at("00:30", APRIL_1), at("00:40", APRIL_1), device=DEVICES["E"]),
        replace(row(13, WIFI, "STAFF1", None, "08:00-11:00"), staff=True),
    ]


def groups(visits: tuple[Visit, ...]) -> set[tuple[int, ...]]:
    return {tuple(int(one.id) for one in visit.sessions) for visit in visits}


def spans(sessions: list[CountedSession]) -> list[Span]:
    return [Span(one.id, one.start, one.stop) for one in counted_sessions(sessions)]


def test_golden_vector_of_the_specification() -> None:
    sessions = golden()
    visits = visits_of(sessions)
    assert len(counted_sessions(sessions)) == 11
    assert groups(visits) == {(1, 2), (3,), (5,), (6, 7), (8,), (9, 10), (11, 12)}
    assert {visit.month(ZONE) for visit in visits} == {date(2027, 3, 1)}
    hours = roll_up((visit.start for visit in visits), spans(sessions), (), ZONE)
    march, april = total(hours_of_day(hours, MARCH_31)), total(hours_of_day(hours, APRIL_1))
    assert (minutes(march.use_s), minutes(april.use_s)) == (220, 30)
    assert (march.visits, march.sessions, april.visits, april.sessions) == (7, 10, 0, 1)
    # s04 is an attempt: no session, no visit (the attempts are a table of their own, tests/edge/test_facts.py)
    assert not any(one.id == 4 for visit in visits for one in visit.sessions)


@pytest.mark.parametrize(
    ("kind", "person", "pause_s", "visits"),
    [
        (WIFI, None, 30 * 60, 1),  # the gap is inclusive
        (WIFI, None, 30 * 60 + 1, 2),
        (KIOSK, None, 5 * 60, 1),  # a silent hand-over within 5 min is not detected
        (KIOSK, None, 5 * 60 + 1, 2),  # a new acceptance after it is another person
        (KIOSK, "u1", 30 * 60, 1),
        (KIOSK, "u1", 30 * 60 + 1, 2),
        (WIFI, None, 8 * 60, 1),  # power back in 8 min, same phone
    ],
)
def test_login_again_within_the_gap_goes_on_with_the_visit(
    kind: AccessKind, person: str | None, pause_s: int, visits: int
) -> None:
    again = at("09:00") + timedelta(seconds=pause_s)
    first = session(1, at("08:00"), at("09:00"), kind=kind, person=person)
    second = session(2, again, again + timedelta(minutes=1), kind=kind, person=person)
    assert len(visits_of([first, second])) == visits


def test_short_session_inside_a_long_one_does_not_end_the_visit() -> None:
    long = session(1, at("08:00"), at("10:00"))
    short = session(2, at("08:10"), at("08:15"))
    late = session(3, at("10:20"), at("10:30"))
    (visit,) = visits_of([long, short, late])
    assert visit.stop == at("10:30")


def test_visit_over_midnight_and_month_end_belongs_to_its_start() -> None:
    (visit,) = visits_of(
        [session(1, at("23:40"), at("00:20", APRIL_1)), session(2, at("00:30", APRIL_1), at("01:00", APRIL_1))]
    )
    assert visit.day(ZONE) == MARCH_31
    assert visit.month(ZONE) == date(2027, 3, 1)
    assert visit.hour(ZONE) == datetime(2027, 3, 31, 23, tzinfo=ZONE)


def test_login_moving_from_kiosk_to_phone_is_one_visit_counted_at_the_kiosk() -> None:
    (visit,) = visits_of(
        [
            session(1, at("08:00"), at("08:30"), kind=KIOSK, device=DEVICES["PC01"], person="u1"),
            session(2, at("08:31"), at("09:00"), kind=WIFI, device=DEVICES["D"], person="u1"),
        ]
    )
    assert visit.kind is KIOSK


def test_session_before_the_login_keeps_its_device() -> None:
    before = session(1, at("08:00"), at("08:10"))
    after = session(2, at("08:11"), at("08:20"), person="u1")
    assert groups(visits_of([before, after])) == {(1,), (2,)}


def test_three_people_in_a_row_at_a_kiosk_with_logins_are_three_visits() -> None:
    people = ("u1", "u2", "u3")
    row = [
        session(n, at(f"08:{10 * n:02}"), at(f"08:{10 * n + 9:02}"), kind=KIOSK, person=person)
        for n, person in enumerate(people, start=1)
    ]
    assert len(visits_of(row)) == 3


def test_cable_and_wifi_of_one_laptop_are_two_unless_it_logs_in() -> None:
    cable = session(1, at("08:00"), at("08:30"), device=DEVICES["A"])
    radio = session(2, at("08:31"), at("09:00"), device=DEVICES["B"])
    assert len(visits_of([cable, radio])) == 2
    assert len(visits_of([replace(cable, person="u1"), replace(radio, person="u1")])) == 1


def test_device_that_changes_from_kiosk_to_own_use_is_another_key() -> None:
    kiosk = session(1, at("08:00"), at("08:30"), kind=KIOSK)
    own = session(2, at("08:31"), at("09:00"), kind=WIFI)
    assert len(visits_of([kiosk, own])) == 2


def test_one_mac_with_many_phones_behind_it_is_one_visit() -> None:
    assert len(visits_of([session(1, at("08:00"), at("11:00"))])) == 1


def test_device_that_never_accepts_is_no_visit() -> None:
    assert visits_of([session(1, at("08:00"), at("08:00"), accepted=False)]) == ()


def test_staff_entry_counts_from_its_date_on() -> None:
    before, after = session(1, at("08:00"), at("08:10")), session(2, at("08:20"), at("08:30"), staff=True)
    assert groups(visits_of([before, after])) == {(1,)}


def test_session_of_no_length_is_a_visit() -> None:
    assert len(visits_of([session(1, at("08:00"), at("08:00"))])) == 1


def test_session_that_stops_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before its start"):
        session(1, at("08:00"), at("07:59"))


def test_fixed_offsets_other_than_ours_and_odd_ones_hold() -> None:
    (visit,) = visits_of([session(1, at("00:10"), at("00:20"))])  # 30 Mar 17:10 UTC
    india = timezone(timedelta(hours=5, minutes=30))
    assert visit.day(UTC) == visit.day(india) == date(2027, 3, 30)
    assert visit.hour(india) == datetime(2027, 3, 30, 22, tzinfo=india)


quickly = settings(max_examples=50)

MINUTES = st.integers(0, 4 * 24 * 60)


@st.composite
def some_sessions(draw: st.DrawFn) -> list[CountedSession]:
    """Few keys and many sessions, so that they meet; none longer than a day."""
    sessions = []
    for number in range(draw(st.integers(0, 14))):
        start = at("00:00") + timedelta(minutes=draw(MINUTES))
        length = timedelta(minutes=draw(st.one_of(st.integers(0, 90), st.integers(0, 1440))))
        sessions.append(
            CountedSession(
                SessionId(number + 1),
                draw(st.sampled_from(AccessKind)),
                draw(st.sampled_from([DEVICES["A"], DEVICES["B"]])),
                draw(st.sampled_from([None, None, "u1"])),
                start,
                start + length,
                accepted=draw(st.sampled_from([True, True, True, False])),
                staff=draw(st.sampled_from([False, False, False, True])),
            )
        )
    return sessions


@quickly
@given(some_sessions())
def test_visits_hold_each_counted_session_once(sessions: list[CountedSession]) -> None:
    visits = visits_of(sessions)
    held = [one for visit in visits for one in visit.sessions]
    assert len(visits) <= len(held)
    assert sorted(held, key=lambda one: one.id) == [one for one in sessions if one.counts]
    assert [visit.start for visit in visits] == sorted(visit.start for visit in visits)


@quickly
@given(some_sessions(), st.randoms(use_true_random=False), st.booleans())
def test_order_and_repetition_change_nothing(sessions: list[CountedSession], chance: object, twice: bool) -> None:
    told = sessions * (2 if twice else 1)
    chance.shuffle(told)  # type: ignore[attr-defined]  # hypothesis' own Random; the module is banned here
    assert visits_of(told) == visits_of(sessions)


@quickly
@given(some_sessions())
def test_shift_by_a_week_changes_nothing(sessions: list[CountedSession]) -> None:
    week = timedelta(days=7)
    shifted = [replace(one, start=one.start + week, stop=one.stop + week) for one in sessions]
    assert groups(visits_of(shifted)) == groups(visits_of(sessions))


@quickly
@given(some_sessions(), st.integers(0, 4))
def test_margin_before_a_day_is_enough_to_tell_its_visits(sessions: list[CountedSession], days: int) -> None:
    begin = at("00:00") + timedelta(days=days)
    end = begin + timedelta(days=1)
    read = [one for one in sessions if begin - MARGIN <= one.start < end]

    def of_the_day(told: list[CountedSession]) -> list[datetime]:
        return [visit.start for visit in visits_of(told) if begin <= visit.start < end]

    assert of_the_day(read) == of_the_day(sessions)
