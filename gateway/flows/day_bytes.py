"""What the kernel counts beside sessions is booked by day: the walled garden's bytes, and all that the line carried."""

from dataclasses import dataclass
from datetime import timezone
from typing import Generic, Protocol, TypeVar

from gateway.clock import Clock, local_day
from gateway.ports_bytes import ByteCount, DayLedger

Count = TypeVar("Count", bound=ByteCount, covariant=True)


class Counter(Protocol[Count]):
    """Who reads the kernel's counters."""

    async def counted(self) -> Count:
        """As they stand."""


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
        await self.today()

    async def today(self) -> tuple[Count, tuple[int, int]]:
        """The count now, and the day's bytes up and down with it."""
        count = await self.counter.counted()
        day = local_day(self.clock.now(), self.zone)
        await self.ledger.book(count, day)
        return count, await self.ledger.booked(day)
