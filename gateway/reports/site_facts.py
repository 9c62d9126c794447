"""Every figure of a site out of its facts: the same whether they were counted here or imported.

In:  SiteFacts, in any order, told once or twice.
Out: Counted of each day, Period of a span; days add up to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from gateway.accounting.apportion import spread_bytes
from gateway.accounting.rollup import LedgerRow, Span, Sums, roll_up
from gateway.reports.figures import Counted, Period, counted
from gateway.reports.visit_counts import VisitCounts, count_visits
from gateway.service.calendar import Calendar, decided_extra, promised, sudden_closures, whole_days
from gateway.service.hours import Happened, held, service
from gateway.service.intervals import Interval, common
from gateway.service.opened import DoorEvent, opened_by_evidence, opened_by_staff
from gateway.service.outages import isp_outages
from gateway.service.workstation import Record, ServiceDay, Share, is_pc_day_ok, out_of_order, snapshot, time_on
from gateway.visits.attempts import Attempt, View, attempts_of
from gateway.visits.visit import CountedSession, counted_sessions, visits_of

LOOK_BACK = timedelta(days=30)
"""Days before a period that are looked at too: silence of PCs begins before it, and Tết is long."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Bytes of a session that has totals alone, no samples."""

    span: Span
    up_bytes: int
    down_bytes: int


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is known of one site, from LOOK_BACK before the period on."""

    calendar: Calendar
    up: Sequence[Interval]
    """When the gateway was alive."""
    sessions: Sequence[CountedSession] = ()
    ledger: Sequence[LedgerRow] = ()
    volumes: Sequence[Volume] = ()
    views: Sequence[View] = ()
    blocked: Mapping[date, int] = field(default_factory=dict)
    doors: Sequence[DoorEvent] | None = None
    """None: opened by evidence, by the site's setting."""
    evidence: Sequence[Interval] = ()
    """Signs of use beside counted sessions: heartbeats of kiosks."""
    line_down: Sequence[Interval] = ()
    power_cuts: Sequence[Interval] = ()
    gateway_faults: Sequence[Interval] = ()
    planned: Sequence[Interval] = ()
    pcs: Sequence[Record] = ()


def figures_by_day(facts: SiteFacts, first: date, last: date) -> dict[date, Counted]:
    """The figures of each date from `first` to `last`, also of those without any."""
    zone = facts.calendar.zone
    happened = happened_by_day(facts, first - LOOK_BACK, last)
    visits = count_visits(visits_of(facts.sessions), {day: one.promised for day, one in happened.items()}, zone)
    hours = _sums_by_day(facts)
    attempts: dict[date, list[Attempt]] = {}
    for attempt in attempts_of(facts.views):
        attempts.setdefault(attempt.day(zone), []).append(attempt)
    service_days = _service_days(happened)
    bad = [(record, out_of_order(record, service_days, zone)) for record in facts.pcs]
    return {
        each.day: counted(
            visits=visits.get(each.day, VisitCounts()),
            sums=hours.get(each.day, Sums()),
            attempts=attempts.get(each.day, ()),
            blocked=facts.blocked.get(each.day, 0),
            service=service(happened[each.day]),
            pc_days=_pc_days(bad, each),
            workstations=[time_on(record, spans, [each]) for record, spans in bad],
        )
        for each in service_days
        if first <= each.day <= last
    }


def period_of(facts: SiteFacts, first: date, last: date) -> Period:
    """A period's sums, its devices when it is a month or less, and the snapshot of its PCs at its end."""
    happened = happened_by_day(facts, first - LOOK_BACK, last)
    zone = facts.calendar.zone
    devices = {
        session.device
        for session in counted_sessions(facts.sessions)
        if first <= session.start.astimezone(zone).date() <= last
    }
    return Period(
        counted=sum(figures_by_day(facts, first, last).values(), Counted()),
        devices=len(devices) if last - first < _A_MONTH else None,
        pcs=snapshot(facts.pcs, _service_days(happened), (first, last), zone) if facts.pcs else None,
    )


_A_MONTH = timedelta(days=31)


def hour_sums(facts: SiteFacts) -> dict[datetime, Sums]:
    """What came and was used in each hour of the site, by samples where there are some, else by shares."""
    zone = facts.calendar.zone
    spans = [Span(one.id, one.start, one.stop) for one in counted_sessions(facts.sessions)]
    hours = roll_up((visit.start for visit in visits_of(facts.sessions)), spans, facts.ledger, zone)
    for one in set(facts.volumes):
        for hour, sums in spread_bytes(one.span, one.up_bytes, one.down_bytes, zone).items():
            hours[hour] = hours.get(hour, Sums()) + sums
    return {hour: hours[hour] for hour in sorted(hours)}


def _sums_by_day(facts: SiteFacts) -> dict[date, Sums]:
    days: dict[date, Sums] = {}
    for hour, sums in hour_sums(facts).items():
        days[hour.date()] = days.get(hour.date(), Sums()) + sums
    return days


def happened_by_day(facts: SiteFacts, first: date, last: date) -> dict[date, Happened]:
    """Each date's P, O, U and what broke it; all of it cut to the day."""
    zone = facts.calendar.zone
    used = ((one.start, one.stop) for one in counted_sessions(facts.sessions))
    evidence: dict[date, list[Interval]] = {}
    for begin, end in (*facts.evidence, *used):
        begins, ends = begin.astimezone(zone).date(), end.astimezone(zone).date()
        for day in _dates(begins, ends):
            evidence.setdefault(day, []).append((begin, end))
    doors: dict[date, list[DoorEvent]] = {}
    for event in facts.doors or ():
        doors.setdefault(event.at.astimezone(zone).date(), []).append(event)
    return {day: _happened(facts, day, evidence.get(day, ()), doors.get(day, ())) for day in _dates(first, last)}


def _happened(facts: SiteFacts, day: date, evidence: Sequence[Interval], doors: Sequence[DoorEvent]) -> Happened:
    calendar = facts.calendar
    within = whole_days(calendar, day, day)
    promise = promised(calendar, day)
    if facts.doors is None:
        opened = opened_by_evidence(evidence, promise, decided_extra(calendar, day))
    else:
        opened = opened_by_staff(doors, evidence, calendar.zone)
    ours = [*facts.power_cuts, *facts.gateway_faults, *facts.planned]
    return Happened(
        promised=promise,
        opened=common(opened, [within]),
        up=common(facts.up, [within]),
        isp_outages=isp_outages(facts.line_down, ours, within),
        sudden_closures=sudden_closures(calendar, day),
        power_cuts=common(facts.power_cuts, [within]),
        equipment_faults=common(facts.gateway_faults, [within]),
    )


def _service_days(happened: Mapping[date, Happened]) -> list[ServiceDay]:
    return [ServiceDay(day, one.promised, held(one)) for day, one in sorted(happened.items())]


def _pc_days(bad: Sequence[tuple[Record, Sequence[Interval]]], each: ServiceDay) -> Share:
    verdicts = [is_pc_day_ok(record.pc, spans, each) for record, spans in bad]
    return Share(verdicts.count(True), verdicts.count(True) + verdicts.count(False))


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
