"""The same period a year before, same sites, and baselines by hand."""

from datetime import date

import pytest

from gateway.visits.comparison import (
    Baseline,
    Compared,
    Method,
    SiteVisits,
    baseline,
    compare,
    is_active,
    method_changed,
    year_before,
)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2028-02-01 2028-02-29", "2027-02-01 2027-02-28"),  # month against month
        ("2029-02-01 2029-02-28", "2028-02-01 2028-02-29"),
        ("2028-02-29 2028-02-29", "2027-02-28 2027-02-28"),
        ("2027-03-01 2027-03-17", "2026-03-01 2026-03-17"),
        ("2027-01-01 2027-12-31", "2026-01-01 2026-12-31"),
        ("2027-10-01 2027-12-31", "2026-10-01 2026-12-31"),
    ],
)
def test_the_same_period_a_year_before(period: str, before: str) -> None:
    first, last = (date.fromisoformat(day) for day in period.split())
    assert " ".join(day.isoformat() for day in year_before((first, last))) == before


ALWAYS = [(date(2018, 1, 1), date(2099, 12, 31))]
MARCH, MARCH_BEFORE = (date(2027, 3, 1), date(2027, 3, 31)), (date(2026, 3, 1), date(2026, 3, 31))


def test_same_sites_were_active_on_every_day_of_both_periods_and_have_both_figures() -> None:
    sites = [
        SiteVisits("old", ALWAYS, 500, 450),
        SiteVisits("opened mid last year", [(date(2026, 3, 2), date(2099, 1, 1))], 300, 200),
        SiteVisits("closed on the last day", [(date(2018, 1, 1), date(2027, 3, 30))], 90, 100),
        SiteVisits("silent", ALWAYS, None, 70),
        SiteVisits("moved", [(date(2018, 1, 1), date(2026, 3, 15)), (date(2026, 3, 16), date(2099, 1, 1))], 20, 10),
    ]
    compared = compare([*sites[::-1], *sites], MARCH, MARCH_BEFORE)
    assert compared == Compared(
        same_visits=520,
        same_before=460,
        left_out=("closed on the last day", "opened mid last year", "silent"),
        all_visits=910,
        all_before=830,
    )


def test_a_pause_of_a_day_is_not_active_on_every_day() -> None:
    assert not is_active([(date(2026, 1, 1), date(2027, 3, 9)), (date(2027, 3, 11), date(2028, 1, 1))], MARCH)
    assert not is_active([], MARCH)
    assert is_active([(date(2027, 3, 1), date(2027, 3, 1)), (date(2027, 3, 2), date(2027, 3, 31))], MARCH)


def test_a_hand_baseline_wins_and_carries_the_flag() -> None:
    hand, counted = Baseline(1200, Method.HAND, "Sổ theo dõi 2026"), Baseline(1187, Method.GATEWAY)
    assert baseline(hand, counted) is hand
    assert baseline(None, counted) is counted
    assert baseline(None, None) is None
    assert method_changed([counted, hand])
    assert not method_changed([counted])
