"""A wish to unblock: from the page of refused names to the desk, and the desk's answer."""

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.errors import UsageError
from gateway.flows.rules import Scopes, set_rule
from gateway.ports_rules import LocalRule, Overlay, RequestStore, RuleStore, UnblockRequest

CODE_LETTERS = "23456789BCDFGHJKMNPQRTVWXY"
"""Without look-alikes, and without vowels, so that no word comes of it."""
CODE_LENGTH = 5
REQUEST_TERM = timedelta(days=30)
MOST_A_MINUTE = 20
_TRIES = 3


class RequestLimit:
    """At most so many requests a minute from the whole house: a page must not be a way to fill the disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: list[float] = []

    def take(self) -> bool:
        """May one more be stored now?"""
        now_s = self._clock.boot_s()
        self._taken = [at for at in self._taken if now_s - at < 60]
        if len(self._taken) >= MOST_A_MINUTE:
            return False
        self._taken.append(now_s)
        return True


def make_code(choose: Callable[[str], str]) -> str:
    """A short code to say at the desk; `choose` picks a letter at random."""
    return "".join(choose(CODE_LETTERS) for _ in range(CODE_LENGTH))


async def ask_to_unblock(
    store: RequestStore, name: str, profile: str, category: str, choose: Callable[[str], str], now: datetime
) -> str | None:
    """Store the wish; its code, or None when the desk has more than it can answer."""
    for _ in range(_TRIES):  # the first code may be another's
        code = await store.ask(name, profile, category, make_code(choose), now)
        if code is not None:
            return code
    return None


async def open_request(store: RequestStore, code: str) -> UnblockRequest:
    """The request of a code, which may be typed in any case; UsageError when it is not open."""
    request = await store.request(code.strip().upper())
    if request is None:
        raise UsageError(f"there is no request {code}", hint="cong requests shows the open ones")
    if request.state != "open":
        raise UsageError(f"request {request.code} was {request.state} by {request.answered_by}")
    return request


async def grant_request(
    store: RequestStore, rules: RuleStore, overlay: Overlay, rule: LocalRule, scopes: Scopes, code: str, now: datetime
) -> None:
    """Open what was asked for, then close the request: a crash between the two leaves it open, and can be repeated."""
    await set_rule(rules, overlay, rule, scopes, now)
    await store.answer(code, "granted", rule.author, now)


async def refuse_request(store: RequestStore, code: str, by: str, now: datetime) -> UnblockRequest:
    """Leave what was asked for as it is; UsageError when it is not open."""
    asked = await open_request(store, code)
    await store.answer(asked.code, "refused", by, now)
    return asked
