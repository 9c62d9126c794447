"""Figures that take long to count: a command counts them in a process of its own, pages show the last ones at once.

Nothing is counted that nobody looks at: a look at figures that are old asks for new ones, and `look` (a repeated job)
has them made. A program that must have them now waits for them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports_staff import CommandRunner

EVERY_S = 2.0
"""How often `look` is to be called."""
_OLD_S = 60.0
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
        self._commands = commands
        self._clock = clock
        self._words = words
        self._read = read
        self._figures: T | None = None
        self._made_boot_s: float | None = None
        self._failed_boot_s: float | None = None
        self._wanted = False
        self._turn = asyncio.Lock()

    def latest(self) -> Latest[T]:
        """What is known, at once; if that is old, new ones are asked for."""
        self._wanted = self._wanted or self._is_old()
        return Latest(self._figures, self._wanted, self._failed_boot_s is not None)

    async def fresh(self) -> T:
        """Counted after this was called; GatewayError when they can't be."""
        asked_boot_s = self._clock.boot_s()
        async with self._turn:
            if self._figures is None or self._made_boot_s is None or self._made_boot_s < asked_boot_s:
                await self._count()
        assert self._figures is not None
        return self._figures

    async def look(self) -> None:
        """Count if somebody wants it."""
        if self._wanted and not self._rests():
            async with self._turn:
                if self._is_old():
                    try:
                        await self._count()
                    except (GatewayError, OSError) as error:
                        event("desk.count_failed", "warning", command=self._words[0], says=str(error)[:300])
                self._wanted = False

    async def _count(self) -> None:
        begun_boot_s = self._clock.boot_s()
        try:
            printed = await self._commands.run(*self._words)
            self._figures = self._read(printed)
        except (GatewayError, OSError):
            self._failed_boot_s = self._clock.boot_s()
            raise
        except ValueError as error:  # a program of another version, while it is being upgraded
            self._failed_boot_s = self._clock.boot_s()
            raise GatewayError(f"what it printed can't be read: {error}", where=f"cong {self._words[0]}") from error
        self._made_boot_s, self._failed_boot_s, self._wanted = begun_boot_s, None, False

    def _is_old(self) -> bool:
        return self._made_boot_s is None or self._clock.boot_s() - self._made_boot_s >= _OLD_S

    def _rests(self) -> bool:
        failed = self._failed_boot_s
        return failed is not None and self._clock.boot_s() - failed < _AFTER_FAILURE_S
