"""A period's report of one site and of all: every figure with its parts (counting 2.4, 5.1; decision 6).

In:  SiteTold, what is known of each site; the period; the plan's band.
Out: Report, exact values without texts. The same facts give the same report, in whatever order they were told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import indicators
from gateway.reports.period_quality import DayKnown, PeriodQuality, quality_of
from gateway.reports.report_values import (
    DayFigures,
    Growth,
    HandMonth,
    LineVolume,
    MonthFigures,
    Report,
    SiteReport,
    SiteTold,
)
from gateway.reports.site_facts import SiteFacts, basis_of, figures_by_day
from gateway.reports.spans import cut, dates_of, month_dates, months_of, previous
from gateway.reports.tables import (
    blocked_rows,
    by_clock_hour,
    by_weekday,
    incident_rows,
    pc_rows,
)
from gateway.service.calendar import whole_days
from gateway.service.hours import Cause, Service, service
from gateway.service.intervals import common
from gateway.service.workstation import Share, snapshot
from gateway.visits.comparison import (
    Baseline,
    Dates,
    Method,
    SiteVisits,
    compare,
    method_changed,
    year_before,
)
from gateway.visits.growth import Band, growth, growth_per_hour, needed, rating, still_needed
from gateway.visits.visit import counted_sessions


def report(sites: Iterable[SiteTold], dates: Dates, band: Band) -> Report:
    """The whole report, sites in the order they are given."""
    before = year_before(dates)
    told = [(one, _site_report(one, dates, before, band)) for one in sites]
    total = _sum([each.period for _, each in told])
    compared = compare(
        (
            SiteVisits(one.site, one.active, each.period.counted.visits, each.before.visits if each.before else None)
            for one, each in told
        ),
        dates,
        before,
    )
    same = [each for _, each in told if each.site not in compared.left_out]
    was = [each.before for _, each in told]
    whole = None if None in was or not was else sum((one for one in was if one), Counted())
    to_date = sum((each.to_date for _, each in told), Counted())
    return Report(
        first=dates[0],
        last=dates[1],
        before_first=before[0],
        before_last=before[1],
        band=band,
        indicators=indicators(total, Period(whole) if whole else None, to_date, band),
        growth=_growth(
            sum((each.period.counted for each in same), Counted()),
            sum((each.before for each in same if each.before), Counted()) if same else None,
            band,
        ),
        compared=compared,
        total=total,
        sites=tuple(each for _, each in told),
    )


def _site_report(told: SiteTold, dates: Dates, before: Dates, band: Band) -> SiteReport:
    year = (date(dates[1].year, 1, 1), dates[1])
    counted_from = min(year[0], dates[0])
    now = cut(told.facts, (counted_from, dates[1]))
    basis = basis_of(now, counted_from, dates[1])
    days = figures_by_day(now, counted_from, dates[1], basis)
    days_before = figures_by_day(cut(told.facts, before), *before)
    service_days = basis.service_days()
    zone = told.facts.calendar.zone
    months = _months(told, days, dates)
    base = _base(told, days_before, before)
    counted = sum((one.counted for one in months), Counted())
    pcs = snapshot(now.pcs, service_days, dates, zone) if now.pcs else None
    promised = [span for day in dates_of(dates) for span in basis.happened[day].promised]
    one_month = dates == month_dates(dates[0].replace(day=1))
    one_span = [whole_days(told.facts.calendar, *dates)]
    hours = {at: sums for at, sums in basis.hours.items() if dates[0] <= at.date() <= dates[1]}
    return SiteReport(
        site=told.site,
        name=told.name,
        period=Period(counted, told.devices.get(dates[0], _devices(now, dates)) if one_month else None, pcs),
        before=base,
        to_date=sum((one.counted for one in _months(told, days, year)), Counted()),
        growth=_growth(counted, base, band),
        service=_service([service(basis.happened[day]) for day in dates_of(dates)]),
        months=months,
        months_before=_months_before(told, days_before, before),
        days=tuple(DayFigures(day, days[day]) for day in dates_of(dates)),
        by_hour=by_clock_hour(hours),
        by_weekday=by_weekday(hours),
        pcs=tuple(pc_rows(now.pcs, service_days, dates, zone)),
        incidents=tuple(
            incident_rows({cause: common(spans, one_span) for cause, spans in told.outages.items()}, promised)
        ),
        blocked=tuple(blocked_rows(_blocked(told, dates), _blocked(told, previous(dates)))),
        quality=_quality(told, days, dates, before),
        visitors=told.visitors.get(dates[0]) if one_month else None,
        line_volume=_line_volume(told.wan, dates),
    )


def _line_volume(wan: Mapping[date, tuple[int, int]], dates: Dates) -> LineVolume | None:
    days = [moved for day, moved in wan.items() if dates[0] <= day <= dates[1]]
    return LineVolume(sum(up for up, _ in days), sum(down for _, down in days), len(days)) if days else None


def _months(told: SiteTold, days: Mapping[date, Counted], dates: Dates) -> tuple[MonthFigures, ...]:
    """The months of a span; a hand count wins over the gateway's of the same month (2.7, 14)."""
    rows = []
    for month in months_of(dates):
        first, last = month_dates(month)
        span = max(first, dates[0]), min(last, dates[1])
        counted = sum((days[day] for day in dates_of(span) if day in days), Counted())
        hand = told.hand.get(month)
        rows.append(MonthFigures(month, _by_hand(counted, hand), hand.document if hand else ""))
    return tuple(rows)


def _by_hand(counted: Counted, hand: HandMonth | None) -> Counted:
    if hand is None:
        return counted
    by_hand = replace(
        counted, visits=hand.visits, kiosk_visits=hand.kiosk_visits, wifi_visits=hand.wifi_visits, outside_visits=0
    )
    # without a gateway nothing says what was held, but the register may
    return by_hand if counted.served_s else replace(by_hand, held_s=hand.served_s)


def _base(told: SiteTold, days: Mapping[date, Counted], before: Dates) -> Counted | None:
    """The same period a year before; None when some month of it has no figure."""
    months = _months_before(told, days, before)
    if len(months) < len(list(months_of(before))):
        return None
    return sum((one.counted for one in months), Counted())


def _months_before(told: SiteTold, days: Mapping[date, Counted], before: Dates) -> tuple[MonthFigures, ...]:
    return tuple(
        one
        for one in _months(told, days, before)
        if one.month in told.hand or _is_counted(told.facts, month_dates(one.month))
    )


def _is_counted(facts: SiteFacts, dates: Dates) -> bool:
    """Did the gateway run, or anybody come, on some day of it?"""
    begin, end = whole_days(facts.calendar, *dates)
    ran = any(start < end and stop > begin for start, stop in facts.up)
    return ran or any(begin <= one.start < end for one in facts.sessions)


def _growth(now: Counted, before: Counted | None, band: Band) -> Growth:
    base = before.visits if before else None
    return Growth(
        visits=now.visits,
        before=base,
        percent=growth(now.visits, base),
        rating=rating(now.visits, base, band),
        needed=needed(base, band) if base else None,
        still_needed=still_needed(now.visits, base, band) if base else None,
        per_hour_percent=growth_per_hour(now.visits, now.served_s, base, before.served_s if before else 0),
    )


def _devices(facts: SiteFacts, dates: Dates) -> int:
    """Distinct devices of a month; nothing longer has any, for months can't be linked (2.4 D)."""
    begin, end = whole_days(facts.calendar, *dates)
    return len({one.device for one in counted_sessions(facts.sessions) if begin <= one.start < end})


def _service(days: Sequence[Service]) -> Service:
    return Service(
        promised_s=sum(one.promised_s for one in days),
        held_s=sum(one.held_s for one in days),
        internet_s=sum(one.internet_s for one in days),
        extra_s=sum(one.extra_s for one in days),
        lost_s=tuple((cause, sum(dict(one.lost_s)[cause] for one in days)) for cause in Cause),
        isp_lost_s=sum(one.isp_lost_s for one in days),
    )


def _blocked(told: SiteTold, dates: Dates) -> dict[str, int]:
    sums = {
        category: sum(count for day, count in days.items() if dates[0] <= day <= dates[1])
        for category, days in told.blocked.items()
    }
    return {category: count for category, count in sums.items() if count}


def _quality(told: SiteTold, days: Mapping[date, Counted], dates: Dates, before: Dates) -> PeriodQuality:
    known = _dates_with_signs(told.facts, dates)
    rows = [
        DayKnown(
            day,
            promised=days[day].promised_s > 0,
            counted=day in known or day.replace(day=1) in told.hand,
            by_hand=day.replace(day=1) in told.hand and days[day].promised_s > 0,
        )
        for day in dates_of(dates)
    ]
    base = [
        Baseline(0, Method.HAND if month in told.hand else Method.GATEWAY)
        for month in months_of(before)
        if month in told.hand or _is_counted(told.facts, month_dates(month))
    ]
    carried = [one for day, one in told.carried.items() if dates[0] <= day <= dates[1]]
    return quality_of(
        rows,
        method_changed=method_changed(base),
        carried_bytes=sum(one.carried_bytes for one in carried),
        unexplained_bytes=sum(one.carried_bytes - one.explained_bytes for one in carried),
    )


def _dates_with_signs(facts: SiteFacts, dates: Dates) -> frozenset[date]:
    begin, end = whole_days(facts.calendar, *dates)
    zone, found = facts.calendar.zone, set[date]()
    signs = [*facts.up, *((one.start, one.stop) for one in facts.sessions)]
    for start, stop in signs:
        if start < end and stop >= begin:
            on, until = start.astimezone(zone).date(), stop.astimezone(zone).date()
            found.update(dates_of((max(on, dates[0]), min(until, dates[1]))))
    return frozenset(found)


def _sum(periods: Sequence[Period]) -> Period:
    devices = [one.devices for one in periods]
    shares = [one.pcs for one in periods if one.pcs]
    return Period(
        counted=sum((one.counted for one in periods), Counted()),
        devices=None if None in devices else sum(one for one in devices if one),
        pcs=Share(sum(one.part for one in shares), sum(one.whole for one in shares)) if shares else None,
    )
