"""What an act made and its page shows for some minutes: passwords above all. In memory alone, for its maker alone."""

from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.clock import Clock

T = TypeVar("T")
LASTS_S = 600.0
MOST = 40


class Aside(Generic[T]):
    """Things by a name nobody guesses; a restart forgets them."""

    def __init__(
        self, clock: Clock, random_name: Callable[[], str], lasts_s: float = LASTS_S, most: int = MOST
    ) -> None:
        self._clock = clock
        self._random_name = random_name
        self._lasts_s, self._most = lasts_s, most
        self._kept: dict[str, tuple[str, float, T]] = {}

    def put(self, owner: str, thing: T) -> str:
        """Keep it for a while; its name. The oldest goes when there are many."""
        self._forget()
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        name = self._random_name()
        self._kept[name] = (owner, self._clock.boot_s() + self._lasts_s, thing)
        return name

    def get(self, owner: str, name: str) -> T | None:
        """None when it is gone or another's."""
        self._forget()
        found = self._kept.get(name)
        return found[2] if found and found[0] == owner else None

    def drop(self, name: str) -> None:
        """It is done with."""
        self._kept.pop(name, None)

    def _forget(self) -> None:
        now = self._clock.boot_s()
        self._kept = {name: kept for name, kept in self._kept.items() if kept[1] > now}
