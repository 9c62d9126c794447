"""Wrong codes, PINs and passwords: a device may try a few times, all devices together some more, then they wait."""

from collections import deque

from gateway.access.client import Mac
from gateway.clock import Clock

MOST_OF_ONE, MOST_OF_ALL, WITHIN_S = 6, 120, 300


class Tries:
    """In memory: a restart forgives. A MAC is free to change, so the limit of all is what guards the codes."""

    def __init__(self, clock: Clock, most_of_one: int = MOST_OF_ONE, most_of_all: int = MOST_OF_ALL) -> None:
        self._clock = clock
        self._most_of_one, self._most_of_all = most_of_one, most_of_all
        self._failed: deque[tuple[float, Mac]] = deque()

    def may_try(self, mac: Mac) -> bool:
        """Is one more try of this device heard?"""
        since = self._clock.boot_s() - WITHIN_S
        while self._failed and self._failed[0][0] < since:
            self._failed.popleft()
        return len(self._failed) < self._most_of_all and (
            sum(each == mac for _, each in self._failed) < self._most_of_one
        )

    def failed(self, mac: Mac) -> None:
        """A try was wrong."""
        self._failed.append((self._clock.boot_s(), mac))
