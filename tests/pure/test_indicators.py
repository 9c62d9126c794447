"""The rows of Biểu 1."""

from fractions import Fraction

from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import Indicator, Row, Unit, indicators
from gateway.service.workstation import Share
from gateway.visits.growth import Band, Rating

NOW = Counted(
    visits=1284,
    kiosk_visits=800,
    wifi_visits=484,
    outside_visits=12,
    sessions=2001,
    attempts=2100,
    rejected=31,
    up_bytes=10**9,
    down_bytes=10**10,
    blocked=311,
    promised_s=161 * 3600,
    held_s=501_120,
    internet_s=478_440,
    extra_s=3600,
    pc_days_ok=227,
    pc_days=230,
    available_s=1589 * 3600,
    used_s=4_041_000,
)
BEFORE = Counted(visits=1207, kiosk_visits=900, wifi_visits=307, promised_s=168 * 3600, held_s=168 * 3600)


def rows(now: Period, before: Period | None = None, to_date: Counted = NOW) -> dict[Row, Indicator]:
    return {one.row: one for one in indicators(now, before, to_date)}


def test_rows_stand_in_the_tables_order() -> None:
    assert [one.row for one in indicators(Period(NOW), None, NOW)] == list(Row)


def test_visits_have_the_goals_plan_and_rating() -> None:
    told = rows(Period(NOW), Period(BEFORE), NOW + BEFORE)[Row.VISITS]
    assert told == Indicator(Row.VISITS, Unit.COUNT, 1268, 1284, 1207, Fraction(7700, 1207), 1284 + 1207, Rating.MET)
    assert indicators(Period(NOW), Period(BEFORE), NOW, Band(7, 9))[0].rating is Rating.MISSED


def test_without_last_year_there_is_nothing_to_compare() -> None:
    told = rows(Period(NOW))
    assert (told[Row.VISITS].rating, told[Row.VISITS].plan) == (Rating.NO_BASE, None)
    assert all(one.before is None and one.change is None for one in told.values())


def test_hours_are_judged_exactly_against_the_promise() -> None:
    told = rows(Period(NOW), Period(BEFORE))
    held = told[Row.HOURS_HELD]
    assert (held.plan, held.actual, held.rating) == (161 * 3600, 501_120, Rating.MISSED)
    assert told[Row.HOURS_INTERNET].rating is Rating.MISSED
    assert (told[Row.HOURS_EXTRA].plan, told[Row.HOURS_EXTRA].actual) == (None, 3600)
    kept = rows(Period(Counted(promised_s=3600, held_s=3600, internet_s=3599)))
    assert (kept[Row.HOURS_HELD].rating, kept[Row.HOURS_INTERNET].rating) == (Rating.MET, Rating.MISSED)


def test_pcs_by_snapshot_and_shares_in_percent() -> None:
    told = rows(Period(NOW, devices=410, pcs=Share(9, 10)), Period(BEFORE, devices=400, pcs=Share(8, 10)))
    assert (told[Row.PCS].plan, told[Row.PCS].actual, told[Row.PCS].rating) == (10, 9, Rating.MISSED)
    assert (told[Row.DEVICES].change, told[Row.DEVICES].to_date) == (Fraction(5, 2), None)
    assert told[Row.PC_DAYS].actual == Fraction(22700, 230)
    assert told[Row.WORKSTATION_USE].actual == Fraction(100 * 4_041_000, 1589 * 3600)
    assert told[Row.PC_DAYS].before is None  # none were in service last year


def test_a_month_of_zeros_has_no_ratio_and_no_rating() -> None:
    told = rows(Period(Counted()), Period(Counted()), Counted())
    assert told[Row.VISITS].rating is Rating.NO_BASE
    assert {told[row].rating for row in Row if row is not Row.VISITS} == {None}
    assert (told[Row.PC_DAYS].actual, told[Row.PCS].actual, told[Row.BLOCKED].actual) == (None, None, 0)
