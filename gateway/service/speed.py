"""Was the line as fast as it was sold? (counting 3.4.10)

In:  speed tests of a period.
Out: count, mean and 10th percentile of the valid ones, and whether the mean is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

LEAST_SHARE = Fraction(8, 10)
"""The mean must be at least this share of the contracted speed."""
MOST_TRAFFIC = Fraction(5, 100)
"""A test is valid while patrons use less than this share of the line."""
LEAST_S = 10


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """One measurement."""

    at: datetime
    kbit_s: int
    client_kbit_s: int
    """What patrons moved meanwhile."""
    lasted_s: int
    wired: bool = True


@dataclass(frozen=True, slots=True)
class Speed:
    """The valid tests of a period; no mean without any."""

    tests: int
    mean_kbit_s: Fraction | None
    tenth_kbit_s: int | None
    """10th percentile by nearest rank: a tenth of the tests were at most this fast."""
    is_enough: bool | None


def is_valid(test: SpeedTest, contracted_kbit_s: int) -> bool:
    """Wired, 10 s or longer, and the line all but unused."""
    return test.wired and test.lasted_s >= LEAST_S and test.client_kbit_s < MOST_TRAFFIC * contracted_kbit_s


def speed(tests: Iterable[SpeedTest], contracted_kbit_s: int) -> Speed:
    """The figures; a test told twice counts once."""
    valid = sorted(one.kbit_s for one in set(tests) if is_valid(one, contracted_kbit_s))
    if not valid:
        return Speed(0, None, None, None)
    mean = Fraction(sum(valid), len(valid))
    return Speed(len(valid), mean, valid[(len(valid) + 9) // 10 - 1], mean >= LEAST_SHARE * contracted_kbit_s)
