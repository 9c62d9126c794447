"""The day so far as plain values: those of the nightly summary, with the goal's bounds as whole visits."""

import json
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from gateway.accounting.rollup import Sums
from gateway.billing.variance import Status
from gateway.reports.day import DayFigures
from gateway.reports.day_state import (
    BillOpen,
    ClockUnset,
    DayState,
    Goal,
    LineDay,
    ListsOld,
    Outage,
    OutageUntold,
    PcsOut,
)
from gateway.reports.nightly_json import figures_tree
from gateway.reports.today import HourTold, TodayTold, today_told
from gateway.service.workstation import PcState, Share
from gateway.visits.growth import needed, rating

ZONE = timezone(timedelta(hours=7))
DAY = date(2027, 3, 31)
NOW = datetime(2027, 3, 31, 15, 0, tzinfo=ZONE)
MORNING = Sums(visits=30, sessions=41, use_s=70_000, up_bytes=100, down_bytes=9_000)
OUT = Outage(NOW - timedelta(hours=1), NOW, goes_on=True)
FIGURES = DayFigures(
    day=DAY,
    zone=ZONE,
    sums=MORNING,
    hours={NOW - timedelta(hours=7): MORNING},
    attempts=50,
    refusals=12,
    refused=(("gambling", 12),),
    weekday_visits=tuple((DAY - timedelta(weeks=n), visits) for n, visits in ((1, 41), (2, 45), (3, 40), (4, 46))),
    month_visits=1238,
    month_days=20,
    counted_until=NOW,
)
STATE = DayState(
    needs=(
        PcsOut(("PC02", "PC07"), PcState.FAULT, DAY),
        OutageUntold(OUT),
        ListsOld(2, 9),
        ClockUnset(),
        BillOpen("HD-12", date(2027, 2, 1), Status.NO_INVOICE, None),
    ),
    pcs=Share(8, 10),
    promised_s=25_200,
    held_s=18_000,
    line=LineDay((OUT,), Fraction(92_000), 100_000),
    goal=Goal(1238, 1207, 1300, promised_so_far_s=500_000, promised_s=550_000, days_left=3),
)


def told() -> TodayTold:
    return today_told(FIGURES, STATE, "sa-thay", "Sa Thầy", NOW)


def test_each_figure_is_the_nights() -> None:
    tree = json.loads(json.dumps(figures_tree(FIGURES, "sa-thay", "Sa Thầy", "vi", STATE)))
    day = told()
    assert (day.visits, day.sessions, day.use_s, day.attempts) == (
        tree["visits"],
        tree["sessions"],
        tree["use_s"],
        tree["attempts"],
    )
    assert day.hours == (HourTold(8, 30, 70_000),)
    assert day.weekday_mean == Fraction(43) and tree["weekday_mean"]["visits"] == "43.00"
    goal, by_night = day.goal, tree["goal"]
    for name in ("visits", "before", "before_month", "change_percent", "still_needed", "needed_a_day"):
        assert getattr(goal, name) == by_night[name], name
    assert goal.projected == 1362 and by_night["projected"] == "1361.80"
    assert (day.down_minutes, day.speed_kbit_s) == (tree["line"]["down_minutes"], tree["line"]["speed_kbit_s"])
    assert (day.pcs_working, day.pcs_in_service) == (8, 10)


@pytest.mark.parametrize("before", [1, 3, 10, 12, 19, 20, 100, 700, 1207, 1300, 99_999])
def test_the_band_is_where_the_rating_says_met(before: int) -> None:
    goal = today_told(
        FIGURES, DayState((), None, 0, 0, LineDay(), Goal(0, None, before)), "sa-thay", "Sa Thầy", NOW
    ).goal
    assert goal.low == needed(before) and goal.high is not None and goal.high >= goal.low
    if goal.high > goal.low:
        assert [rating(visits, before).name for visits in (goal.low - 1, goal.low, goal.high, goal.high + 1)] == [
            "MISSED",
            "MET",
            "MET",
            "EXCEEDED",
        ]


def test_without_a_base_there_is_no_goal_and_nothing_is_made_up() -> None:
    goal = today_told(FIGURES, DayState((), None, 0, 0, LineDay(), Goal(7)), "sa-thay", "Sa Thầy", NOW).goal
    assert (goal.low, goal.high, goal.still_needed, goal.change, goal.projected) == (None, None, None, None, None)


def test_what_is_to_be_done_is_told_in_both_languages_with_its_kind() -> None:
    actions = told().actions
    assert [each.kind for each in actions] == ["pc", "outage", "lists", "clock", "bill"]
    assert actions[0].subject == "PC02, PC07" and actions[0].vi == "Máy PC02, PC07 hỏng từ 31/3."
    assert all(each.vi != each.en and each.en.endswith(".") for each in actions)
