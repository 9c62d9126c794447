"""When the library was open and the gateway was up: O and U (counting 2.4 F; 2.7, 9).

In:  staff's open and close events, or evidence of use; signs of life of the gateway.
Out: intervals for gateway.service.hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from gateway.service.intervals import Interval, united

HEARTBEAT = timedelta(seconds=30)
"""How often the gateway leaves a sign of life: a power cut costs at most this much of error."""


@dataclass(frozen=True, slots=True)
class DoorEvent:
    """Staff opened or closed the library."""

    at: datetime
    opens: bool


def opened_by_staff(events: Iterable[DoorEvent], evidence: Iterable[Interval], zone: timezone) -> list[Interval]:
    """O by the events of staff: from each opening to the closing of the same date.

    A forgotten close ends at the last evidence of its date (2.7, 9), and is nothing when there is none after the
    opening. Opened while open, or closed while closed, says nothing new.
    """
    seen = list(evidence)
    spans: list[Interval] = []
    opened: datetime | None = None
    for event in sorted(set(events), key=lambda one: (one.at, one.opens)):
        if opened is not None and _day_end(opened, zone) <= event.at:
            spans.append((opened, _last_seen(opened, seen, zone)))
            opened = None
        if event.opens:
            opened = event.at if opened is None else opened
        elif opened is not None:
            spans.append((opened, event.at))
            opened = None
    if opened is not None:
        spans.append((opened, _last_seen(opened, seen, zone)))
    return united(spans)


def opened_by_evidence(
    evidence: Iterable[Interval], promised: Iterable[Interval], extra: Iterable[Interval] = ()
) -> list[Interval]:
    """O by itself: the hull of the evidence within each promised interval and each decided extra opening (2.7, 9).

    Never over the lunch break or the night. A heartbeat of a kiosk is an interval of no length, a session its own.
    """
    seen = list(evidence)
    return united(hull for opening in [*united(promised), *united(extra)] if (hull := _hull(seen, opening)))


def alive(beats: Iterable[datetime], every: timedelta = HEARTBEAT) -> list[Interval]:
    """U by signs of life: between two that are at most twice `every` apart the gateway was up."""
    ordered = sorted(set(beats))
    return united(pair for pair in pairwise(ordered) if pair[1] - pair[0] <= 2 * every)


def _hull(seen: Iterable[Interval], opening: Interval) -> Interval | None:
    begin, end = opening
    inside = [
        one
        for one in seen
        # a sign of no length lies within its bounds, a span has something in common with them
        if one[0] < end and (begin < one[1] or (begin == one[0] == one[1]))
    ]
    if not inside:
        return None
    return max(begin, min(first for first, _ in inside)), min(end, max(last for _, last in inside))


def _last_seen(opened: datetime, seen: Iterable[Interval], zone: timezone) -> datetime:
    midnight = _day_end(opened, zone)
    return max((min(last, midnight) for first, last in seen if first < midnight and last > opened), default=opened)


def _day_end(at: datetime, zone: timezone) -> datetime:
    local = at.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
