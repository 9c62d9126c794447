"""Figures add up: days to the month, sites to the hub, whatever the order."""

from dataclasses import fields
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import ClientId
from gateway.accounting.rollup import Sums
from gateway.reports.figures import Counted, counted
from gateway.reports.visit_counts import VisitCounts
from gateway.service.hours import Cause, Service
from gateway.service.workstation import Share, WorkstationTime
from gateway.visits.attempts import Attempt

AT = datetime(2027, 3, 31, 1, tzinfo=UTC)


def test_each_part_comes_to_its_place() -> None:
    told = counted(
        VisitCounts(total=7, kiosk=3, wifi=4, outside_hours=2),
        Sums(visits=7, sessions=11, use_s=15000, up_bytes=5, down_bytes=50),
        [Attempt(ClientId(1), AT, rejected=True), Attempt(ClientId(2), AT, rejected=False)],
        311,
        Service(25200, 21780, 19620, 1500, ((Cause.POWER, 2700),), 2160),
        Share(9, 10),
        [WorkstationTime(100, 60), WorkstationTime(100, 10)],
    )
    assert [getattr(told, one.name) for one in fields(told)] == [
        *(7, 3, 4, 2, 11, 2, 1, 15000, 5, 50, 311),
        *(25200, 21780, 19620, 1500, 9, 10, 200, 70),
    ]
    assert told.served_s == 21780 + 1500


DAYS = st.lists(st.builds(Counted, *(st.integers(0, 10**12) for _ in fields(Counted))), max_size=6)


@given(DAYS, DAYS)
def test_days_of_sites_add_up_either_way(some: list[Counted], others: list[Counted]) -> None:
    by_site = sum(some, Counted()) + sum(others, Counted())
    assert by_site == sum([*others, *some][::-1], Counted())
    assert by_site.visits == sum(day.visits for day in [*some, *others])
