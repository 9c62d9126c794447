"""All figures of a site out of its facts: the specification's day, and the invariants over the whole."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.rollup import LedgerRow, Span
from gateway.reports.figures import Counted
from gateway.reports.site_facts import SiteFacts, Volume, figures_by_day, period_of
from gateway.service.calendar import Calendar, Change, ChangeKind, Hours
from gateway.service.intervals import Interval, without
from gateway.service.opened import DoorEvent
from gateway.service.workstation import Pc, PcId, Record, Share
from gateway.visits.attempts import Outcome, View
from gateway.visits.visit import CountedSession

ZONE = timezone(timedelta(hours=7))
WEEK = dict.fromkeys(range(5), (Hours(450, 660), Hours(810, 1020)))  # 07:30-11:00, 13:30-17:00
PLAN = Calendar(ZONE, WEEK)
FIRST, DAY, LAST = date(2027, 3, 29), date(2027, 3, 31), date(2027, 4, 4)


def at(text: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), ZONE)


def span(text: str, day: date = DAY) -> Interval:
    begin, end = text.split("-")
    return at(begin, day), at(end, day)


def session(number: int, text: str, kind: AccessKind = AccessKind.WIFI) -> CountedSession:
    begin, end = span(text)
    return CountedSession(SessionId(number), kind, ClientId(number % 5), None, begin, end)


ALWAYS = (at("00:00", date(2027, 1, 1)), at("00:00", date(2027, 6, 1)))
CUT = [span("09:10-09:55")]


def the_day(**more: Any) -> SiteFacts:
    """GV-F's day with some patrons."""
    kiosk = session(3, "14:00-15:00", AccessKind.KIOSK)
    fields_: dict[str, Any] = {
        "calendar": PLAN,
        "up": without([ALWAYS], CUT),
        "sessions": [session(1, "08:00-08:30"), session(2, "17:05-17:15"), kiosk],
        "ledger": [LedgerRow(SessionId(1), 1, at("08:30"), 5, 50)],
        "volumes": [Volume(Span(SessionId(3), kiosk.start, kiosk.stop), 7, 70)],
        "views": [View(1, ClientId(1), at("08:00")), View(2, ClientId(9), at("08:00"), Outcome.REFUSED)],
        "blocked": {DAY: 311},
        "doors": [DoorEvent(at(text), opens) for text, opens in
                  (("07:42", True), ("11:05", False), ("13:30", True), ("17:20", False))],
        "line_down": [span("14:00-14:36"), span("16:00-16:04")],
        "power_cuts": CUT,
        "pcs": [Record(Pc(PcId("PC01"), date(2020, 1, 1)), sightings=[(at("08:00"), at("08:00"))],
                       sessions=[(kiosk.start, kiosk.stop)])],
    }  # fmt: skip
    return SiteFacts(**fields_ | more)


def test_the_day_of_the_specification_with_its_parts() -> None:
    assert figures_by_day(the_day(), DAY, DAY)[DAY] == Counted(
        visits=3,
        kiosk_visits=1,
        wifi_visits=2,
        outside_visits=1,
        sessions=3,
        attempts=2,
        rejected=1,
        use_s=(30 + 10 + 60) * 60,
        up_bytes=12,
        down_bytes=120,
        blocked=311,
        promised_s=420 * 60,
        held_s=363 * 60,
        internet_s=327 * 60,
        extra_s=25 * 60,
        pc_days_ok=1,
        pc_days=1,
        available_s=363 * 60,
        used_s=3600,
    )
    period = period_of(the_day(), DAY, DAY)
    assert (period.devices, period.pcs) == (3, Share(1, 1))


def test_noted_attempts_win_over_views_that_are_left() -> None:
    noted = {DAY: (9, 4), LAST + timedelta(days=1): (1, 1)}
    days = figures_by_day(the_day(noted_attempts=noted), FIRST, LAST)
    assert (days[DAY].attempts, days[DAY].rejected) == (9, 4)
    assert list(days) == [FIRST + timedelta(days=n) for n in range(7)]


def test_without_door_events_use_opens_the_promised_hours_and_decided_openings() -> None:
    sunday = date(2027, 4, 4)
    extra = Change(ChangeKind.EXTRA, at("08:00", sunday), at("10:00", sunday), at("08:00", FIRST))
    begin, end = span("08:30-09:00", sunday)
    there = CountedSession(SessionId(9), AccessKind.WIFI, ClientId(9), None, begin, end)
    plain = the_day()
    facts = replace(plain, doors=None, calendar=replace(PLAN, changes=[extra]), sessions=[*plain.sessions, there])
    days = figures_by_day(facts, FIRST, LAST)
    assert (days[DAY].held_s, days[DAY].extra_s) == ((30 + 60) * 60, 0)  # 17:05 is after hours: no evidence
    assert (days[sunday].promised_s, days[sunday].extra_s) == (0, 1800)


def test_an_outage_over_midnight_is_judged_whole_and_counted_by_day() -> None:
    night = Calendar(ZONE, dict.fromkeys(range(7), (Hours(0, 1440),)))
    down = [(at("23:57"), at("00:03", DAY + timedelta(days=1)))]
    facts = SiteFacts(night, [ALWAYS], doors=[DoorEvent(at("00:00"), opens=True)], line_down=down,
                      evidence=[(at("00:00"), at("23:59"))])  # fmt: skip
    assert figures_by_day(facts, DAY, DAY)[DAY].held_s - figures_by_day(facts, DAY, DAY)[DAY].internet_s == 2 * 60


def test_a_period_longer_than_a_month_has_no_devices_and_an_empty_one_has_zeros() -> None:
    assert period_of(the_day(), date(2027, 3, 1), date(2027, 4, 1)).devices is None
    empty = SiteFacts(Calendar(ZONE, {}), [])
    assert period_of(empty, FIRST, LAST).counted == Counted()
    assert period_of(empty, FIRST, LAST).pcs is None


quickly = settings(max_examples=25, deadline=None)
MOMENTS = st.integers(0, 9 * 1440).map(
    lambda minute: at("00:00", FIRST - timedelta(days=1)) + timedelta(minutes=minute)
)
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda two: (min(two), max(two))), max_size=3)


@st.composite
def some_facts(draw: st.DrawFn) -> SiteFacts:
    sessions, rows, volumes = [], [], []
    for number in range(1, draw(st.integers(1, 8))):
        start = draw(MOMENTS)
        stop = start + timedelta(minutes=draw(st.integers(0, 900)))
        kind, person = draw(st.sampled_from(AccessKind)), draw(st.sampled_from([None, None, "u1"]))
        device = ClientId(draw(st.integers(1, 3)))
        staff = draw(st.sampled_from([False, False, False, True]))
        sessions.append(CountedSession(SessionId(number), kind, device, person, start, stop, staff=staff))
        if draw(st.booleans()):
            rows.append(LedgerRow(SessionId(number), 1, stop + timedelta(seconds=1), draw(st.integers(0, 10**9)), 1))
        else:
            volumes.append(Volume(Span(SessionId(number), start, stop), draw(st.integers(0, 10**9)), 1))
    doors = st.lists(st.builds(DoorEvent, MOMENTS, st.booleans()), max_size=8)
    views = [
        View(n, ClientId(n % 2), draw(MOMENTS), draw(st.sampled_from(Outcome))) for n in range(draw(st.integers(0, 6)))
    ]
    pc = Record(Pc(PcId("PC01"), date(2020, 1, 1)), draw(SPANS), draw(SPANS), draw(SPANS))
    return SiteFacts(
        PLAN, draw(SPANS), sessions, rows, volumes, views, {DAY: 3}, draw(st.none() | doors),
        draw(SPANS), draw(SPANS), draw(SPANS), draw(SPANS), draw(SPANS), [pc],
    )  # fmt: skip


def again(told: Any) -> Any:
    """The same in another order, told twice."""
    return [*told[::-1], *told] if isinstance(told, Sequence) else told


@quickly
@given(some_facts())
def test_another_order_and_twice_change_no_figure(facts: SiteFacts) -> None:
    turned = SiteFacts(*(again(getattr(facts, one.name)) for one in fields(SiteFacts)))
    turned = replace(turned, pcs=facts.pcs)
    assert figures_by_day(turned, FIRST, LAST) == figures_by_day(facts, FIRST, LAST)


@quickly
@given(some_facts())
def test_what_holds_for_any_site_and_days(facts: SiteFacts) -> None:
    days = figures_by_day(facts, FIRST, LAST)
    week = sum(days.values(), Counted())
    assert period_of(facts, FIRST, LAST).counted == week
    assert list(days) == [FIRST + timedelta(days=n) for n in range(7)]
    for one in [*days.values(), week]:
        assert one.visits <= one.sessions
        assert one.kiosk_visits + one.wifi_visits == one.visits >= one.outside_visits
        assert one.rejected <= one.attempts
        assert one.internet_s <= one.held_s <= one.promised_s
        assert one.used_s <= one.available_s <= one.held_s
        assert one.pc_days_ok <= one.pc_days
    alone = sum((figures_by_day(facts, day, day)[day] for day in days), Counted())
    assert alone == week


def moved(told: Any, by: timedelta) -> Any:
    """Facts with every instant later."""
    if isinstance(told, datetime | date):
        return told + by
    if isinstance(told, Calendar | Pc | str) or told is None:
        return told
    if isinstance(told, dict):
        return {moved(key, by): value for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(moved(one, by) for one in told)
    if hasattr(told, "__dataclass_fields__"):
        return type(told)(*(moved(getattr(told, one.name), by) for one in fields(told)))
    return told


@quickly
@given(some_facts())
def test_a_shift_by_a_week_changes_no_figure(facts: SiteFacts) -> None:
    week = timedelta(days=7)
    plain = figures_by_day(facts, FIRST, LAST)
    later = figures_by_day(moved(facts, week), FIRST + week, LAST + week)
    assert {day + week: one for day, one in plain.items()} == later
