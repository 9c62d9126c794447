"""What goes to sites that are open before login is booked by day: it is part of the line's bill, and no session's."""

from dataclasses import dataclass
from datetime import timezone

from gateway.clock import Clock, local_day
from gateway.ports_garden import GardenCount, GardenLedger, GardenWall


@dataclass(frozen=True, slots=True)
class GardenBytes:
    """The kernel's counters, and where they are booked."""

    wall: GardenWall
    ledger: GardenLedger
    clock: Clock
    zone: timezone
    """The site's."""

    async def book(self) -> None:
        """Book what moved since the last time; a crash loses nothing, for the kernel goes on counting."""
        await self.today()

    async def today(self) -> tuple[GardenCount, tuple[int, int]]:
        """The count now, and the day's bytes up and down with it."""
        count = await self.wall.counted()
        day = local_day(self.clock.now(), self.zone)
        await self.ledger.book(count, day)
        return count, await self.ledger.booked(day)
