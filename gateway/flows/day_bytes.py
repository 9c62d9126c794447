"""What the kernel counts beside sessions is booked by day: open sites' bytes, all that was carried, the line's own."""

from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Generic, Protocol, TypeVar

from gateway.clock import Clock, local_day
from gateway.ports_bytes import ByteCount, DayLedger

Count = TypeVar("Count", bound=ByteCount, covariant=True)


class Counter(Protocol[Count]):
    """Who reads the kernel's counters."""

    async def counted(self) -> Count | None:
        """As they stand; None while there is nothing that counts."""


_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DayBytes(Generic[Count]):
    """The kernel's counters, and where they are booked."""

    counter: Counter[Count]
    ledger: DayLedger
    clock: Clock
    zone: timezone
    """The site's."""

    async def book(self) -> None:
        """Book what moved since the last time; a crash loses nothing, for the kernel goes on counting."""
        await self._book()

    async def today(self) -> tuple[Count | None, tuple[int, int]]:
        """The count now, and the day's bytes up and down with it."""
        count, day = await self._book()
        return count, await self.ledger.booked(day)

    async def _book(self) -> tuple[Count | None, date]:
        """Bytes belong to the day of the second before, as the sessions' readings do (2.7, 5)."""
        count = await self.counter.counted()
        day = local_day(self.clock.now() - _INSTANT, self.zone)
        if count is not None:
            await self.ledger.book(count, day)
        return count, day
