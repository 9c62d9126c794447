"""The desk's code for a session: four digits, a few minutes, once. In memory: a restart makes the desk give another."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gateway.access.client import Mac
from gateway.access.login import Refused
from gateway.access.resume import is_resumable
from gateway.access.session import Session, SessionId
from gateway.clock import Clock
from gateway.flows.resume import Returns
from gateway.flows.tries import MOST_OF_ONE, Tries
from gateway.ports_devices import Entitlement

LIFE_S = 600
_LATELY = timedelta(days=1)
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


def may_go_on(of: Entitlement | None, now: datetime) -> bool:
    """May a session be continued by a code?"""
    return of is not None and not of.continued and is_resumable(of.booked.session, now)


async def hand_code(
    returns: Returns, codes: DeskCodes, number: SessionId, choose: Callable[[str], str]
) -> str | Refused:
    """A code to go on with a session on another device or MAC."""
    now = returns.reception.gate.clock.now()
    if not may_go_on(await returns.store.entitlement(number), now):
        return Refused("code_over")
    code = codes.make(number, choose)
    return Refused("code_full") if code is None else code


async def resumable(returns: Returns) -> Sequence[Session]:
    """Sessions that may go on on another MAC, the newest first."""
    gate = returns.reception.gate
    now = gate.clock.now()
    live = [booked.session for booked in await gate.sessions.live_sessions()]
    both = [*await ended_lately(returns), *(each for each in live if is_resumable(each, now))]
    return sorted(both, key=lambda each: -each.id)


async def ended_lately(returns: Returns) -> Sequence[Session]:
    """Those of them that ended by themselves within a day."""
    now = returns.reception.gate.clock.now()
    return [each for each in await returns.store.ended(now - _LATELY) if is_resumable(each, now)]
