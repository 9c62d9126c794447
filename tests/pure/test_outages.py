"""Outages of the line: whose they are, how long, and how available it was."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.reports.rounding import rounded
from gateway.service.intervals import Interval, length_s
from gateway.service.outages import PROMISED_AVAILABILITY, allowance_s, availability, isp_outages

ZERO = datetime(2027, 3, 31, 17, tzinfo=UTC)  # the first of April at the site


def minutes(begin: float, end: float) -> Interval:
    return ZERO + timedelta(minutes=begin), ZERO + timedelta(minutes=end)


MONTH = minutes(0, 43200)
ISP = [
    minutes(-30, 45),
    minutes(600, 1000),
    minutes(900, 1300),
    minutes(5000, 5003),
    minutes(10000, 10780),
    minutes(43100, 43300),
]
OURS = [minutes(2000, 2090), minutes(20000, 20020)]


def test_worked_merge_of_the_specification() -> None:
    whole = isp_outages(ISP, OURS, MONTH, floor=timedelta(0))
    counted = isp_outages([*ISP[::-1], *ISP], OURS, MONTH)
    assert (length_s(whole), length_s(counted)) == (1628 * 60, 1625 * 60)
    available = availability(counted, [MONTH])
    assert available is not None
    assert rounded(available, 3) == "96.238"


@pytest.mark.parametrize(
    ("down", "kept"),
    [
        ([minutes(100, 105)], 300),  # 5:00 counts
        ([minutes(100, 104.99)], 0),
        ([minutes(100, 103), minutes(103, 106)], 360),  # touching intervals are one
        ([minutes(100, 103), minutes(103.5, 106)], 0),
        ([minutes(-4, 2)], 120),  # judged by its length, counted within the month
        ([minutes(43198, 43210)], 120),
        ([minutes(1998, 2004)], 0),  # the power cut takes all but two minutes
        ([minutes(1990, 2100)], 1200),  # ten minutes on either side of the power cut
    ],
)
def test_floor_and_clipping(down: list[Interval], kept: int) -> None:
    assert length_s(isp_outages(down, OURS, MONTH)) == kept


@pytest.mark.parametrize(("days", "allowed"), [(28, "201.6"), (29, "208.8"), (30, "216.0"), (31, "223.2")])
def test_allowance_at_the_promised_availability(days: int, allowed: str) -> None:
    assert rounded(allowance_s(days) / 60, 1) == allowed
    exact = availability([(ZERO, ZERO + timedelta(seconds=int(allowance_s(days))))], [(ZERO, ZERO + days * _DAY)])
    assert exact == PROMISED_AVAILABILITY


def test_availability_can_print_as_kept_and_fail() -> None:
    available = availability([(ZERO, ZERO + timedelta(seconds=216 * 60 + 1))], [MONTH])
    assert available is not None
    assert rounded(available, 2) == "99.50"
    assert available < PROMISED_AVAILABILITY


def test_availability_within_service_hours_looks_at_them_alone() -> None:
    assert availability([minutes(0, 90)], [minutes(60, 120), minutes(200, 260)]) == 75
    assert availability([minutes(0, 90)], []) is None


_DAY = timedelta(days=1)
