"""A month of the line as staff look at it: outages of every cause by day, how available it was, and how fast."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from gateway.facts.fact import Fact
from gateway.facts.site import OURS, span_of, speed_test_of
from gateway.flows.hand_entries import HandEntries
from gateway.flows.line_entries import CAUSES, outages_between
from gateway.reports.lock import next_month
from gateway.reports.spans import dates_of, month_dates, months_before, months_of
from gateway.service.intervals import Interval, common, length_s, united
from gateway.service.outages import availability, isp_outages
from gateway.service.speed import Speed, SpeedTest, speed

_HISTORY = 12


@dataclass(frozen=True, slots=True)
class DayOfLine:
    """One day of it, as far as it is over; seconds down by cause, before the floor but for the ISP's."""

    day: date
    seconds: int
    """How much of the day is over."""
    isp_s: int
    """What enters the credit claim: without our own causes, five minutes and more."""
    down_s: dict[str, int]
    """By cause, as it was seen or told."""
    availability_percent: Fraction | None


@dataclass(frozen=True, slots=True)
class MonthOfLine:
    """One month of it."""

    month: date
    isp_s: int
    availability_percent: Fraction | None


@dataclass(frozen=True, slots=True)
class LineMonth:
    """All of it."""

    month: date
    days: tuple[DayOfLine, ...]
    whole: MonthOfLine
    history: tuple[MonthOfLine, ...]
    """Twelve months up to this one, oldest first."""
    outages: tuple[Fact, ...]
    """Newest first."""
    tests: tuple[SpeedTest, ...]
    """Newest first."""
    speed: Speed
    contracted_kbit_s: int


async def line_month(entries: HandEntries, month: date, now: datetime) -> LineMonth:
    """The month whose first day it is, at the gateway's own site; what is not over yet counts up to now."""
    dates = months_before(month, _HISTORY - 1), month_dates(month)[1]
    facts = await outages_between(entries, dates, site=entries.site)
    tests, contracted = await _speeds(entries, month)
    # a line that fails each hour has thousands of them: not on the loop
    return await asyncio.to_thread(_made, facts, tests, contracted, month, _Until(entries.zone, now))


@dataclass(frozen=True, slots=True)
class _Until:
    """What of days is over."""

    zone: timezone
    now: datetime

    def lasted(self, begin: date, last: date) -> list[Interval]:
        at, end = (datetime.combine(day, time.min, self.zone) for day in (begin, last + timedelta(days=1)))
        return [(at, min(end, self.now))] if at < self.now else []


def _made(
    facts: Sequence[Fact], tests: Sequence[SpeedTest], contracted_kbit_s: int, month: date, until: _Until
) -> LineMonth:
    down = [span_of(one) for one in facts if one.text("cause") == "isp"]
    ours = [span_of(one) for one in facts if one.text("cause") in OURS]
    by_cause = {cause: united(span_of(one) for one in facts if one.text("cause") == cause) for cause in CAUSES}

    def of_isp(within: list[Interval]) -> list[Interval]:
        return isp_outages(down, ours, within[0]) if within else []

    def of_month(one: date) -> MonthOfLine:
        within = until.lasted(*month_dates(one))
        found = of_isp(within)
        return MonthOfLine(one, length_s(found), availability(found, within))

    def of_day(day: date, found: list[Interval]) -> DayOfLine:
        within = until.lasted(day, day)
        own = common(found, within)
        lasted_s = {cause: length_s(common(spans, within)) for cause, spans in by_cause.items()}
        return DayOfLine(day, length_s(within), length_s(own), lasted_s, availability(own, within))

    whole = until.lasted(*month_dates(month))
    found = of_isp(whole)
    history = tuple(of_month(one) for one in months_of((months_before(month, _HISTORY - 1), month)))
    return LineMonth(
        month,
        tuple(of_day(day, found) for day in dates_of(month_dates(month))),
        history[-1],
        history,
        tuple(reversed([one for one in facts if common([span_of(one)], whole)])),
        tuple(sorted(tests, key=lambda one: one.at, reverse=True)),
        speed(tests, contracted_kbit_s),
        contracted_kbit_s,
    )


async def _speeds(entries: HandEntries, month: date) -> tuple[list[SpeedTest], int]:
    """The month's measurements, and the fastest line in force in it: a site may keep a second one as a reserve."""
    begin, end = (datetime.combine(day, time.min, entries.zone) for day in (month, next_month(month)))
    told = await entries.source.standing(["speed_test"], (begin, end), entries.site)
    tests = [test for one in told if begin <= (test := speed_test_of(one)).at < end]
    last = month_dates(month)[1]
    contracts = [
        one.number("speed_kbit_s")
        for one in await entries.source.standing(["contract"], site=entries.site)
        if one.day_of("first") <= last and (one.day("last") or last) >= month
    ]
    return tests, max(contracts, default=0)
