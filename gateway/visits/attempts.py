"""Who asked to come in, and who could not (counting 2.4 C; 2.7, 4).

In:  View, one a splash page shown or a refusal or admission told on it.
Out: Attempt, by device and start; "số lượt không phục vụ được" is the rejected ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction

from gateway.access.client import ClientId

WINDOW = timedelta(minutes=30)
"""An attempt takes in the views less than this after its first; the captive check of a phone every 5 min adds none."""


class Outcome(StrEnum):
    """What a view told the patron."""

    SEEN = "seen"
    """The page alone, nothing was decided."""
    REFUSED = "refused"
    """Closed, full, quota used up, barred, wrong code."""
    ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class View:
    """One splash page shown to a device; `number` orders those of one second."""

    number: int
    device: ClientId
    at: datetime
    outcome: Outcome = Outcome.SEEN
    staff: bool = False
    """On the staff list at that moment: counts nowhere."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a device; it is one whether or not it then gets in."""

    device: ClientId
    start: datetime
    rejected: bool
    """The last outcome shown within it is a refusal."""

    def day(self, zone: timezone) -> date:
        """The site's calendar day it belongs to."""
        return self.start.astimezone(zone).date()


def attempts_of(views: Iterable[View]) -> tuple[Attempt, ...]:
    """The attempts that views make up, by start; views told twice count once.

    A device's first view must be among them, or one that opened an attempt: later ones hang on it.
    """
    opened: list[list[View]] = []
    latest: dict[ClientId, list[View]] = {}
    for view in sorted({one for one in views if not one.staff}, key=lambda one: (one.at, one.number)):
        attempt = latest.get(view.device)
        if attempt is None or view.at - attempt[0].at >= WINDOW:
            latest[view.device] = attempt = []
            opened.append(attempt)
        attempt.append(view)
    return tuple(Attempt(one[0].device, one[0].at, _is_rejected(one)) for one in opened)


def rejected_share(attempts: Iterable[Attempt]) -> Fraction | None:
    """Rejected / attempts, exact; None without any."""
    rejected = [attempt.rejected for attempt in attempts]
    return Fraction(sum(rejected), len(rejected)) if rejected else None


def _is_rejected(views: list[View]) -> bool:
    outcomes = [view.outcome for view in views if view.outcome is not Outcome.SEEN]
    return bool(outcomes) and outcomes[-1] is Outcome.REFUSED
