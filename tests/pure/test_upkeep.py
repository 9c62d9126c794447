"""Upkeep: done this month, due, overdue."""

from datetime import date

import pytest

from gateway.service.upkeep import UpkeepState, upkeep_state
from gateway.service.workstation import Pc, PcId

MARCH, FEBRUARY, JANUARY = date(2027, 3, 1), date(2027, 2, 1), date(2027, 1, 1)
OLD, NEW, RETIRED = date(2020, 1, 2), date(2027, 2, 2), date(2027, 3, 20)


@pytest.mark.parametrize(
    ("bought", "retired", "looked_at", "state"),
    [
        (OLD, None, {MARCH}, UpkeepState.DONE),
        (OLD, None, {FEBRUARY}, UpkeepState.DUE),
        (OLD, None, {JANUARY}, UpkeepState.OVERDUE),
        (OLD, None, set(), UpkeepState.OVERDUE),
        (FEBRUARY, None, set(), UpkeepState.OVERDUE),
        (NEW, None, set(), UpkeepState.DUE),
        (OLD, RETIRED, set(), UpkeepState.NONE),
        (date(2027, 4, 1), None, set(), UpkeepState.NONE),
    ],
)
def test_a_month_is_due_while_it_runs(
    bought: date, retired: date | None, looked_at: set[date], state: UpkeepState
) -> None:
    assert upkeep_state(Pc(PcId("PC07"), bought, retired), looked_at, date(2027, 3, 20)) is state
