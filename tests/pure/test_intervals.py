"""Spans of time, held against the moments in them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.service.intervals import Interval, common, holds, length_s, united, without

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


@given(SPANS, SPANS)
def test_what_is_common_is_in_both(some: list[Interval], others: list[Interval]) -> None:
    result = common(some, others)
    assert moments(result) == moments(some) & moments(others)
    assert result == united(result) == common(others, some)
    assert length_s(result) == 60 * len(moments(result))


@given(SPANS, st.sampled_from(MINUTES))
def test_the_end_of_a_span_is_not_in_it(some: list[Interval], moment: datetime) -> None:
    assert holds(some, moment) == (moment in moments(some))
