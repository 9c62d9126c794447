"""Figures that take a second or more: what `cong … --json` prints in a process of its own, kept for a while.

A page shows what is kept at once and lets its live part wait for the rest; what staff change is asked anew. Programs
always hear the figures of now.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.ports_staff import CommandRunner

T = TypeVar("T")
_MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Reckoning(Generic[T]):
    """Figures with the instant they are of."""

    at: datetime
    figures: T


class Reckoned(Generic[T]):
    """Answers of commands, each asked once however many want it."""

    def __init__(
        self, runner: CommandRunner, clock: Clock, read: Callable[[str], T], lasts: timedelta = timedelta(minutes=2)
    ) -> None:
        """`read` makes the figures of what is printed, in a thread; `lasts`: until they are asked for anew."""
        self._runner = runner
        self._clock = clock
        self._read = read
        self._lasts = lasts
        self._kept: dict[tuple[str, ...], Reckoning[T]] = {}
        self._turn = asyncio.Lock()
        self._told = 0

    def kept(self, *words: str) -> Reckoning[T] | None:
        """What is there without waiting."""
        one = self._kept.get(words)
        return one if one and timedelta(0) <= self._clock.now() - one.at < self._lasts else None

    async def wait(self, *words: str) -> Reckoning[T]:
        """What is kept, or the figures as soon as they are counted; GatewayError when the command fails."""
        async with self._turn:
            return self.kept(*words) or await self._count(words)

    async def fresh(self, *words: str) -> Reckoning[T]:
        """The figures of now, for programs: counted after this was called."""
        async with self._turn:
            return await self._count(words)

    async def _count(self, words: tuple[str, ...]) -> Reckoning[T]:
        at, told = self._clock.now(), self._told
        printed = await self._runner.run(*words)
        try:
            figures = await asyncio.to_thread(self._read, printed.decode())
        except (ValueError, KeyError, IndexError) as error:
            raise GatewayError(f"printed something else: {error}", where=f"cong {words[0]}") from error
        made = Reckoning(at, figures)
        if told == self._told:  # else something was told while it was counted
            self._kept.pop(words, None)
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[words] = made
        return made

    def forget(self) -> None:
        """What was told since may have changed them."""
        self._told += 1
        self._kept.clear()


def rows(printed: str) -> list[dict[str, object]]:
    """A list of objects; ValueError otherwise."""
    found = json.loads(printed)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("no list of rows")
    return found
