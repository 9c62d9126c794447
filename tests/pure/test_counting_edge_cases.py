"""The table of edge cases (counting 2.5), row by row, over the modules together; each module's own tests go deeper."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.apportion import spread_bytes
from gateway.accounting.clock_repair import Stamped, Synchronised, is_business_date, settled
from gateway.accounting.rollup import Span, Sums, hours_of_day, roll_up, total
from gateway.reports.lock import adjustments, is_locked
from gateway.reports.period_quality import DayKnown, quality_of
from gateway.reports.quality import GapKind, Start, gaps_within
from gateway.reports.visit_counts import VisitCounts, count_visits
from gateway.service.hours import Happened, extra_held, held, service
from gateway.service.intervals import Interval
from gateway.visits.attempts import Outcome, View, attempts_of
from gateway.visits.comparison import SiteVisits, compare, year_before
from gateway.visits.devices import devices_by_day
from gateway.visits.growth import growth_per_hour
from gateway.visits.visit import CountedSession, counted_sessions, visits_of

ZONE = timezone(timedelta(hours=7))
WIFI, KIOSK = AccessKind.WIFI, AccessKind.KIOSK
MARCH_31, APRIL_1 = date(2027, 3, 31), date(2027, 4, 1)


def at(text: str, day: date = MARCH_31) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}:00+07:00")


def span(text: str, day: date = MARCH_31) -> Interval:
    begin, end = text.split("-")
    return at(begin, day), at(end, day)


def session(
    number: int, text: str, device: int = 1, kind: AccessKind = WIFI, person: str | None = None
) -> CountedSession:
    begin, end = span(text)
    return CountedSession(SessionId(number), kind, ClientId(device), person, begin, end)


def sums(sessions: Sequence[CountedSession], zone: timezone = ZONE) -> dict[datetime, Sums]:
    spans = [Span(one.id, one.start, one.stop) for one in counted_sessions(sessions)]
    return roll_up([visit.start for visit in visits_of(sessions)], spans, (), zone)


def test_session_over_midnight_and_month_end() -> None:
    night = CountedSession(SessionId(1), WIFI, ClientId(1), None, at("23:40"), at("00:20", APRIL_1))
    (visit,) = visits_of([night])
    assert visit.month(ZONE) == date(2027, 3, 1)
    hours = sums([night])
    assert (total(hours_of_day(hours, MARCH_31)), total(hours_of_day(hours, APRIL_1))) == (
        Sums(visits=1, sessions=1, use_s=1200),
        Sums(use_s=1200),
    )
    volume = spread_bytes(Span(night.id, night.start, night.stop), 7, 9, ZONE)
    assert total(volume) == Sums(up_bytes=7, down_bytes=9)


def test_daylight_saving_is_another_offset_of_the_site() -> None:
    night = session(1, "23:10-23:50")
    days = [next(iter(sums([night], timezone(timedelta(hours=hours))))).date() for hours in (7, 8)]
    assert days == [MARCH_31, APRIL_1]
    assert total(sums([night], timezone(timedelta(hours=8)))) == total(sums([night]))


def test_wall_clock_jumps() -> None:
    early = Stamped(datetime(1970, 1, 1, tzinfo=UTC), "boot", provisional=True)
    sync = Synchronised("boot", at("08:00") - early.at)
    assert sync.is_step
    assert settled(settled(early, sync), sync).at == at("08:00")
    assert not is_business_date(early.at.date(), MARCH_31)


def test_two_boots_without_a_shutdown_record() -> None:
    lives = [Start(at("07:00"), "b1", at("09:10"), stopped=False), Start(at("09:55"), "b2", at("17:00"), stopped=True)]
    assert [gap.kind for gap in gaps_within(lives, at("07:00"), at("17:00"))] == [GapKind.POWER]
    # what the store closes at the last sample is told, with how far off it may be
    assert not quality_of([DayKnown(MARCH_31, promised=True, counted=True, cut_sessions=2)]).is_complete


def test_power_back_in_8_minutes_with_the_same_phone() -> None:
    assert len(visits_of([session(1, "08:00-09:10"), session(2, "09:18-10:00")])) == 1


def test_cable_and_wifi_of_one_laptop() -> None:
    cable, radio = session(1, "08:00-08:30", device=1), session(2, "08:31-09:00", device=2)
    assert len(visits_of([cable, radio])) == 2
    assert len(visits_of([replace(cable, person="u1"), replace(radio, person="u1")])) == 1
    assert devices_by_day([cable, radio], ZONE) == {MARCH_31: {1, 2}}


def test_login_again_in_some_minutes() -> None:
    assert len(visits_of([session(1, "08:00-08:30"), session(2, "09:00-09:10")])) == 1
    assert len(visits_of([session(1, "08:00-08:30"), session(2, "09:01-09:10")])) == 2


def test_kiosk_shared_by_three_people_in_a_row() -> None:
    shared = [session(n, f"08:{n}0-08:{n}4", kind=KIOSK) for n in (1, 2, 3)]
    assert len(visits_of(shared)) == 3  # new acceptances, six minutes after the last stop
    silent = [session(n, f"08:{n}0-08:{n}5", kind=KIOSK) for n in (1, 2, 3)]
    assert len(visits_of(silent)) == 1  # within five minutes nobody can tell
    people = [replace(one, person=f"u{one.id}") for one in silent]
    assert len(visits_of(people)) == 3


def test_staff_phone_added_to_the_list_mid_month() -> None:
    before = session(1, "08:00-08:30")
    after = replace(session(2, "08:40-09:00"), staff=True)
    assert [one.id for one in counted_sessions([before, after])] == [1]


def test_phone_that_joins_and_never_opens_a_page() -> None:
    assert visits_of([replace(session(1, "08:00-08:00"), accepted=False)]) == ()
    assert len(attempts_of([View(1, ClientId(1), at("08:00"))])) == 1


def test_captive_check_that_opens_the_splash_each_5_minutes() -> None:
    views = [View(n, ClientId(1), at("08:00") + timedelta(minutes=5 * n)) for n in range(7)]
    assert len(attempts_of(views[:6])) == 1
    assert len(attempts_of(views)) == 2


def test_guest_in_the_yard_after_closing() -> None:
    # refused by the site's policy: an attempt that was rejected
    (attempt,) = attempts_of([View(1, ClientId(1), at("17:30"), Outcome.REFUSED)])
    assert attempt.rejected
    # or let in: outside the promise
    happened = Happened([span("07:30-17:00")], [span("07:30-18:00")], [span("00:00-23:00")])
    assert service(happened).extra_s == 3600
    visits = visits_of([session(1, "17:30-17:50")])
    assert count_visits(visits, {MARCH_31: held(happened)}, ZONE)[MARCH_31].outside_hours == 1
    assert extra_held(happened) == [span("17:00-18:00")]


def test_sixty_phones_behind_one_hot_spot() -> None:
    hot_spot = session(1, "08:00-11:00")
    assert len(visits_of([hot_spot])) == 1
    assert devices_by_day([hot_spot], ZONE) == {MARCH_31: {1}}


def test_the_29th_of_february() -> None:
    leap = (date(2028, 2, 1), date(2028, 2, 29))
    assert year_before(leap) == (date(2027, 2, 1), date(2027, 2, 28))
    # one open day more with the same visits an hour is no growth
    assert growth_per_hour(21 * 70, 21 * 7 * 3600, 20 * 70, 20 * 7 * 3600) == 0


def test_site_opened_mid_last_year() -> None:
    april = (date(2027, 4, 1), date(2027, 4, 30))
    old = SiteVisits("A", [(date(2018, 1, 1), date(2099, 1, 1))], 105, 100)
    new = SiteVisits("B", [(date(2026, 4, 16), date(2099, 1, 1))], 50, 10)
    told = compare([old, new], april, year_before(april))
    assert (told.same_visits, told.same_before, told.left_out) == (105, 100, ("B",))


def test_late_bundle_after_the_month_lock() -> None:
    march = date(2027, 3, 1)
    assert is_locked(march, datetime(2027, 4, 9, tzinfo=ZONE), ZONE)
    (late,) = adjustments(march, {"visits": 1284}, {"visits": 1291})
    assert late.difference == 7


def test_clocks_of_two_sites_differ() -> None:
    # each site's instants are in its own time and zone; the hub adds days by their date and never dates anew
    here = count_visits(visits_of([session(1, "23:50-23:59")]), {}, ZONE)
    there = count_visits(visits_of([session(1, "23:50-23:59")]), {}, timezone(timedelta(hours=8)))
    assert (list(here), list(there)) == ([MARCH_31], [APRIL_1])
    assert sum([*here.values(), *there.values()], VisitCounts()).total == 2
    # rows of an unset clock are named in the quality line
    assert not quality_of([DayKnown(MARCH_31, promised=True, counted=True, provisional=True)]).is_complete
