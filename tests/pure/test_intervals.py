"""Spans of time, held against the moments in them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.service.intervals import Interval, united, without

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = [ZERO + timedelta(minutes=n) for n in range(40)]
SPANS = st.lists(st.tuples(st.sampled_from(MINUTES), st.sampled_from(MINUTES)), max_size=6)


def moments(intervals: list[Interval]) -> set[datetime]:
    return {moment for begin, end in intervals for moment in MINUTES if begin <= moment < end}


@given(SPANS)
def test_the_union_holds_the_same_moments_sorted_and_apart(some: list[Interval]) -> None:
    result = united(some)
    assert moments(result) == moments(some)
    assert all(begin < end for begin, end in result)
    assert all(before[1] < after[0] for before, after in pairwise(result))


@given(SPANS, SPANS)
def test_what_is_cut_out_is_gone_and_nothing_else(some: list[Interval], taken: list[Interval]) -> None:
    result = without(some, taken)
    assert moments(result) == moments(some) - moments(taken)
    assert all(begin < end for begin, end in result)
    assert result == sorted(result)
