"""A day as the nightly summary tells it: the night's figures, or those of told facts, and how the site stood.

The figures of the weekdays before and of the month come out of the same reports as any period's, so that imported
days count as those that were counted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone

from gateway.accounting.rollup import Sums
from gateway.billing.variance import Status
from gateway.errors import NoFiguresError
from gateway.facts.fact import Fact
from gateway.facts.site import OURS, calendar_of, grouped, span_of, speed_test_of, zone_of
from gateway.flows.all_facts import AllFacts
from gateway.flows.told_bills import month_reconciled
from gateway.flows.told_sites import period_report
from gateway.reports.day import DayFigures
from gateway.reports.day_state import BillOpen, DayState, LineDay, Need, goal_of, line_day, needs_of, site_of
from gateway.reports.figures import Counted
from gateway.reports.lock import LOCK_DAY
from gateway.reports.quality import Quality
from gateway.reports.report_values import SiteReport
from gateway.reports.spans import month_dates
from gateway.service.calendar import promised
from gateway.service.speed import speed
from gateway.visits.growth import Band

_WEEKS_COMPARED = 4
_OF_DAY = ("outage", "speed_test", "heartbeat")
_ALWAYS = ("site", "week", "holiday", "swapped_day", "opening_change", "contract")
_BILLS_TOLD = frozenset({Status.HIGHER, Status.NO_INVOICE, Status.NO_CONTRACT})


@dataclass(frozen=True, slots=True)
class NightTold:
    """A day and how the site stood at its end."""

    site: str
    name: str
    figures: DayFigures
    state: DayState


@dataclass(frozen=True, slots=True)
class _Reports:
    """One site's reports that a night is told from."""

    day: SiteReport
    weeks: SiteReport
    """From four weeks before, or the first of the month, to the day."""
    to_date: SiteReport
    month: SiteReport
    band: Band


async def night_told(
    source: AllFacts,
    site: str,
    day: date,
    *,
    now: datetime,
    figures: DayFigures | None = None,
    noticed: Sequence[Need] = (),
) -> NightTold:
    """A day of one site; `figures` where the gateway counted it itself, `noticed` what it knows of itself.

    NoFiguresError when nothing tells of the day.
    """
    found = await _reports(source, site, day)
    if found is None:
        raise _no_figures(day)
    if figures and not figures.sums.sessions and found.day.period.counted.sessions:
        figures = None  # the gateway was not there that day: all of it was told
    begin = datetime.combine(day - timedelta(days=2), time.min, tzinfo=now.tzinfo)
    span = (begin, begin + timedelta(days=5))
    facts = await source.standing(_OF_DAY, span, site) + await source.standing(_ALWAYS, site=site)
    by_kind = grouped(one for one in facts if one.site in (site, ""))
    zone, calendar = zone_of(by_kind), calendar_of(by_kind, (day, day))
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    if figures is None and not (_is_told(found.day) or _was_alive(by_kind, midnight)):
        raise _no_figures(day)
    line = _line(by_kind, day, midnight, now)
    ends = [end for _, end in promised(calendar, day)]
    return NightTold(
        site=site,
        name=found.day.name,
        figures=_figures(found, figures, day, zone, now if now < midnight + timedelta(days=1) else None),
        state=DayState(
            needs=needs_of(found.weeks.pcs, line, await _bills(source, site, day), noticed),
            pcs=found.weeks.period.pcs,
            promised_s=found.day.service.promised_s,
            held_s=found.day.service.held_s,
            line=line,
            goal=goal_of(found.to_date, found.month, found.band, day),
            quality=None if figures else found.day.quality,
            is_over=now >= max(ends, default=midnight + timedelta(days=1)),
        ),
    )


async def _reports(source: AllFacts, site: str, day: date) -> _Reports | None:
    first = day.replace(day=1)
    weeks = min(day - timedelta(weeks=_WEEKS_COMPARED), first)
    spans = [(day, day), (weeks, day), (first, day)]
    if day != month_dates(first)[1]:  # else the month is what it is to date
        spans.append(month_dates(first))
    made = [await period_report(source, dates, site) for dates in spans]
    sites = [one for report in made if (one := site_of(report))]
    if len(sites) < len(spans):
        return None
    return _Reports(sites[0], sites[1], sites[2], sites[-1], made[2].band)


def _no_figures(day: date) -> NoFiguresError:
    hint = "the gateway was not yet in use, or the day was never closed; ask for a later one with --date"
    return NoFiguresError(f"there are no figures of {day}", hint=hint)


def _was_alive(by_kind: Mapping[str, Sequence[Fact]], midnight: datetime) -> bool:
    signs = [(one.instant_of("begin"), one.instant_of("end")) for one in by_kind.get("heartbeat", [])]
    return any(begin < midnight + timedelta(days=1) and end > midnight for begin, end in signs)


def _is_told(report: SiteReport) -> bool:
    """Does anything tell of the day, be it that nobody came to an open library?"""
    counted = report.period.counted
    any_figure = counted.sessions or counted.attempts or counted.blocked or counted.held_s or counted.extra_s
    return bool(any_figure or (counted.promised_s and not report.quality.missing))


def _figures(
    found: _Reports, counted_here: DayFigures | None, day: date, zone: timezone, until: datetime | None
) -> DayFigures:
    """The night's own, unless more was told than it counted; weekdays and month always out of the reports."""
    missing = set(found.weeks.quality.missing)
    by_day = {one.day: one.counted for one in found.weeks.days if one.day not in missing and _counts(one.counted)}
    compared = [day - timedelta(weeks=weeks) for weeks in range(1, _WEEKS_COMPARED + 1)]
    weekdays = tuple((on, by_day[on].visits) for on in compared if on in by_day)
    month = [on for on in by_day if on.replace(day=1) == day.replace(day=1)]
    counted, visits = found.day.period.counted, found.to_date.period.counted.visits
    if counted_here and counted_here.sums.sessions >= counted.sessions:
        days = max(counted_here.month_days, len(month))
        return replace(counted_here, weekday_visits=weekdays, month_visits=visits, month_days=days)
    return DayFigures(
        day=day,
        zone=zone,
        sums=_sums(counted),
        hours={
            datetime.combine(day, time(hour), tzinfo=zone): sums
            for hour, sums in enumerate(found.day.by_hour)
            if sums != Sums()
        },
        attempts=counted.attempts,
        refusals=counted.blocked,
        refused=tuple((row.category, row.blocked) for row in found.day.blocked if row.blocked),
        weekday_visits=weekdays,
        month_visits=visits,
        month_days=len(month),
        quality=counted_here.quality if counted_here else Quality(),
        counted_until=until,
    )


def _counts(counted: Counted) -> bool:
    """A day on which the site was open, or somebody came all the same: a holiday is no Wednesday like others."""
    return bool(counted.promised_s or counted.visits or counted.extra_s)


def _sums(counted: Counted) -> Sums:
    return Sums(counted.visits, counted.sessions, counted.use_s, counted.up_bytes, counted.down_bytes)


def _line(by_kind: Mapping[str, Sequence[Fact]], day: date, midnight: datetime, now: datetime) -> LineDay:
    outages = by_kind.get("outage", [])
    whole = (midnight, midnight + timedelta(days=1))
    down = [
        (span_of(one), one.instant("end") is None, bool(one.text("ticket")))
        for one in outages
        if one.text("cause") == "isp"
    ]
    ours = [span_of(one) for one in outages if one.text("cause") in OURS]
    contracted = _contracted(by_kind.get("contract", []), day)
    tests = [speed_test_of(one) for one in by_kind.get("speed_test", []) if whole[0] <= one.instant_of("at") < whole[1]]
    # without a contract nothing says how much of the line a test may find in use
    measured = speed(tests, contracted or max((one.kbit_s for one in tests), default=0))
    return replace(line_day(down, ours, whole, now), speed_kbit_s=measured.mean_kbit_s, contracted_kbit_s=contracted)


def _contracted(contracts: Iterable[Fact], day: date) -> int:
    """The fastest line in force, for a site may keep a second one as a reserve."""
    return max(
        (
            one.number("speed_kbit_s")
            for one in contracts
            if one.day_of("first") <= day and (one.day("last") or day) >= day
        ),
        default=0,
    )


async def _bills(source: AllFacts, site: str, day: date) -> list[BillOpen]:
    """Last month's contracts that somebody has to look after; an invoice may take as long as the month's lock."""
    month = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    try:
        made = await month_reconciled(source, month, site)
    except ValueError:
        return []  # a VAT rate is not told yet: cong reconcile says so, and the summary must not fail for it
    return [
        BillOpen(row.contract, month, row.status, row.difference_vnd)
        for row in made.rows
        if row.status in _BILLS_TOLD and (row.status is not Status.NO_INVOICE or day.day > LOCK_DAY)
    ]
