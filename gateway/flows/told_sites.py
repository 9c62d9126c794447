"""A period's report: what its months count and the facts beside it -> the sites' values -> gateway.reports."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gateway.facts.fact import Fact
from gateway.facts.site import calendar_of, grouped, outages_of
from gateway.flows.all_facts import AllFacts
from gateway.flows.counted_months import counted_months, counted_pcs, facts_span
from gateway.reports.month_counts import MonthCounts
from gateway.reports.period_report import months_needed, report
from gateway.reports.report_values import Carried, HandMonth, Report, SiteTold
from gateway.reports.spans import month_dates, previous
from gateway.reports.tables import PcRow
from gateway.reports.vietnamese_order import Key, vietnamese_key
from gateway.service.outages import OutageCause
from gateway.visits.comparison import Dates, year_before
from gateway.visits.devices import Visitors, keys_of_persons, visitor_range
from gateway.visits.growth import GOAL, Band

_ALWAYS = (date(2000, 1, 1), date(9998, 12, 31))
_BESIDE = (
    "site", "week", "holiday", "swapped_day", "opening_change", "outage", "scope", "plan", "hand_count",
    "month_devices", "blocked", "carried_day", "wan_day",
)  # fmt: skip
"""Kinds of facts that a report has beside what its months count."""


async def period_report(source: AllFacts, dates: Dates, only: str | None = None) -> Report:
    """The report of all sites, or of one."""
    facts, told = await told_sites(source, dates, only)
    return report(told, dates, band_of(facts, dates[1].year))


async def told_sites(source: AllFacts, dates: Dates, only: str | None = None) -> tuple[list[Fact], list[SiteTold]]:
    """What is known of each site, in the order of tables, and the facts it is known by."""
    facts = await source.standing(_BESIDE, facts_span((min(year_before(dates)[0], previous(dates)[0]), dates[1])), only)
    names = [only] if only else await source.sites()
    told = []
    for name in names:
        last_told = await source.reports.told(name, date(dates[1].year - 1, 1, 1), dates[1]) if source.reports else {}
        counts = await counted_months(source, name, months_needed(dates, last_told))
        pcs = None if _is_whole_months(dates) else await counted_pcs(source, name, dates)
        told.append(_site(name, [one for one in facts if one.site in (name, "")], counts, last_told, pcs, dates))
    return facts, [one for _, one in sorted(told, key=lambda each: each[0])]


def _is_whole_months(dates: Dates) -> bool:
    return dates[0].day == 1 and dates[1] == month_dates(dates[1].replace(day=1))[1]


def band_of(facts: Iterable[Fact], year: int) -> Band:
    """The goal of a year's plan; without one the first plan's."""
    plans = [one for one in facts if one.kind.name == "plan" and one.number("year") == year]
    return Band(plans[-1].number("low_percent"), plans[-1].number("high_percent")) if plans else GOAL


def _site(
    site: str,
    facts: Sequence[Fact],
    counts: Mapping[date, MonthCounts],
    last_told: Mapping[date, Mapping[str, int]],
    pcs: tuple[PcRow, ...] | None,
    dates: Dates,
) -> tuple[tuple[int, Key, str], SiteTold]:
    """A site with its place: its own number, or by name in the order of a Vietnamese dictionary."""
    by_kind = grouped(facts)
    entries = sorted(by_kind.get("site", []), key=lambda one: one.text("first"))
    current = [one for one in entries if one.day_of("first") <= dates[1]] or entries
    name = current[-1].text("name") if current else site
    return (current[-1].number("order") if current else 0, vietnamese_key(name), site), SiteTold(
        site=site,
        name=name,
        calendar=calendar_of(by_kind, dates),
        counts=counts,
        active=[(one.day_of("first"), one.day("last") or _ALWAYS[1]) for one in by_kind.get("scope", [])] or [_ALWAYS],
        hand={one.month_of("month"): _hand(one) for one in by_kind.get("hand_count", [])},
        outages={cause: outages_of(by_kind, cause) for cause in OutageCause},
        blocked=_blocked(by_kind.get("blocked", [])),
        carried={one.day_of("day"): _carried(one) for one in by_kind.get("carried_day", [])},
        devices={one.month_of("month"): one.number("devices") for one in by_kind.get("month_devices", [])},
        visitors={
            one.month_of("month"): _visitors(one) for one in by_kind.get("month_devices", []) if one.has("most_a_day")
        },
        wan={
            one.day_of("day"): (one.number("up_bytes"), one.number("down_bytes")) for one in by_kind.get("wan_day", [])
        },
        told=last_told,
        pcs=pcs,
    )


def _visitors(one: Fact) -> Visitors:
    told = one.number
    per_person = keys_of_persons(told("wifi_persons"), told("wifi_logins"))
    return visitor_range(told("devices"), told("local"), told("most_a_day"), told("persons"), per_person)


def _hand(one: Fact) -> HandMonth:
    return HandMonth(
        one.number("visits"),
        one.number("kiosk_visits"),
        one.number("wifi_visits"),
        one.number("served_s"),
        one.text("document"),
    )


def _carried(one: Fact) -> Carried:
    whole = one.number("up_bytes") + one.number("down_bytes")
    parts = (f"{part}_{way}_bytes" for part in ("session", "open") for way in ("up", "down"))
    return Carried(whole, sum(one.number(part) for part in parts))


def _blocked(facts: Iterable[Fact]) -> Mapping[str, Mapping[date, int]]:
    by_category: dict[str, dict[date, int]] = {}
    for one in facts:
        by_category.setdefault(one.text("category"), {})[one.day_of("day")] = one.number("count")
    return by_category
