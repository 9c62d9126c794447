"""PCs in working order, and the hours they stood ready and were used (counting 2.4 G; 2.7, 12 and 13).

In:  the inventory, faults, sightings, sessions and the days of a period with their P and H.
Out: the snapshot, PC-days, workstation hours. A PC that is switched off is not out of order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from gateway.service.intervals import Interval, common, holds, length_s, united, without

PcId = NewType("PcId", str)

UNSEEN_DAYS = 3
"""So many consecutive days with service and no sighting make a PC suspect."""

SPOILT = Fraction(1, 2)
"""A PC-day is no longer in order when this share of its promised time was not (G, 2)."""

UNENDED = datetime.max.replace(tzinfo=UTC)
"""The end of what has not ended."""

_INSTANT = timedelta(microseconds=1)

Dates = tuple[date, date]
"""First and last date of a period, both in it."""


class PcState(StrEnum):
    """What a PC is at an instant."""

    OK = "ok"
    FAULT = "fault"
    SUSPECT = "suspect"
    RETIRED = "retired"
    """Not in service: not yet bought, or retired."""


@dataclass(frozen=True, slots=True)
class Pc:
    """One PC of the inventory."""

    id: PcId
    bought_on: date
    retired_on: date | None = None
    """The first day on which it is no longer in service."""

    def is_in_service(self, day: date) -> bool:
        """From its purchase to the day before its retirement (2.7, 12)."""
        return self.bought_on <= day and (self.retired_on is None or day < self.retired_on)


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """One date of the period with what was promised and held on it."""

    day: date
    promised: Sequence[Interval]
    held: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one PC."""

    pc: Pc
    faults: Sequence[Interval] = ()
    """From the ticket or failed self-test to the closing."""
    sightings: Sequence[Interval] = ()
    """Probes that found it, as intervals of no length. The closing of a fault is one too."""
    sessions: Sequence[Interval] = ()
    """Counted sessions at it; sightings too."""


def suspected(record: Record, days: Iterable[ServiceDay], zone: timezone) -> list[Interval]:
    """When a PC was SUSPECT (2.7, 12).

    From the end of the third consecutive unseen day's last promised interval to the next sighting. `days` begin at
    least three days with service before the period, for earlier silence counts. Days without H neither count nor
    break the row, unless the PC is seen on one. A suspicion that has not ended reaches to UNENDED.
    """
    closings = [(end, end) for _, end in united(record.faults) if end < UNENDED]
    sightings = sorted({*record.sightings, *record.sessions, *closings})
    seen_on = _dates(sightings, zone)
    spans: list[Interval] = []
    unseen, before = 0, None
    for each in sorted(days, key=lambda one: one.day):
        if not (each.held and record.pc.is_in_service(each.day)):
            continue
        if before and any(day in seen_on for day in _dates_between(before, each.day)):
            unseen = 0
        counts = not (each.day in seen_on or common(record.faults, [_whole(each.day, zone)]))
        unseen = unseen + 1 if counts else 0
        before = each.day
        if unseen >= UNSEEN_DAYS:
            begin = each.promised[-1][1]
            spans.append((begin, min((first for first, _ in sightings if first >= begin), default=UNENDED)))
    return united(spans)


def state_at(record: Record, suspects: Iterable[Interval], day: date, moment: datetime) -> PcState:
    """The state at an instant of a day; intervals are half-open (2.7, 12)."""
    if not record.pc.is_in_service(day):
        return PcState.RETIRED
    if holds(record.faults, moment):
        return PcState.FAULT
    return PcState.SUSPECT if holds(suspects, moment) else PcState.OK


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int


def snapshot(records: Iterable[Record], days: Sequence[ServiceDay], period: Dates, zone: timezone) -> Share | None:
    """OK / (all - RETIRED) at the end of the last promised interval of the period (G, 1); the goal is judged on it.

    `days` may begin before the period. None when nothing was promised in it.
    """
    last = max((one for one in _within(days, period) if one.promised), key=lambda one: one.day, default=None)
    if last is None:
        return None
    moment = last.promised[-1][1]
    states = [state_at(record, suspected(record, days, zone), last.day, moment) for record in records]
    return Share(states.count(PcState.OK), len(states) - states.count(PcState.RETIRED))


def out_of_order(record: Record, days: Iterable[ServiceDay], zone: timezone) -> list[Interval]:
    """When a PC was FAULT or SUSPECT; reckoned once for a period, asked for each of its days."""
    return united([*record.faults, *suspected(record, days, zone)])


def is_pc_day_ok(pc: Pc, bad: Sequence[Interval], each: ServiceDay) -> bool | None:
    """A PC-day (G, 2): OK when FAULT and SUSPECT cover less than half of the promised time; None: it is none."""
    if not (each.promised and pc.is_in_service(each.day)):
        return None
    return length_s(common(bad, each.promised)) < SPOILT * length_s(each.promised)


def pc_days(records: Iterable[Record], days: Sequence[ServiceDay], period: Dates, zone: timezone) -> Share:
    """OK days / in-service days of all PCs."""
    told: list[bool] = []
    for record in records:
        bad = out_of_order(record, days, zone)
        verdicts = (is_pc_day_ok(record.pc, bad, each) for each in _within(days, period))
        told += [verdict for verdict in verdicts if verdict is not None]
    return Share(sum(told), len(told))


@dataclass(frozen=True, slots=True)
class WorkstationTime:
    """Seconds that PCs stood ready, and of these were used; used is never more (2.7, 13)."""

    available_s: int
    used_s: int


def time_on(record: Record, bad: Sequence[Interval], days: Iterable[ServiceDay]) -> WorkstationTime:
    """Available |OK ∩ H| and used |sessions, united, ∩ OK ∩ H| of one PC on these days."""
    held = [span for each in days if record.pc.is_in_service(each.day) for span in each.held]
    ready = without(held, bad)
    return WorkstationTime(length_s(ready), length_s(common(record.sessions, ready)))


def workstation_time(
    records: Iterable[Record], days: Sequence[ServiceDay], period: Dates, zone: timezone
) -> Mapping[PcId, WorkstationTime]:
    """The time of each PC; their sums are the period's."""
    within = _within(days, period)
    return {record.pc.id: time_on(record, out_of_order(record, days, zone), within) for record in records}


def _within(days: Iterable[ServiceDay], period: Dates) -> list[ServiceDay]:
    return [one for one in days if period[0] <= one.day <= period[1]]


def _dates(spans: Iterable[Interval], zone: timezone) -> frozenset[date]:
    """The dates that spans touch; one of no length touches its own."""
    touched: set[date] = set()
    for begin, end in spans:
        first, last = begin.astimezone(zone).date(), max(begin, end - _INSTANT).astimezone(zone).date()
        touched.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(touched)


def _dates_between(before: date, after: date) -> Iterator[date]:
    return (before + timedelta(days=n) for n in range(1, (after - before).days))


def _whole(day: date, zone: timezone) -> Interval:
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    return midnight, midnight + timedelta(days=1)
