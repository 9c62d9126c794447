"""Whole parts that add up, by largest remainder."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.session import SessionId
from gateway.accounting.apportion import apportion, spread_bytes
from gateway.accounting.rollup import Span, Sums

ZONE = timezone(timedelta(hours=7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-{text}:00+07:00")


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),  # a tie: the earlier one
        (100, [2, 1, 1], (50, 25, 25)),
        (10, [1, 2, 4], (1, 3, 6)),  # 1.43, 2.86, 5.71: the remainders .86 and .71
        (3, [10, 0, 10], (2, 0, 1)),
        (7, [0, 0], (7, 0)),
        (0, [1, 2], (0, 0)),
    ],
)
def test_largest_remainders_get_what_is_left(total: int, weights: list[int], parts: tuple[int, ...]) -> None:
    assert apportion(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [])])
def test_what_can_not_be_split_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"split|zero"):
        apportion(total, weights)


def test_bytes_of_a_session_over_midnight_and_month_end_go_to_both_days() -> None:
    span = Span(SessionId(1), at("03-31T23:40"), at("04-01T00:20"))
    assert spread_bytes(span, 101, 10**9 + 1, ZONE) == {
        at("03-31T23:00"): Sums(up_bytes=51, down_bytes=500_000_001),
        at("04-01T00:00"): Sums(up_bytes=50, down_bytes=500_000_000),
    }


def test_bytes_of_a_session_of_no_length_stay_in_its_hour() -> None:
    span = Span(SessionId(1), at("03-31T08:10"), at("03-31T08:10"))
    assert spread_bytes(span, 5, 7, ZONE) == {at("03-31T08:00"): Sums(up_bytes=5, down_bytes=7)}


@given(st.integers(0, 10**15), st.lists(st.integers(0, 3600), min_size=1, max_size=30))
def test_parts_add_up_and_none_is_off_by_a_whole_unit(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
