"""Speed tests: which count, and what they say."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from gateway.service.speed import Speed, SpeedTest, is_valid, speed

EIGHT = datetime(2027, 3, 31, 1, tzinfo=UTC)


def measured(number: int, kbit_s: int, *, clients: int = 0, lasted_s: int = 10, wired: bool = True) -> SpeedTest:
    return SpeedTest(EIGHT + timedelta(hours=number), kbit_s, clients, lasted_s, wired)


@pytest.mark.parametrize(
    ("test", "valid"),
    [
        (measured(1, 90_000), True),
        (measured(1, 90_000, clients=4_999), True),
        (measured(1, 90_000, clients=5_000), False),
        (measured(1, 90_000, lasted_s=9), False),
        (measured(1, 90_000, wired=False), False),
    ],
)
def test_a_test_counts_on_a_quiet_line_by_wire_for_ten_seconds(test: SpeedTest, valid: bool) -> None:
    assert is_valid(test, 100_000) is valid


def test_mean_and_tenth_percentile_of_the_valid_ones() -> None:
    tests = [measured(n, 70_000 + 2_000 * n) for n in range(11)]  # 70 to 90 Mbit/s
    assert speed([*tests, *tests, measured(99, 1, lasted_s=1)], 100_000) == Speed(11, Fraction(80_000), 72_000, True)
    assert speed([measured(1, 79_999)], 100_000).is_enough is False
    assert speed([measured(n, 70_000 + n) for n in range(10)], 100_000).tenth_kbit_s == 70_000
    assert speed([], 100_000) == Speed(0, None, None, None)
