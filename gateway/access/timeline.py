"""What one device did on its way in, step by step: the answer to "why did the page not come up?"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MOST_STEPS = 60
KEPT = timedelta(days=1)
_SAME_WITHIN = timedelta(minutes=1)


class Step(StrEnum):
    """One of them."""

    LEASE = "lease"
    """It was given an address by DHCP."""
    NAME = "name"
    """It asked for a name and got the garden's answer; which name is not kept."""
    PROBE = "probe"
    """It asked whether it is online and was led to the portal: its sign-in sheet comes up now."""
    WEB = "web"
    """It asked for another page by plain http and was led to the portal."""
    API = "api"
    """It asked the captive-portal API (RFC 8908)."""
    PAGE = "page"
    """It was shown the first page."""
    REFUSED = "refused"
    """The form was refused; the detail is the key of the reason."""
    OPENED = "opened"
    """Its session was opened; the detail is the method."""
    TRAFFIC = "traffic"
    """The first bytes of the session are in the ledger."""
    CLOSED = "closed"
    """Its session ended; the detail is the cause."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A step, and how often it was repeated at once."""

    at: datetime
    step: Step
    detail: str = ""
    count: int = 1


def with_step(moments: Sequence[Moment], new: Moment) -> list[Moment]:
    """The moments with one more; the same again within a minute is counted, what is over a day old goes."""
    kept = [each for each in moments if new.at - each.at < KEPT][-MOST_STEPS:]
    for index in range(len(kept) - 1, -1, -1):
        each = kept[index]
        if new.at - each.at >= _SAME_WITHIN:
            break
        if (each.step, each.detail) == (new.step, new.detail):
            kept[index] = replace(each, count=each.count + 1)
            return kept
    return [*kept, new]


def since_last_on(moments: Sequence[Moment]) -> list[Moment]:
    """What a device did after its last session ended; all of it, when it is or was on without an end."""
    ends = [index for index, each in enumerate(moments) if each.step is Step.CLOSED]
    return list(moments[ends[-1] + 1 :] if ends else moments)


_STUCK = (Step.REFUSED, Step.PAGE, Step.PROBE, Step.WEB, Step.API, Step.NAME, Step.LEASE)
"""How far a device can have come, the furthest first."""


def stuck_at(moments: Sequence[Moment]) -> Step | None:
    """How far a device came that is not on: what to do next is said by it. None: it is on, or was never seen."""
    steps = {each.step for each in since_last_on(moments)}
    if Step.OPENED in steps:
        return None
    return next((step for step in _STUCK if step in steps), None)
