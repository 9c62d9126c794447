"""Figures that everybody looks at and that take long to count: the last ones at once, newer ones while somebody looks.

Nothing is counted that nobody looks at: a look at figures that are old asks for new ones, and `look` (a repeated job)
has them made. A program that must have them now waits for them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from gateway.clock import Clock
from gateway.desk.reckoned import Reckoned, Reckoning
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports_staff import CommandRunner

EVERY_S = 2.0
"""How often `look` is to be called."""
_LASTS = timedelta(minutes=1)
_AFTER_FAILURE_S = 120.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Latest(Generic[T]):
    """What is known."""

    figures: T | None
    """None: not counted yet."""
    is_counting: bool
    """Newer ones are on their way."""
    failed: bool
    """The last try failed: these are older than they should be."""


class Counted(Generic[T]):
    """The figures of one command."""

    def __init__(
        self, commands: CommandRunner, clock: Clock, words: tuple[str, ...], read: Callable[[bytes], T]
    ) -> None:
        self._reckoned = Reckoned(commands, clock, read, _LASTS)
        self._clock = clock
        self._words = words
        self._failed_boot_s: float | None = None
        self._wanted = False

    def latest(self) -> Latest[T]:
        """What is known, at once; if that is old, new ones are asked for."""
        self._wanted = self._wanted or self._reckoned.kept(*self._words) is None
        last = self._reckoned.last(*self._words)
        return Latest(last.figures if last else None, self._wanted, self._failed_boot_s is not None)

    async def fresh(self) -> T:
        """Counted after this was called; GatewayError when they can't be."""
        return await self._asked(self._reckoned.fresh)

    async def look(self) -> None:
        """Count if somebody wants it."""
        if not self._wanted or self._rests():
            return
        try:
            await self._asked(self._reckoned.wait)
        except (GatewayError, OSError) as error:
            event("desk.count_failed", "warning", command=self._words[0], says=str(error)[:300])
        self._wanted = False

    async def _asked(self, ask: Callable[..., Awaitable[Reckoning[T]]]) -> T:
        try:
            made = await ask(*self._words)
        except (GatewayError, OSError):
            self._failed_boot_s = self._clock.boot_s()
            raise
        self._failed_boot_s, self._wanted = None, False
        return made.figures

    def _rests(self) -> bool:
        failed = self._failed_boot_s
        return failed is not None and self._clock.boot_s() - failed < _AFTER_FAILURE_S
