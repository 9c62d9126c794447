"""The rows of Biểu 1: plan, actual, last year, change, year to date, rating (counting 5.1; 2.4 F to H).

In:  Period of now and of a year before, Counted of the year to date.
Out: Indicator, exact values without texts; documents, exports and JSON print the same integers from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from gateway.reports.figures import Counted, Period
from gateway.service.hours import percent_of
from gateway.visits.growth import GOAL, Band, Rating, growth, needed, rating


class Row(StrEnum):
    """Biểu 1's rows, in its order."""

    VISITS = "visits"
    KIOSK_VISITS = "kiosk_visits"
    WIFI_VISITS = "wifi_visits"
    OUTSIDE_VISITS = "outside_visits"
    SESSIONS = "sessions"
    DEVICES = "devices"
    HOURS_HELD = "held_s"
    HOURS_INTERNET = "internet_s"
    HOURS_EXTRA = "extra_s"
    PCS = "pcs"
    PC_DAYS = "pc_days"
    WORKSTATION_USE = "workstation_use"
    REJECTED = "rejected"
    DOWN = "down_bytes"
    UP = "up_bytes"
    BLOCKED = "blocked"


class Unit(StrEnum):
    """What a value is in."""

    COUNT = "count"
    SECONDS = "seconds"
    BYTES = "bytes"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row; None prints as "–"."""

    row: Row
    unit: Unit
    plan: int | None
    actual: int | Fraction | None
    before: int | Fraction | None
    change: Fraction | None
    """Percent against `before`; of percentages none."""
    to_date: int | Fraction | None
    rating: Rating | None


_SUMS = (
    (Row.KIOSK_VISITS, Unit.COUNT),
    (Row.WIFI_VISITS, Unit.COUNT),
    (Row.OUTSIDE_VISITS, Unit.COUNT),
    (Row.SESSIONS, Unit.COUNT),
)
_LAST_SUMS = ((Row.REJECTED, Unit.COUNT), (Row.DOWN, Unit.BYTES), (Row.UP, Unit.BYTES), (Row.BLOCKED, Unit.COUNT))


def indicators(now: Period, before: Period | None, to_date: Counted, band: Band = GOAL) -> tuple[Indicator, ...]:
    """All rows, in order. `before` None: there is no figure of last year."""
    was = before.counted if before else None
    rows = [
        _visits(now.counted, was, to_date, band),
        *(_sum(row, unit, now.counted, was, to_date) for row, unit in _SUMS),
        _state(Row.DEVICES, now.devices, before.devices if before else None),
        *_hours(now.counted, was, to_date),
        _pcs(now, before),
        _percent(Row.PC_DAYS, "pc_days_ok", "pc_days", (now.counted, was, to_date)),
        _percent(Row.WORKSTATION_USE, "used_s", "available_s", (now.counted, was, to_date)),
        *(_sum(row, unit, now.counted, was, to_date) for row, unit in _LAST_SUMS),
    ]
    return tuple(rows)


def _visits(now: Counted, was: Counted | None, to_date: Counted, band: Band) -> Indicator:
    base = was.visits if was else None
    plan = needed(base, band) if base else None
    told = rating(now.visits, base, band)
    return Indicator(Row.VISITS, Unit.COUNT, plan, now.visits, base, growth(now.visits, base), to_date.visits, told)


def _sum(row: Row, unit: Unit, now: Counted, was: Counted | None, to_date: Counted) -> Indicator:
    actual, base = int(getattr(now, row)), int(getattr(was, row)) if was else None
    return Indicator(row, unit, None, actual, base, growth(actual, base), getattr(to_date, row), None)


def _hours(now: Counted, was: Counted | None, to_date: Counted) -> Iterator[Indicator]:
    """Held and Internet hours against the promise, judged exactly (2.7, 11); extra hours have no plan."""
    for row in (Row.HOURS_HELD, Row.HOURS_INTERNET):
        one = _sum(row, Unit.SECONDS, now, was, to_date)
        yield Indicator(
            row,
            one.unit,
            now.promised_s,
            one.actual,
            one.before,
            one.change,
            one.to_date,
            _met(getattr(now, row), now.promised_s),
        )
    yield _sum(Row.HOURS_EXTRA, Unit.SECONDS, now, was, to_date)


def _pcs(now: Period, before: Period | None) -> Indicator:
    """The goal of 100 % is judged on the snapshot (2.4 G)."""
    was = before.pcs.part if before and before.pcs else None
    if now.pcs is None:
        return Indicator(Row.PCS, Unit.COUNT, None, None, was, None, None, None)
    met = _met(now.pcs.part, now.pcs.whole)
    return Indicator(Row.PCS, Unit.COUNT, now.pcs.whole, now.pcs.part, was, growth(now.pcs.part, was), None, met)


def _state(row: Row, actual: int | None, was: int | None) -> Indicator:
    change = growth(actual, was) if actual is not None else None
    return Indicator(row, Unit.COUNT, None, actual, was, change, None, None)


def _percent(row: Row, part: str, whole: str, spans: tuple[Counted, Counted | None, Counted]) -> Indicator:
    now, was, to_date = (percent_of(getattr(one, part), getattr(one, whole)) if one else None for one in spans)
    return Indicator(row, Unit.PERCENT, None, now, was, None, to_date, None)


def _met(part: int, whole: int) -> Rating | None:
    if not whole:
        return None
    return Rating.MET if part == whole else Rating.MISSED
