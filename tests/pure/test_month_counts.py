"""A month is counted out of its window alone, and what may change it is known beforehand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.reports.figures import Counted
from gateway.reports.month_counts import MonthCounts, count_month, touched_months
from gateway.reports.period_report import months_needed, report
from gateway.reports.report_values import Report, SiteTold
from gateway.reports.site_facts import SiteFacts, figures_by_day
from gateway.reports.spans import dates_of, month_dates, months_of
from gateway.service.calendar import Calendar, Hours
from gateway.service.workstation import Pc, PcId, PcState, Record, Share
from gateway.visits.growth import GOAL
from gateway.visits.visit import CountedSession

ZONE = timezone(timedelta(hours=7))
PLAN = Calendar(ZONE, dict.fromkeys(range(5), (Hours(450, 660), Hours(810, 1020))))
YEAR = (date(2027, 1, 1), date(2027, 7, 31))
MARCH = date(2027, 3, 1)


def at(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minute)


def session(number: int, start: datetime, minutes: int = 25, device: int = 1) -> CountedSession:
    stop = start + timedelta(minutes=minutes)
    return CountedSession(SessionId(number), AccessKind.WIFI, ClientId(device), None, start, stop)


def some(**more: object) -> SiteFacts:
    """A site that somebody comes to at eight on each workday, with a PC that is seen until February."""
    days = [day for day in dates_of(YEAR) if day.weekday() < 5]
    seen = [(at(day, 480), at(day, 480)) for day in days if day < date(2027, 2, 10)]
    given_ = SiteFacts(
        PLAN,
        [(at(YEAR[0], 0), at(YEAR[1], 0))],
        [session(n, at(day, 480)) for n, day in enumerate(days)],
        pcs=[Record(Pc(PcId("PC01"), date(2020, 1, 1)), sightings=seen)],
    )
    return replace(given_, **more)  # type: ignore[arg-type]


def test_days_and_hours_of_a_month_are_its_figures() -> None:
    facts = some()
    made = count_month(facts, MARCH)
    assert {one.day: one.counted for one in made.days} == figures_by_day(facts, *month_dates(MARCH))
    assert (made.devices, made.is_told) == (1, True)
    for one in made.days:
        assert sum(sums.use_s for _, sums in one.hours) == one.counted.use_s
        assert sum(seconds for _, seconds in one.service.lost_s) == one.counted.promised_s - one.counted.held_s
    empty = count_month(SiteFacts(Calendar(ZONE, {}), []), MARCH)
    assert (empty.is_told, empty.snapshot, sum((one.counted for one in empty.days), Counted())) == (
        False,
        None,
        Counted(),
    )


def test_a_session_over_midnight_leaves_a_sign_on_the_second_day_alone() -> None:
    late = session(1, at(date(2027, 3, 31), 1425), 40)
    march, april = (count_month(SiteFacts(PLAN, [], [late]), month) for month in (MARCH, date(2027, 4, 1)))
    assert (march.days[-1].is_told, march.days[-1].has_signs) == (True, True)
    assert (april.days[0].is_told, april.days[0].has_signs) == (False, True)
    assert (march.days[-1].counted.use_s, april.days[0].counted.use_s) == (900, 1500)
    assert (april.days[0].counted.visits, april.devices) == (0, 0)


minutes = st.integers(0, (YEAR[1] - YEAR[0]).days * 1440)
PLAIN = {month: count_month(some(), month) for month in months_of(YEAR)}


@settings(max_examples=10, deadline=None)
@given(minutes, st.integers(0, 3 * 1440), st.integers(1, 2))
def test_a_session_changes_no_month_but_those_it_touches(minute: int, lasts: int, device: int) -> None:
    came = session(9999, at(YEAR[0], minute), lasts, device)
    first, last = touched_months(came.start.astimezone(UTC).date(), came.stop.astimezone(UTC).date())
    facts = some()
    other = replace(facts, sessions=[*facts.sessions, came])
    changed = {month for month in PLAIN if count_month(other, month) != PLAIN[month]}
    assert all(first <= month <= last for month in changed)
    assert came.start.astimezone(ZONE).date().replace(day=1) in {*changed, date(2027, 8, 1)}


@settings(max_examples=10, deadline=None)
@given(minutes)
def test_a_sighting_of_a_pc_changes_no_month_but_those_it_touches(minute: int) -> None:
    moment = at(YEAR[0], minute)
    facts = some()
    seen = replace(facts.pcs[0], sightings=[*facts.pcs[0].sightings, (moment, moment)])
    first, last = touched_months(moment.astimezone(UTC).date(), moment.astimezone(UTC).date())
    changed = {month for month in PLAIN if count_month(replace(facts, pcs=[seen]), month) != PLAIN[month]}
    assert all(first <= month <= last for month in changed)


def test_touched_months_reach_over_the_look_back_and_end_with_the_calendar() -> None:
    assert touched_months(date(2027, 1, 31), date(2027, 1, 31)) == (date(2027, 1, 1), MARCH)
    assert touched_months(MARCH, MARCH) == (date(2027, 2, 1), date(2027, 4, 1))
    assert touched_months(date.min, date.max) == (date.min, date(9999, 12, 1))


def reported(counts: dict[date, MonthCounts], dates: tuple[date, date]) -> Report:
    needed = {month: counts.get(month) or count_month(some(), month) for month in months_needed(dates)}
    return report([SiteTold("a", "A", PLAN, needed, [(date(2000, 1, 1), date(2099, 1, 1))])], dates, GOAL)


def test_a_pc_is_out_of_order_since_the_month_in_which_it_began() -> None:
    """Unseen since 9 February: suspect from the 12th, though May looks back no further than April."""
    may = (date(2027, 5, 1), date(2027, 5, 31))
    assert count_month(some(), may[0]).pcs[0].since == date(2027, 4, 5)
    (row,) = reported(PLAIN, may).sites[0].pcs
    assert (row.state, row.since, row.days_out) == (PcState.SUSPECT, date(2027, 2, 12), 21)
    half = reported(PLAIN, (date(2027, 1, 1), date(2027, 6, 30))).sites[0]
    assert half.pcs[0].days_out == sum(
        PLAIN[month].pcs[0].days_out for month in months_of((YEAR[0], date(2027, 6, 30)))
    )
    assert half.period.pcs == Share(0, 1)


def test_a_report_needs_its_year_the_one_before_and_what_was_told() -> None:
    told = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 12, 1), date(2027, 4, 1)]
    assert months_needed(month_dates(MARCH), told) == [
        date(2026, 1, 1), date(2026, 3, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), MARCH,
    ]  # fmt: skip
