"""A period's report of one site and of all: every figure with its parts (counting 2.4, 5.1; decision 6).

In:  SiteTold, what each site counts by month and what else is known of it; the period; the plan's band.
Out: Report, exact values without texts. The same facts give the same report, in whatever order they were told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta

from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import indicators
from gateway.reports.lock import Adjustment, adjustments
from gateway.reports.month_counts import DayCounts, MonthCounts
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
from gateway.reports.spans import dates_of, month_dates, months_of, previous
from gateway.reports.tables import (
    PcRow,
    blocked_rows,
    by_clock_hour,
    by_weekday,
    incident_rows,
)
from gateway.service.calendar import promised, whole_days
from gateway.service.hours import summed
from gateway.service.intervals import common
from gateway.service.workstation import Share
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


def report(sites: Iterable[SiteTold], dates: Dates, band: Band) -> Report:
    """The whole report, sites in the order they are given."""
    before = year_before(dates)
    adjusted = [(one, _adjustments(one, dates)) for one in sites]
    told = [(one, _site_report(one, dates, before, band, len(later))) for one, later in adjusted]
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
        adjustments=tuple(one for _, later in adjusted for one in later),
    )


def months_needed(dates: Dates, told: Iterable[date] = ()) -> list[date]:
    """The months of a site that a report rests on: its own, those of the year to date, of a year before, and those
    whose told figures are held against today's: from the first of the year before on."""
    year = (date(dates[1].year, 1, 1), dates[1])
    held = (month for month in told if date(dates[1].year - 1, 1, 1) <= month <= dates[1])
    return sorted({*months_of(dates), *months_of(year), *months_of(year_before(dates)), *held})


def _site_report(told: SiteTold, dates: Dates, before: Dates, band: Band, adjusted: int) -> SiteReport:
    year = (date(dates[1].year, 1, 1), dates[1])
    days = _days(told, dates)
    months = _months(told, dates)
    base = _base(told, before)
    counted = sum((one.counted for one in months), Counted())
    one_month = dates == month_dates(dates[0].replace(day=1))
    month = told.counts[dates[0].replace(day=1)]
    one_span = [whole_days(told.calendar, *dates)]
    promises = [span for day in dates_of(dates) for span in promised(told.calendar, day)]
    hours = {
        datetime.combine(one.day, time(hour), told.calendar.zone): sums for one in days for hour, sums in one.hours
    }
    rows = _pcs(told, dates) if told.pcs is None else told.pcs
    return SiteReport(
        site=told.site,
        name=told.name,
        period=Period(counted, told.devices.get(month.month, month.devices) if one_month else None, _snapshot(rows)),
        before=base,
        to_date=sum((one.counted for one in _months(told, year)), Counted()),
        growth=_growth(counted, base, band),
        service=summed(one.service for one in days),
        months=months,
        months_before=_months_before(told, before),
        days=tuple(DayFigures(one.day, one.counted) for one in days),
        by_hour=by_clock_hour(hours),
        by_weekday=by_weekday(hours),
        pcs=rows,
        incidents=tuple(
            incident_rows({cause: common(spans, one_span) for cause, spans in told.outages.items()}, promises)
        ),
        blocked=tuple(blocked_rows(_blocked(told, dates), _blocked(told, previous(dates)))),
        quality=_quality(told, dates, before, adjusted),
        visitors=told.visitors.get(dates[0]) if one_month else None,
        line_volume=_line_volume(told.wan, dates),
    )


def _line_volume(wan: Mapping[date, tuple[int, int]], dates: Dates) -> LineVolume | None:
    days = [moved for day, moved in wan.items() if dates[0] <= day <= dates[1]]
    return LineVolume(sum(up for up, _ in days), sum(down for _, down in days), len(days)) if days else None


def _days(told: SiteTold, dates: Dates) -> list[DayCounts]:
    return [one for month in months_of(dates) for one in told.counts[month].days if dates[0] <= one.day <= dates[1]]


def _months(told: SiteTold, dates: Dates) -> tuple[MonthFigures, ...]:
    """The months of a span; a hand count wins over the gateway's of the same month (2.7, 14)."""
    rows = []
    for month in months_of(dates):
        first, last = month_dates(month)
        span = max(first, dates[0]), min(last, dates[1])
        counted = sum((one.counted for one in _days(told, span)), Counted())
        hand = told.hand.get(month)
        rows.append(MonthFigures(month, _by_hand(counted, hand), hand.document if hand else ""))
    return tuple(rows)


def month_figures(told: SiteTold, month: date) -> dict[str, int]:
    """A month's figures by name, as reports have them: what is locked, and held against what was."""
    counted = _months(told, month_dates(month))[0].counted
    return {one.name: getattr(counted, one.name) for one in fields(Counted)}


def _adjustments(told: SiteTold, dates: Dates) -> list[Adjustment]:
    return [
        one
        for month in sorted(told.told)
        if month <= dates[1] and month in told.counts
        for one in adjustments(month, told.told[month], month_figures(told, month), told.site)
    ]


def _pcs(told: SiteTold, dates: Dates) -> tuple[PcRow, ...]:
    """Each PC at the end of the period; days out of order are those of all its months."""
    months = [told.counts[month] for month in months_of(dates) if told.counts[month].pcs]
    if not months:
        return ()
    days_out: dict[str, int] = {}
    for one in months:
        for row in one.pcs:
            days_out[row.pc] = days_out.get(row.pc, 0) + row.days_out
    last = months[-1]
    return tuple(replace(row, since=_since(told, last.month, row), days_out=days_out[row.pc]) for row in last.pcs)


def _since(told: SiteTold, month: date, row: PcRow) -> date | None:
    """From when a PC has been out of order, over the months that are known: each month looks back LOOK_BACK alone."""
    since = row.since
    while since is not None and since < month:
        month = (month - timedelta(days=1)).replace(day=1)
        known = told.counts.get(month)
        if known is None:
            break
        if not known.pcs:
            continue  # nothing was promised in it
        earlier = next((one.since for one in known.pcs if one.pc == row.pc), None)
        if earlier is None:
            break
        since = min(since, earlier)
    return since


def _snapshot(rows: Sequence[PcRow]) -> Share | None:
    return MonthCounts(date.min, (), 0, tuple(rows)).snapshot


def _by_hand(counted: Counted, hand: HandMonth | None) -> Counted:
    if hand is None:
        return counted
    by_hand = replace(
        counted, visits=hand.visits, kiosk_visits=hand.kiosk_visits, wifi_visits=hand.wifi_visits, outside_visits=0
    )
    # without a gateway nothing says what was held, but the register may
    return by_hand if counted.served_s else replace(by_hand, held_s=hand.served_s)


def _base(told: SiteTold, before: Dates) -> Counted | None:
    """The same period a year before; None when some month of it has no figure."""
    months = _months_before(told, before)
    if len(months) < len(list(months_of(before))):
        return None
    return sum((one.counted for one in months), Counted())


def _months_before(told: SiteTold, before: Dates) -> tuple[MonthFigures, ...]:
    return tuple(one for one in _months(told, before) if one.month in told.hand or told.counts[one.month].is_told)


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


def _blocked(told: SiteTold, dates: Dates) -> dict[str, int]:
    sums = {
        category: sum(count for day, count in days.items() if dates[0] <= day <= dates[1])
        for category, days in told.blocked.items()
    }
    return {category: count for category, count in sums.items() if count}


def _quality(told: SiteTold, dates: Dates, before: Dates, adjusted: int) -> PeriodQuality:
    rows = []
    for one in _days(told, dates):
        by_hand = one.day.replace(day=1) in told.hand
        has_promise = one.counted.promised_s > 0
        rows.append(DayKnown(one.day, has_promise, one.has_signs or by_hand, by_hand and has_promise))
    base = [
        Baseline(0, Method.HAND if month in told.hand else Method.GATEWAY)
        for month in months_of(before)
        if month in told.hand or told.counts[month].is_told
    ]
    carried = [one for day, one in told.carried.items() if dates[0] <= day <= dates[1]]
    return quality_of(
        rows,
        method_changed=method_changed(base),
        adjustments=adjusted,
        carried_bytes=sum(one.carried_bytes for one in carried),
        unexplained_bytes=sum(one.carried_bytes - one.explained_bytes for one in carried),
    )


def _sum(periods: Sequence[Period]) -> Period:
    devices = [one.devices for one in periods]
    shares = [one.pcs for one in periods if one.pcs]
    return Period(
        counted=sum((one.counted for one in periods), Counted()),
        devices=None if None in devices else sum(one for one in devices if one),
        pcs=Share(sum(one.part for one in shares), sum(one.whole for one in shares)) if shares else None,
    )
