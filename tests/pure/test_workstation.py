"""PCs: the golden vector, the states' edges, and what must hold for any of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reports.rounding import rounded
from gateway.service.hours import percent_of
from gateway.service.intervals import Interval, common, holds, united
from gateway.service.workstation import (
    UNENDED,
    Pc,
    PcId,
    PcState,
    Record,
    ServiceDay,
    Share,
    pc_days,
    snapshot,
    state_at,
    suspected,
    workstation_time,
)

ZONE = timezone(timedelta(hours=7))
MARCH = (date(2027, 3, 1), date(2027, 3, 31))


def at(day: int, text: str) -> datetime:
    return datetime.combine(date(2027, 3, day), time.fromisoformat(text), ZONE)


def service_day(day: int, *, is_held: bool = True) -> ServiceDay:
    promised = [(at(day, "07:30"), at(day, "11:00")), (at(day, "13:30"), at(day, "17:00"))]
    return ServiceDay(date(2027, 3, day), promised, promised if is_held else [])


WORKDAYS = [day for day in range(1, 32) if date(2027, 3, day).weekday() < 5]
DAYS = [service_day(day) for day in WORKDAYS]


def probes(*days: int) -> list[Interval]:
    return [(at(day, "10:00"), at(day, "10:00")) for day in days]


def record(*days: int, faults: Sequence[Interval] = (), name: str = "PC01") -> Record:
    """A PC that was seen on these days."""
    return Record(Pc(PcId(name), date(2020, 1, 1)), faults, probes(*days))


def test_golden_vector_of_the_specification() -> None:
    fault = (at(9, "00:00"), at(12, "00:00"))  # Tuesday to Thursday, repaired
    records = [replace(record(*WORKDAYS, name=f"PC{n:02}"), faults=[fault] if n == 7 else []) for n in range(1, 11)]
    # 1,122.5 h of use spread over the nine that had no fault, 07:30 on each day
    used_s = 1122 * 3600 + 1800
    for n in (0, 1, 2, 3, 4, 5, 7, 8, 9):
        sessions = []
        for day in WORKDAYS:
            length = min(used_s, 7 * 3600)
            morning, afternoon = min(length, 12600), max(0, length - 12600)
            sessions += [(at(day, "07:30"), at(day, "07:30") + timedelta(seconds=morning))]
            sessions += [(at(day, "13:30"), at(day, "13:30") + timedelta(seconds=afternoon))]
            used_s -= length
        records[n] = replace(records[n], sessions=sessions)
    assert used_s == 0
    assert snapshot(records, DAYS, MARCH, ZONE) == Share(10, 10)
    days = pc_days(records, DAYS, MARCH, ZONE)
    assert days == Share(227, 230)
    assert rounded(percent_of(days.part, days.whole) or 0, 2) == "98.70"
    times = workstation_time(records, DAYS, MARCH, ZONE).values()
    available_s, in_use_s = sum(one.available_s for one in times), sum(one.used_s for one in times)
    assert (available_s, in_use_s) == (1589 * 3600, 1122 * 3600 + 1800)
    assert rounded(percent_of(in_use_s, available_s) or 0, 2) == "70.64"


def test_three_unseen_service_days_make_a_pc_suspect_until_it_is_seen() -> None:
    # unseen on Thursday 4, Friday 5, Monday 8; seen on Tuesday 9 at 10:00
    away = record(*(day for day in WORKDAYS if day not in (4, 5, 8)))
    assert suspected(away, DAYS, ZONE) == [(at(8, "17:00"), at(9, "10:00"))]
    suspects = suspected(away, DAYS, ZONE)
    assert state_at(away, suspects, date(2027, 3, 8), at(8, "16:59")) is PcState.OK
    assert state_at(away, suspects, date(2027, 3, 8), at(8, "17:00")) is PcState.SUSPECT
    assert state_at(away, suspects, date(2027, 3, 9), at(9, "10:00")) is PcState.OK
    assert suspected(record(*(day for day in WORKDAYS if day not in (4, 5))), DAYS, ZONE) == []


def test_days_without_service_neither_count_nor_break_the_row() -> None:
    days = [service_day(day, is_held=day != 5) for day in WORKDAYS]
    away = record(*(day for day in WORKDAYS if day not in (4, 5, 8)))
    assert suspected(away, days, ZONE) == []
    longer = record(*(day for day in WORKDAYS if day not in (4, 5, 8, 9)))
    assert suspected(longer, days, ZONE) == [(at(9, "17:00"), at(10, "10:00"))]
    seen_on_sunday = record(*(day for day in WORKDAYS if day not in (4, 5, 8)), 7)
    assert suspected(seen_on_sunday, DAYS, ZONE) == []


def test_sessions_and_closed_tickets_are_sightings_and_days_of_a_fault_are_not_unseen() -> None:
    seen = [day for day in WORKDAYS if day not in (3, 4, 5, 8, 9)]
    by_session = replace(record(*seen), sessions=[(at(5, "08:00"), at(5, "08:20"))])
    assert suspected(by_session, DAYS, ZONE) == []
    fault = (at(5, "08:00"), at(5, "09:00"))
    assert suspected(record(*seen, faults=[fault]), DAYS, ZONE) == []
    assert suspected(record(*seen), DAYS, ZONE) == [(at(5, "17:00"), at(10, "10:00"))]
    closed_in_the_night = replace(record(*seen), faults=[(at(5, "18:00"), at(5, "19:00"))])
    assert suspected(closed_in_the_night, DAYS, ZONE) == []


def test_silence_before_the_period_counts_and_the_last_has_no_end() -> None:
    period = (date(2027, 3, 8), date(2027, 3, 8))
    gone = record(1, 2, 3)
    assert suspected(gone, DAYS, ZONE) == [(at(8, "17:00"), UNENDED)]
    # the instant of the snapshot is the end of the last promised interval, where the suspicion begins
    assert snapshot([gone], DAYS[:6], period, ZONE) == Share(0, 1)


def test_an_open_fault_reaches_to_the_end_of_time() -> None:
    broken = record(*WORKDAYS, faults=[(at(12, "08:00"), UNENDED)])
    assert snapshot([broken], DAYS, MARCH, ZONE) == Share(0, 1)
    assert pc_days([broken], DAYS, MARCH, ZONE) == Share(9, 23)


def test_a_pc_day_is_spoilt_by_half_of_its_promised_time() -> None:
    half = record(*WORKDAYS, faults=[(at(9, "07:30"), at(9, "11:00"))])
    less = record(*WORKDAYS, faults=[(at(9, "07:31"), at(9, "13:30"))])  # the lunch break is nobody's time
    assert pc_days([half], DAYS, MARCH, ZONE) == Share(22, 23)
    assert pc_days([less], DAYS, MARCH, ZONE) == Share(23, 23)


def test_purchase_and_retirement_enter_by_day() -> None:
    new = replace(record(*WORKDAYS), pc=Pc(PcId("PC11"), date(2027, 3, 30)))
    old = replace(record(*WORKDAYS), pc=Pc(PcId("PC12"), date(2020, 1, 1), retired_on=date(2027, 3, 2)))
    last = replace(record(*WORKDAYS), pc=Pc(PcId("PC13"), date(2020, 1, 1), retired_on=date(2027, 4, 1)))
    assert pc_days([new, old], DAYS, MARCH, ZONE) == Share(2 + 1, 2 + 1)
    assert snapshot([new, old, last], DAYS, MARCH, ZONE) == Share(2, 2)
    assert state_at(old, [], date(2027, 3, 2), at(2, "08:00")) is PcState.RETIRED
    assert workstation_time([old], DAYS, MARCH, ZONE)[old.pc.id].available_s == 7 * 3600


def test_days_without_a_promise_are_no_pc_days_and_no_snapshot() -> None:
    sunday = ServiceDay(date(2027, 3, 7), [], [])
    period = (sunday.day, sunday.day)
    assert pc_days([record(7)], [sunday], period, ZONE) == Share(0, 0)
    assert snapshot([record(7)], [sunday], period, ZONE) is None
    assert snapshot([record(*WORKDAYS)], [*DAYS, sunday], MARCH, ZONE) == Share(1, 1)


def test_two_sessions_at_once_use_a_pc_once_and_only_while_it_is_ready() -> None:
    sessions = [
        (at(9, "08:00"), at(9, "09:00")),
        (at(9, "08:30"), at(9, "09:30")),  # a silent hand-over: overlapping
        (at(9, "10:30"), at(9, "13:40")),  # over the lunch break
        (at(10, "08:00"), at(10, "09:00")),  # on a day of a fault
    ]
    used = replace(record(*WORKDAYS, faults=[(at(10, "00:00"), at(11, "00:00"))]), sessions=sessions)
    assert workstation_time([used], DAYS, MARCH, ZONE)[used.pc.id].used_s == (90 + 30 + 10) * 60


quickly = settings(max_examples=50, deadline=None)
MOMENTS = st.integers(0, 31 * 1440).map(lambda minute: at(1, "00:00") + timedelta(minutes=minute))
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda two: (min(two), max(two))), max_size=4)
RECORDS = st.builds(Record, st.just(Pc(PcId("PC01"), date(2027, 3, 3), date(2027, 3, 29))), SPANS, SPANS, SPANS)


@quickly
@given(RECORDS)
def test_used_is_never_more_than_available_and_weeks_add_up(some: Record) -> None:
    (time_of,) = workstation_time([some], DAYS, MARCH, ZONE).values()
    assert 0 <= time_of.used_s <= time_of.available_s
    whole = pc_days([some], DAYS, MARCH, ZONE)
    halves = [
        pc_days([some], DAYS, part, ZONE) for part in ((MARCH[0], date(2027, 3, 14)), (date(2027, 3, 15), MARCH[1]))
    ]
    assert Share(sum(one.part for one in halves), sum(one.whole for one in halves)) == whole
    assert whole.part <= whole.whole


@quickly
@given(RECORDS, st.sets(st.sampled_from(WORKDAYS)))
def test_suspicion_is_where_the_definition_says(some: Record, unserved: set[int]) -> None:
    """An oracle by the instant: three served days before it were unseen, and nothing was seen since the first."""
    days = [service_day(day, is_held=day not in unserved) for day in WORKDAYS]
    seen = [*some.sightings, *some.sessions, *((end, end) for _, end in united(some.faults))]
    suspects = suspected(some, days, ZONE)

    def is_seen(begin: datetime, end: datetime) -> bool:
        return any(first < end and (begin < last or begin <= first) for first, last in seen)

    def is_suspect(moment: datetime) -> bool:
        served = [one for one in days if one.held and some.pc.is_in_service(one.day)]
        for last in (one for one in served if one.promised[-1][1] <= moment):
            row = served[max(0, served.index(last) - 2) : served.index(last) + 1]
            begin, end = at(row[0].day.day, "00:00"), at(last.day.day, "00:00") + timedelta(days=1)
            faulty = any(common(some.faults, [(at(one.day.day, "00:00"), at(one.day.day, "23:59"))]) for one in row)
            if len(row) == 3 and not faulty and not is_seen(begin, max(end, moment + timedelta(minutes=1))):
                return True
        return False

    for day in WORKDAYS[::3]:
        for moment in (at(day, "16:59"), at(day, "17:00"), at(day, "23:30")):
            assert holds(suspects, moment) == is_suspect(moment)


@quickly
@given(RECORDS)
def test_order_and_repetition_change_nothing(some: Record) -> None:
    turned = Record(
        some.pc, [*some.faults[::-1], *some.faults], [*some.sightings[::-1], *some.sightings], some.sessions[::-1]
    )
    assert suspected(turned, DAYS[::-1], ZONE) == suspected(some, DAYS, ZONE)
    assert pc_days([turned], DAYS, MARCH, ZONE) == pc_days([some], DAYS, MARCH, ZONE)
