"""Rows of the tables beside Biểu 1: hours and weekdays, PCs, filtering, incidents (counting 5.1, II.3 and Biểu 3 to 5).

In:  hour sums, PC records, counts by category, outages by cause.
Out: rows of exact values; documents print them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from fractions import Fraction

from gateway.accounting.rollup import Hours, Sums
from gateway.service.intervals import Interval, common, length_s, united
from gateway.service.outages import OutageCause
from gateway.service.workstation import Dates, PcState, Record, ServiceDay, is_pc_day_ok, state_at, suspected
from gateway.visits.growth import growth


def by_clock_hour(hours: Hours) -> tuple[Sums, ...]:
    """24 sums, by the hour of the day at the site; together they are the period."""
    return tuple(sum((sums for at, sums in hours.items() if at.hour == hour), Sums()) for hour in range(24))


def by_weekday(hours: Hours) -> tuple[Sums, ...]:
    """Seven sums, Monday first."""
    return tuple(sum((sums for at, sums in hours.items() if at.weekday() == day), Sums()) for day in range(7))


@dataclass(frozen=True, slots=True)
class PcRow:
    """One PC at the end of a period (Biểu 3)."""

    pc: str
    state: PcState
    since: date | None
    """From when it has been out of order without a break; None for one that is in order or not in service."""
    days_out: int
    """Service days of the period that were spoilt."""


def pc_rows(
    records: Iterable[Record],
    days: Sequence[ServiceDay],
    period: Dates,
    zone: timezone,
    suspects: Sequence[Sequence[Interval]] | None = None,
) -> list[PcRow]:
    """A row for each PC, by its code; states are those of the snapshot. Nothing without a promised day.

    `suspects` says when each record was SUSPECT, where that is known already.
    """
    promised = [one for one in days if period[0] <= one.day <= period[1] and one.promised]
    if not promised:
        return []
    told = list(records)
    known = suspects if suspects is not None else [suspected(record, days, zone) for record in told]
    rows = [_pc_row(record, spans, promised, zone) for record, spans in zip(told, known, strict=True)]
    return sorted(rows, key=lambda row: row.pc)


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """One group of content (Biểu 4)."""

    category: str
    blocked: int
    before: int
    change: Fraction | None


def blocked_rows(now: Mapping[str, int], before: Mapping[str, int]) -> list[BlockedRow]:
    """A row for each category that either period has, most blocked first."""
    names = sorted({*now, *before}, key=lambda name: (-now.get(name, 0), name))
    counts = ((name, now.get(name, 0), before.get(name, 0)) for name in names)
    return [BlockedRow(name, count, was, growth(count, was)) for name, count, was in counts]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One interruption (Biểu 5)."""

    start: datetime
    stop: datetime
    lasted_s: int
    within_hours_s: int
    cause: OutageCause


def incident_rows(outages: Mapping[OutageCause, Iterable[Interval]], promised: Iterable[Interval]) -> list[IncidentRow]:
    """A row for each, in order of start; touching ones of a cause are one."""
    service = united(promised)
    rows = [
        IncidentRow(
            begin, end, length_s([(begin, end)]), length_s(common([(begin, end)], _near(service, begin, end))), cause
        )
        for cause, spans in outages.items()
        for begin, end in united(spans)
    ]
    return sorted(rows, key=lambda row: (row.start, row.cause))


def _near(spans: Sequence[Interval], begin: datetime, end: datetime) -> list[Interval]:
    return [one for one in spans if one[0] < end and one[1] > begin]


def _pc_row(record: Record, suspects: Sequence[Interval], promised: Sequence[ServiceDay], zone: timezone) -> PcRow:
    last = max(promised, key=lambda one: one.day)
    moment = last.promised[-1][1]
    state = state_at(record, suspects, last.day, moment)
    bad = united([*record.faults, *suspects])
    out = [begin for begin, end in bad if begin <= moment < end]
    is_out = state in (PcState.FAULT, PcState.SUSPECT)
    since = out[0].astimezone(zone).date() if is_out and out else None
    days_out = sum(is_pc_day_ok(record.pc, bad, each) is False for each in promised)
    return PcRow(record.pc.id, state, since, days_out)
