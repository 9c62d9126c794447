"""A period's report: what its months count and the facts beside it -> the sites' values -> gateway.reports."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gateway.facts.fact import Fact
from gateway.facts.site import calendar_of, grouped
from gateway.flows.all_facts import AllFacts
from gateway.flows.counted_months import counted_months, facts_span
from gateway.reports.month_counts import MonthCounts
from gateway.reports.period_report import months_needed, report
from gateway.reports.report_values import HandMonth, Report, SiteTold
from gateway.service.intervals import Interval
from gateway.service.outages import OutageCause
from gateway.service.workstation import UNENDED
from gateway.visits.comparison import Dates, year_before
from gateway.visits.growth import GOAL, Band

_ALWAYS = (date(2000, 1, 1), date(9998, 12, 31))
_BESIDE = (
    "site", "week", "holiday", "swapped_day", "opening_change", "outage", "scope", "plan", "hand_count",
    "month_devices",
)  # fmt: skip
"""Kinds of facts that a report has beside what its months count."""


async def period_report(source: AllFacts, dates: Dates, only: str | None = None) -> Report:
    """The report of all sites, or of one."""
    facts, told = await told_sites(source, dates, only)
    return report(told, dates, band_of(facts, dates[1].year))


async def told_sites(source: AllFacts, dates: Dates, only: str | None = None) -> tuple[list[Fact], list[SiteTold]]:
    """What is known of each site, in the order of tables, and the facts it is known by."""
    facts = await source.standing(_BESIDE, facts_span((year_before(dates)[0], dates[1])), only)
    names = [only] if only else await source.sites()
    told = []
    for name in names:
        last_told = await source.reports.told(name, date(dates[1].year - 1, 1, 1), dates[1]) if source.reports else {}
        counts = await counted_months(source, name, months_needed(dates, last_told))
        told.append(_site(name, [one for one in facts if one.site in (name, "")], counts, last_told, dates))
    return facts, [one for _, one in sorted(told, key=lambda each: each[0])]


def band_of(facts: Iterable[Fact], year: int) -> Band:
    """The goal of a year's plan; without one the first plan's."""
    plans = [one for one in facts if one.kind.name == "plan" and one.number("year") == year]
    return Band(plans[-1].number("low_percent"), plans[-1].number("high_percent")) if plans else GOAL


def _site(
    site: str,
    facts: Sequence[Fact],
    counts: Mapping[date, MonthCounts],
    last_told: Mapping[date, Mapping[str, int]],
    dates: Dates,
) -> tuple[tuple[int, str], SiteTold]:
    by_kind = grouped(facts)
    entries = sorted(by_kind.get("site", []), key=lambda one: one.text("first"))
    current = [one for one in entries if one.day_of("first") <= dates[1]] or entries
    return (current[-1].number("order") if current else 0, site), SiteTold(
        site=site,
        name=current[-1].text("name") if current else site,
        calendar=calendar_of(by_kind, dates),
        counts=counts,
        active=[(one.day_of("first"), one.day("last") or _ALWAYS[1]) for one in by_kind.get("scope", [])] or [_ALWAYS],
        hand={one.month_of("month"): _hand(one) for one in by_kind.get("hand_count", [])},
        outages=_outages(by_kind.get("outage", [])),
        devices={one.month_of("month"): one.number("devices") for one in by_kind.get("month_devices", [])},
        told=last_told,
    )


def _hand(one: Fact) -> HandMonth:
    return HandMonth(
        one.number("visits"),
        one.number("kiosk_visits"),
        one.number("wifi_visits"),
        one.number("served_s"),
        one.text("document"),
    )


def _outages(facts: Iterable[Fact]) -> dict[OutageCause, list[Interval]]:
    by_cause: dict[OutageCause, list[Interval]] = {}
    for one in facts:
        span = one.instant_of("begin"), one.instant("end") or UNENDED
        by_cause.setdefault(OutageCause(one.text("cause")), []).append(span)
    return by_cause
