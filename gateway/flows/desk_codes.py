"""The desk's code for a session: four digits, a few minutes, once. In memory: a restart makes the desk give another."""

from collections.abc import Callable

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.clock import Clock
from gateway.flows.tries import MOST_OF_ONE, Tries

LIFE_S = 600
MOST_CODES = 20
MOST_WRONG = 20
"""Of all devices within five minutes: 40 guesses in a code's life, so that one falls in 250 such attacks."""


class DeskCodes:
    """Codes that were given out and not yet used."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, tuple[SessionId, float]] = {}
        self._tries = Tries(clock, MOST_OF_ONE, MOST_WRONG)

    def make(self, session: SessionId, choose: Callable[[str], str]) -> str | None:
        """A code for a session, in place of its one before; `choose` picks a digit. None when too many are out."""
        self._drop_old()
        self._codes = {code: kept for code, kept in self._codes.items() if kept[0] != session}
        if len(self._codes) >= MOST_CODES:
            return None
        code = ""
        while not code or code in self._codes:
            code = "".join(choose("0123456789") for _ in range(4))
        self._codes[code] = session, self._clock.boot_s() + LIFE_S
        return code

    def session_of(self, code: str, mac: Mac) -> SessionId | str:
        """The session a device's typed code stands for, or the key of the refusal."""
        begun = self._tries.begin(mac)
        if begun is None:
            return "tries"
        self._drop_old()
        kept = self._codes.get(code.strip())
        if kept is None:
            return "wrong"
        self._tries.give_back(begun)
        return kept[0]

    def use_up(self, session: SessionId) -> None:
        """The session goes on: its code is over."""
        self._codes = {code: kept for code, kept in self._codes.items() if kept[0] != session}

    def _drop_old(self) -> None:
        now_s = self._clock.boot_s()
        self._codes = {code: kept for code, kept in self._codes.items() if kept[1] > now_s}
