"""Refused questions as they are counted: 30 seconds of one device and registered domain are one (counting 2.4 I).

The DNS workers do the same while they answer (`filters.counts`), so that no history exists; this is the rule by itself,
for refusals that come from elsewhere. What leaves it are counts: no device, no name.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

ONCE_IN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One DNS answer that policy refused; `asker` is whatever tells two devices apart."""

    at: datetime
    asker: str
    domain: str
    """The registered one."""
    category: str


def blocked_by_category(refusals: Iterable[Refusal]) -> dict[str, int]:
    """How many count, by category, most first.

    A refusal counts when 30 s or more have passed since the last one that counted of its asker and domain.
    """
    counted: Counter[str] = Counter()
    last: dict[tuple[str, str], datetime] = {}
    for one in sorted(set(refusals), key=lambda one: (one.at, one.asker, one.domain, one.category)):
        key = one.asker, one.domain
        if key in last and one.at - last[key] < ONCE_IN:
            continue
        last[key] = one.at
        counted[one.category] += 1
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
