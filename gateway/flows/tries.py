"""Wrong codes, PINs and passwords: a device may try a few times, all devices together some more, then they wait."""

import contextlib
from collections import deque
from dataclasses import dataclass

from gateway.access.client import Mac
from gateway.clock import Clock

MOST_OF_ONE, MOST_OF_ALL, WITHIN_S = 6, 120, 300


@dataclass(frozen=True, slots=True, eq=False)
class Try:
    """One try that counts as wrong until it is given back."""

    at_boot_s: float
    mac: Mac


class Tries:
    """In memory: a restart forgives. A MAC is free to change, so the limit of all is what guards the codes."""

    def __init__(self, clock: Clock, most_of_one: int = MOST_OF_ONE, most_of_all: int = MOST_OF_ALL) -> None:
        self._clock = clock
        self._most_of_one, self._most_of_all = most_of_one, most_of_all
        self._failed: deque[Try] = deque()

    def begin(self, mac: Mac) -> Try | None:
        """Count a try before its answer is known, so that no number of them at once is heard; None: wait."""
        since = self._clock.boot_s() - WITHIN_S
        while self._failed and self._failed[0].at_boot_s < since:
            self._failed.popleft()
        if len(self._failed) >= self._most_of_all or sum(each.mac == mac for each in self._failed) >= self._most_of_one:
            return None
        begun = Try(self._clock.boot_s(), mac)
        self._failed.append(begun)
        return begun

    def give_back(self, begun: Try) -> None:
        """It was not wrong."""
        with contextlib.suppress(ValueError):  # the answer took so long that it is forgotten by itself
            self._failed.remove(begun)
