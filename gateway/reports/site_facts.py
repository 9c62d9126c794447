"""Every figure of a site out of its facts: the same whether they were counted here or imported.

In:  SiteFacts, in any order, told once or twice.
Out: Counted of each day, Period of a span; days add up to it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone

from gateway.accounting.apportion import hour_shares
from gateway.accounting.rollup import LedgerRow, Span, Sums, roll_up
from gateway.reports.figures import Counted, Period, counted
from gateway.reports.visit_counts import VisitCounts, count_visits
from gateway.service.calendar import Calendar, decided_extra, promised, sudden_closures, whole_days
from gateway.service.hours import Happened, held, service
from gateway.service.intervals import Interval, common, united
from gateway.service.opened import DoorEvent, opened_by_evidence, opened_by_staff
from gateway.service.outages import isp_outages
from gateway.service.workstation import Record, ServiceDay, Share, is_pc_day_ok, snapshot, suspected, time_on
from gateway.units import from_epoch_s
from gateway.visits.attempts import Attempt, View, attempts_of
from gateway.visits.visit import GAP, CountedSession, Visit, counted_sessions, visits_of

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
    noted_attempts: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    """Attempts, and the rejected of them, of days whose views are gone; they win over views."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What several figures of a span rest on, reckoned once."""

    visits: tuple[Visit, ...]
    hours: Mapping[datetime, Sums]
    """What came and was used in each hour of the site."""
    happened: Mapping[date, Happened]
    """From LOOK_BACK before the span on, where there are PCs; else of the span."""
    suspects: Sequence[Sequence[Interval]] = ()
    """When each PC of the facts was SUSPECT."""

    def service_days(self) -> list[ServiceDay]:
        """Each date with what was promised and held."""
        return [ServiceDay(day, one.promised, held(one)) for day, one in sorted(self.happened.items())]


def basis_of(facts: SiteFacts, first: date, last: date) -> Basis:
    """The basis of a span of dates."""
    zone = facts.calendar.zone
    # a session that stopped longer than the gap before the span neither is of it nor has a visit that goes on in it
    reach = datetime.combine(first, time.min, zone) - GAP
    near = [one for one in counted_sessions(facts.sessions) if one.stop >= reach]
    visits = visits_of(near)
    happened = _happened_by_day(facts, first - LOOK_BACK if facts.pcs else first, last)
    basis = Basis(visits, _hour_sums(facts, near, visits), happened)
    days = basis.service_days()
    return replace(basis, suspects=[suspected(record, days, zone) for record in facts.pcs])


def figures_by_day(facts: SiteFacts, first: date, last: date, basis: Basis | None = None) -> dict[date, Counted]:
    """The figures of each date from `first` to `last`, also of those without any."""
    zone = facts.calendar.zone
    known = basis or basis_of(facts, first, last)
    visits = count_visits(known.visits, {day: one.promised for day, one in known.happened.items()}, zone)
    hours: dict[date, Sums] = {}
    for hour, sums in known.hours.items():
        hours[hour.date()] = hours.get(hour.date(), Sums()) + sums
    attempts: dict[date, list[Attempt]] = {}
    for attempt in attempts_of(facts.views):
        attempts.setdefault(attempt.day(zone), []).append(attempt)
    service_days = known.service_days()
    bad = [
        (record, united([*record.faults, *suspects]))
        for record, suspects in zip(facts.pcs, known.suspects, strict=True)
    ]
    used = [_by_date(record.sessions, zone) for record in facts.pcs]
    days = {
        each.day: counted(
            visits=visits.get(each.day, VisitCounts()),
            sums=hours.get(each.day, Sums()),
            attempts=attempts.get(each.day, ()),
            blocked=facts.blocked.get(each.day, 0),
            service=service(known.happened[each.day]),
            pc_days=_pc_days(bad, each),
            workstations=[
                time_on(replace(record, sessions=dates.get(each.day, ())), spans, [each])
                for (record, spans), dates in zip(bad, used, strict=True)
            ],
        )
        for each in service_days
        if first <= each.day <= last
    }
    for day, (tried, rejected) in facts.noted_attempts.items():
        if day in days:
            days[day] = replace(days[day], attempts=tried, rejected=rejected)
    return days


def period_of(facts: SiteFacts, first: date, last: date) -> Period:
    """A period's sums, its devices when it is a month or less, and the snapshot of its PCs at its end."""
    known = basis_of(facts, first, last)
    zone = facts.calendar.zone
    devices = {
        session.device
        for session in counted_sessions(facts.sessions)
        if first <= session.start.astimezone(zone).date() <= last
    }
    return Period(
        counted=sum(figures_by_day(facts, first, last, known).values(), Counted()),
        devices=len(devices) if last - first < _A_MONTH else None,
        pcs=snapshot(facts.pcs, known.service_days(), (first, last), zone) if facts.pcs else None,
    )


_A_MONTH = timedelta(days=31)


def _hour_sums(facts: SiteFacts, sessions: Sequence[CountedSession], visits: Sequence[Visit]) -> dict[datetime, Sums]:
    """By samples where there are some, else by shares of each hour."""
    zone = facts.calendar.zone
    spans = [Span(one.id, one.start, one.stop) for one in sessions]
    hours = roll_up((visit.start for visit in visits), spans, facts.ledger, zone)
    moved: dict[int, list[int]] = {}
    near = {one.id for one in sessions}
    for one in {volume.span.session: volume for volume in facts.volumes if volume.span.session in near}.values():
        for hour, up, down in hour_shares(one.span, one.up_bytes, one.down_bytes, zone):
            sums_of = moved.setdefault(hour, [0, 0])
            sums_of[0] += up
            sums_of[1] += down
    for second, (up, down) in moved.items():
        at = from_epoch_s(second).astimezone(zone)
        hours[at] = hours.get(at, Sums()) + Sums(up_bytes=up, down_bytes=down)
    return {hour: hours[hour] for hour in sorted(hours)}


@dataclass(frozen=True, slots=True)
class _Signs:
    """Spans that are known of a site, by the dates they touch."""

    evidence: Mapping[date, Sequence[Interval]]
    up: Mapping[date, Sequence[Interval]]
    doors: Mapping[date, Sequence[DoorEvent]]
    isp: Mapping[date, Sequence[Interval]]
    power: Mapping[date, Sequence[Interval]]
    equipment: Mapping[date, Sequence[Interval]]


def _happened_by_day(facts: SiteFacts, first: date, last: date) -> dict[date, Happened]:
    """Each date's P, O, U and what broke it; all of it cut to the day."""
    zone = facts.calendar.zone
    used = [(one.start, one.stop) for one in facts.sessions if one.counts]
    doors: dict[date, list[DoorEvent]] = {}
    for event in facts.doors or ():
        doors.setdefault(event.at.astimezone(zone).date(), []).append(event)
    whole = whole_days(facts.calendar, first, last)
    ours = [*facts.power_cuts, *facts.gateway_faults, *facts.planned]
    signs = _Signs(
        evidence=_by_date([*facts.evidence, *used], zone),
        up=_by_date(common(facts.up, [whole]), zone),
        doors=doors,
        isp=_by_date(isp_outages(facts.line_down, ours, whole), zone),
        power=_by_date(common(facts.power_cuts, [whole]), zone),
        equipment=_by_date(common(facts.gateway_faults, [whole]), zone),
    )
    return {day: _happened(facts, day, signs) for day in _dates(first, last)}


def _by_date(spans: Iterable[Interval], zone: timezone) -> dict[date, list[Interval]]:
    """Spans by each date they touch."""
    dates: dict[date, list[Interval]] = {}
    for begin, end in spans:
        begins, ends = begin.astimezone(zone).date(), end.astimezone(zone).date()
        for day in _dates(begins, ends) if begins != ends else (begins,):
            dates.setdefault(day, []).append((begin, end))
    return dates


def _happened(facts: SiteFacts, day: date, signs: _Signs) -> Happened:
    calendar = facts.calendar
    within = whole_days(calendar, day, day)
    promise = promised(calendar, day)
    evidence = signs.evidence.get(day, ())
    if facts.doors is None:
        opened = opened_by_evidence(evidence, promise, decided_extra(calendar, day))
    else:
        opened = opened_by_staff(signs.doors.get(day, ()), evidence, calendar.zone)
    return Happened(
        promised=promise,
        opened=common(opened, [within]),
        up=common(signs.up.get(day, ()), [within]),
        isp_outages=common(signs.isp.get(day, ()), [within]),
        sudden_closures=sudden_closures(calendar, day),
        power_cuts=common(signs.power.get(day, ()), [within]),
        equipment_faults=common(signs.equipment.get(day, ()), [within]),
    )


def _pc_days(bad: Sequence[tuple[Record, Sequence[Interval]]], each: ServiceDay) -> Share:
    verdicts = [is_pc_day_ok(record.pc, spans, each) for record, spans in bad]
    return Share(verdicts.count(True), verdicts.count(True) + verdicts.count(False))


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
