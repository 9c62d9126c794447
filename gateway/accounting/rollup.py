"""Hour and day sums out of sessions and the ledger (counting 2.4 E; 2.7, 5). Always rebuildable.

In:  Span, one a session; LedgerRow, one a reading; the starts of visits (by gateway.flows.nightly).
Out: Sums by hour of the site, and those by day.

Seconds are split exactly at the site's hours; a ledger row goes whole to one hour. So the hours of a day are the day,
and the days of a session are the session, to the second and the byte. Whatever is told twice counts once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Self

from gateway.access.session import SessionId
from gateway.units import epoch_s, from_epoch_s, utc_offset_s

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Span:
    """When a counted session was in use: [start, stop), in whole seconds as they are stored."""

    session: SessionId
    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What a counted session moved up to `at`; `reading` numbers the rows of a session."""

    session: SessionId
    reading: int
    at: datetime
    up_bytes: int
    down_bytes: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What came and was used in one hour, or one day. A visit and a session count where they start."""

    visits: int = 0
    sessions: int = 0
    use_s: int = 0
    """Sum of the sessions' durations: two devices in the same hour make up to 7200."""
    up_bytes: int = 0
    down_bytes: int = 0

    def __add__(self, other: Self) -> "Sums":
        return Sums(
            self.visits + other.visits,
            self.sessions + other.sessions,
            self.use_s + other.use_s,
            self.up_bytes + other.up_bytes,
            self.down_bytes + other.down_bytes,
        )


Hours = Mapping[datetime, Sums]
"""By the first instant of each hour that has any figure, in the site's zone, in order."""


def roll_up(
    visit_starts: Iterable[datetime], spans: Iterable[Span], ledger: Iterable[LedgerRow], zone: timezone
) -> dict[datetime, Sums]:
    """The sums of each hour of the site."""
    hours: dict[int, list[int]] = {}  # hour -> visits, sessions, seconds, bytes up, bytes down

    def of_hour(second: int) -> list[int]:
        return hours.setdefault(_hour_s(second, offset_s), [0, 0, 0, 0, 0])

    offset_s = utc_offset_s(zone)
    for start in visit_starts:
        of_hour(epoch_s(start))[0] += 1
    for span in set(spans):
        of_hour(epoch_s(span.start))[1] += 1
        for hour, seconds in _hour_parts(span, offset_s):
            of_hour(hour)[2] += seconds
    for row in set(ledger):
        sums = of_hour(epoch_s(row.at) - 1)
        sums[3] += row.up_bytes
        sums[4] += row.down_bytes
    return {from_epoch_s(hour).astimezone(zone): Sums(*hours[hour]) for hour in sorted(hours)}


def hour_parts(span: Span, zone: timezone) -> dict[int, int]:
    """The seconds of a session in each hour of the site it touches, in order; of no length: none in its one hour.

    Hours are told by the second at which they begin.
    """
    offset_s = utc_offset_s(zone)
    return {_hour_s(epoch_s(span.start), offset_s): 0, **dict(_hour_parts(span, offset_s))}


def hours_of_day(hours: Hours, day: date) -> dict[datetime, Sums]:
    """The hours that belong to a day of the site."""
    return {hour: sums for hour, sums in hours.items() if hour.date() == day}


def total(hours: Hours) -> Sums:
    """The sum of hours: a day's figures are this, never counted another way."""
    return sum(hours.values(), Sums())


def minutes(use_s: int) -> int:
    """Whole minutes as printed, rounded once, a half up: never a sum of rounded minutes (2.7, 5)."""
    return (use_s + 30) // 60


def _hour_parts(span: Span, offset_s: int) -> Iterator[tuple[int, int]]:
    begin, end = epoch_s(span.start), epoch_s(span.stop)
    while begin < end:
        hour = _hour_s(begin, offset_s)
        border = min(end, hour + _HOUR_S)
        yield hour, border - begin
        begin = border


def _hour_s(second: int, offset_s: int) -> int:
    # the site's hours, not UTC's: offsets such as +05:30 exist
    return (second + offset_s) // _HOUR_S * _HOUR_S - offset_s
