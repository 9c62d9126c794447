"""The line on record: a look each half minute (counting 3.3), and the moments of signs of life by both clocks (2.5)."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.ports_line import Beat, LineLog, Prober


@dataclass(frozen=True, slots=True)
class LineRecord:
    """Who asks, and where it is kept."""

    clock: Clock
    is_right: Callable[[], bool]
    """Has the wall clock been set?"""
    prober: Prober
    log: LineLog

    async def look(self) -> None:
        """Ask once and keep what failed; the moment is that of the question, not of the time-outs after it."""
        now = beat(self.clock, self.is_right)
        await self.log.note(await self.prober.look(now.at), now)


def beat(clock: Clock, is_right: Callable[[], bool]) -> Beat:
    """This moment."""
    return Beat(clock.now(), clock.boot_s(), clock.boot_id(), is_right())
