"""Refused questions: once in 30 seconds for a device and a registered domain, and only counts come out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from filters.counts import ONCE_IN_S
from gateway.accounting.blocked import ONCE_IN, Refusal, blocked_by_category


def refusal(second: int, asker: str = "a", domain: str = "game.example", category: str = "games") -> Refusal:
    return Refusal(datetime(2027, 3, 31, 8, tzinfo=UTC) + timedelta(seconds=second), asker, domain, category)


def test_the_same_device_and_domain_count_once_in_thirty_seconds() -> None:
    assert blocked_by_category(refusal(second) for second in (0, 10, 29)) == {"games": 1}
    assert blocked_by_category(refusal(second) for second in (0, 20, 40)) == {"games": 2}  # 40 is 40 s after 0
    assert blocked_by_category(refusal(second) for second in (0, 30)) == {"games": 2}


def test_other_devices_and_domains_count_by_themselves_by_category() -> None:
    told = [refusal(0), refusal(1, asker="b"), refusal(2, domain="bet.example", category="gambling")]
    assert list(blocked_by_category(told).items()) == [("games", 2), ("gambling", 1)]


def test_the_rule_is_that_of_the_workers() -> None:
    assert ONCE_IN.total_seconds() == ONCE_IN_S


@given(st.lists(st.builds(refusal, st.integers(0, 200), st.sampled_from("ab"), st.sampled_from("xy")), max_size=20))
def test_order_and_repetition_change_nothing(told: list[Refusal]) -> None:
    assert blocked_by_category([*told[::-1], *told]) == blocked_by_category(told)
