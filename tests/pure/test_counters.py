"""Readings -> usage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.session import SessionId
from gateway.accounting.counters import Epoch, Reading, usage_between


def reading(up: int, down: int, epoch: str = "boot.1", session: int = 7) -> Reading:
    return Reading(SessionId(session), Epoch(epoch), 0.0, up, down)


def test_usage_is_what_came_on_top() -> None:
    usage = usage_between(reading(100, 1000), reading(150, 4000))
    assert (usage.up_bytes, usage.down_bytes) == (50, 3000)


@pytest.mark.parametrize("after", [reading(90, 4000), reading(150, 900), reading(200, 2000, epoch="boot.2")])
def test_counters_made_anew_are_all_new(after: Reading) -> None:
    """One that fell, or another life of the table, even where it shows more than before (counting 2.7, 5)."""
    usage = usage_between(reading(100, 1000), after)
    assert (usage.up_bytes, usage.down_bytes) == (after.up_bytes, after.down_bytes)


def test_readings_of_two_sessions_have_nothing_between_them() -> None:
    with pytest.raises(ValueError, match="two sessions"):
        usage_between(reading(0, 0, session=7), reading(0, 0, session=8))


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)), min_size=1, max_size=30))
def test_usages_of_growing_counters_sum_to_the_counter(steps: list[tuple[int, int]]) -> None:
    before, up, down = reading(0, 0, epoch=""), 0, 0
    summed_up = summed_down = 0
    for more_up, more_down in steps:
        up, down = up + more_up, down + more_down
        after = reading(up, down)
        usage = usage_between(before, after)
        summed_up, summed_down, before = summed_up + usage.up_bytes, summed_down + usage.down_bytes, after
    assert (summed_up, summed_down) == (up, down)
