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
MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Reckoning(Generic[T]):
    """Figures with the instant they are of."""

    at: datetime
    figures: T
    number: int
    """Of the counts, in the order they began."""


class Reckoned(Generic[T]):
    """Answers of commands, each asked once however many want it."""

    def __init__(
        self,
        runner: CommandRunner,
        clock: Clock,
        read: Callable[[bytes], T],
        lasts: timedelta = timedelta(minutes=2),
        most: int = MOST_KEPT,
    ) -> None:
        """`read` makes the figures of what is printed, in a thread; `lasts`: until they are asked for anew; `most`
        answers are kept."""
        self._runner = runner
        self._clock = clock
        self._read = read
        self._lasts = lasts
        self._most = most
        self._kept: dict[tuple[str, ...], Reckoning[T]] = {}
        self._turn = asyncio.Lock()
        self._told = 0
        self._begun = 0

    def last(self, *words: str) -> Reckoning[T] | None:
        """The newest that is there, however old."""
        return self._kept.get(words)

    def kept(self, *words: str) -> Reckoning[T] | None:
        """What is there without waiting, while it lasts."""
        one = self.last(*words)
        return one if one and timedelta(0) <= self._clock.now() - one.at < self._lasts else None

    async def wait(self, *words: str) -> Reckoning[T]:
        """What is kept, or the figures as soon as they are counted; GatewayError when the command fails."""
        async with self._turn:
            return self.kept(*words) or await self._count(words)

    async def fresh(self, *words: str) -> Reckoning[T]:
        """The figures of now, for programs: counted after this was called; who waits meanwhile shares them."""
        asked = self._begun
        async with self._turn:
            last = self.last(*words)
            return last if last and last.number > asked else await self._count(words)

    async def _count(self, words: tuple[str, ...]) -> Reckoning[T]:
        at, told = self._clock.now(), self._told
        self._begun += 1
        number = self._begun
        printed = await self._runner.run(*words)
        try:
            figures = await asyncio.to_thread(self._read, printed)
        except (ValueError, KeyError, IndexError) as error:  # a program of another version, while it is upgraded
            raise GatewayError(f"printed something else: {error}", where=f"cong {words[0]}") from error
        made = Reckoning(at, figures, number)
        if told == self._told:  # else something was told while it was counted
            self._kept.pop(words, None)
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[words] = made
        return made

    def forget(self) -> None:
        """What was told since may have changed them."""
        self._told += 1
        self._kept.clear()


def rows(printed: bytes) -> list[dict[str, object]]:
    """A list of objects; ValueError otherwise."""
    found = json.loads(printed)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("no list of rows")
    return found
