"""How a site stood at the end of a day: the line, what needs action and in which order, the goal."""

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from gateway.billing.variance import Status
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
    alerts,
    line_day,
    needs_of,
)
from gateway.reports.tables import PcRow
from gateway.service.workstation import UNENDED, PcState, Share
from gateway.visits.growth import Pace, Rating

ZONE = timezone(timedelta(hours=7))
DAY = date(2027, 3, 31)
WHOLE = datetime(2027, 3, 31, tzinfo=ZONE), datetime(2027, 4, 1, tzinfo=ZONE)
LATER = datetime(2027, 4, 2, tzinfo=ZONE)


def at(hour: int, minute: int = 0, day: int = 31) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=ZONE)


def test_outages_are_the_isps_of_five_minutes_and_more_cut_to_the_day() -> None:
    down = [
        ((at(23, 50, 30), at(0, 4)), False, True),  # 14 minutes as a whole, 4 of them on this day
        ((at(9), at(9, 4)), False, False),
        ((at(10), at(11)), False, False),
        ((at(23, 58), datetime(2027, 4, 1, 1, tzinfo=ZONE)), False, False),
    ]
    told = line_day(down, [(at(10, 30), at(11))], WHOLE, LATER)
    assert [(one.start, one.stop, one.has_ticket) for one in told.outages] == [
        (at(0), at(0, 4), True),
        (at(10), at(10, 30), False),
        (at(23, 58), WHOLE[1], False),
    ]
    assert told.minutes == 36
    assert [one.minutes for one in told.outages] == [4, 30, 2]


def test_an_outage_that_goes_on_is_told_until_now() -> None:
    told = line_day([((at(14), UNENDED), True, False)], [], WHOLE, at(21, 30))
    assert [(one.stop, one.goes_on) for one in told.outages] == [(at(21, 30), True)]
    assert line_day([((at(14), UNENDED), True, False)], [], WHOLE, LATER).outages[0].stop == WHOLE[1]
    assert line_day([], [], WHOLE, at(0, 0, 30)).outages == ()


def test_what_hinders_patrons_comes_first_and_pcs_of_one_day_are_one_item() -> None:
    rows = [
        PcRow("PC01", PcState.OK, None, 0),
        PcRow("PC02", PcState.SUSPECT, date(2027, 3, 29), 2),
        PcRow("PC03", PcState.FAULT, date(2027, 3, 12), 9),
        PcRow("PC04", PcState.SUSPECT, date(2027, 3, 29), 2),
        PcRow("PC05", PcState.RETIRED, None, 0),
    ]
    outages = Outage(at(9), at(10)), Outage(at(14), at(15), has_ticket=True)
    bill = BillOpen("HD-1", date(2027, 2, 1), Status.HIGHER, 38_500)
    assert needs_of(rows, LineDay(outages), [bill], [ClockUnset(), ListsOld(1, 9)]) == (
        PcsOut(("PC03",), PcState.FAULT, date(2027, 3, 12)),
        PcsOut(("PC02", "PC04"), PcState.SUSPECT, date(2027, 3, 29)),
        OutageUntold(outages[0]),
        ClockUnset(),
        ListsOld(1, 9),
        bill,
    )


@pytest.mark.parametrize(
    ("need", "is_alert"),
    [
        (PcsOut(("PC01",), PcState.FAULT, DAY), True),
        (PcsOut(("PC01",), PcState.FAULT, DAY - timedelta(days=1)), False),
        (OutageUntold(Outage(at(9), at(10))), True),
        (ClockUnset(), True),
        (ListsOld(1, 9), False),
        (BillOpen("HD-1", date(2027, 2, 1), Status.NO_INVOICE, None), False),
    ],
)
def test_a_closed_day_is_mailed_for_what_is_new(need: PcsOut | OutageUntold | BillOpen, is_alert: bool) -> None:
    state = DayState((need,), Share(9, 10), 0, 0, LineDay(), Goal(0))
    assert alerts(state, DAY) is is_alert


def test_the_goal_so_far_and_what_the_month_still_needs() -> None:
    goal = Goal(1238, before=600, before_month=1207)
    assert (goal.percent, goal.rating, goal.still_needed) == (Fraction(100 * 638, 600), Rating.EXCEEDED, 30)
    half = Goal(638, 600, 1207, promised_so_far_s=80 * 3600, promised_s=161 * 3600, days_left=11)
    assert half.pace == Pace(Fraction(638 * 161, 80), 58)  # 1,268 - 638 = 630 in 11 days
    whole = Goal(1284, before=1207, before_month=1207)
    assert (whole.rating, whole.still_needed) == (Rating.MET, 0)
    assert (Goal(10).percent, Goal(10).rating, Goal(10).still_needed) == (None, Rating.NO_BASE, None)
    assert Goal(10, before=0, before_month=0).still_needed is None
