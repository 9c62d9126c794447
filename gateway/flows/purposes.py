"""What patrons said they came for: sums by day, nothing else is known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.errors import FaultError
from gateway.ports_board import PurposeStore

_DAYS, _MOST_DAYS = 30, 3 * 366


@dataclass(frozen=True, slots=True)
class Purposes:
    """Answers of some days, both ends with them."""

    first: date
    last: date
    days: Mapping[date, Mapping[str, int]]
    """Of days with answers alone."""

    @property
    def sums(self) -> Counter[str]:
        """Of all days."""
        found: Counter[str] = Counter()
        for counts in self.days.values():
            found.update(counts)
        return found


async def purposes(store: PurposeStore, today: date, first: date | None, last: date | None) -> Purposes:
    """30 days up to today unless said otherwise; FaultError when the first comes after the last."""
    end = last or today
    begin = first or end - timedelta(days=_DAYS - 1)
    if begin > end:
        raise FaultError("days_order", f"{begin} is after {end}: give --from before --to")
    if end - begin > timedelta(days=_MOST_DAYS):
        raise FaultError("days_many", f"{begin} to {end} is more than three years")
    return Purposes(begin, end, await store.counts(begin, end))
