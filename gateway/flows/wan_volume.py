"""What crossed the line by day, at its own interface: it stands beside the sum of the sessions (counting 3.4.11)."""

from dataclasses import dataclass
from datetime import timedelta, timezone

from gateway.clock import Clock, local_day
from gateway.ports_line import WanCounters, WanLedger

EVERY_S = 60
_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WanVolume:
    """The kernel's counters, and where they are booked."""

    counters: WanCounters
    ledger: WanLedger
    clock: Clock
    zone: timezone

    async def book(self) -> None:
        """Book what moved since the last time: a crash loses nothing, a power cut what moved since.

        It belongs to the day of the second before, as the sessions' readings do (2.7, 5).
        """
        counted = self.counters.read()
        if counted is not None:
            await self.ledger.book(counted, local_day(self.clock.now() - _INSTANT, self.zone))
