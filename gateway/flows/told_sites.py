"""A period's report out of the register of facts: told facts -> the sites' values -> gateway.reports.period_report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from gateway.facts.fact import Fact
from gateway.facts.kinds import KINDS
from gateway.facts.session import ToldSession
from gateway.facts.site import Readings, grouped, outages_of, site_facts
from gateway.flows.all_facts import AllFacts
from gateway.ports_facts import Span
from gateway.reports.period_report import report
from gateway.reports.report_values import Carried, HandMonth, Report, SiteTold
from gateway.reports.site_facts import LOOK_BACK
from gateway.reports.vietnamese_order import Key, vietnamese_key
from gateway.service.outages import OutageCause
from gateway.visits.comparison import Dates, year_before
from gateway.visits.devices import Visitors, keys_of_persons, visitor_range
from gateway.visits.growth import GOAL, Band
from gateway.visits.visit import MARGIN

_ALWAYS = (date(2000, 1, 1), date(9998, 12, 31))
_NOT_FOR_REPORTS = frozenset({"invoice", "price", "rule", "contract", "vat", "cost", "recipient", "letterhead"})


async def period_report(source: AllFacts, dates: Dates, only: str | None = None) -> Report:
    """The report of all sites, or of one."""
    before = year_before(dates)
    span = _with_look_back((before[0], dates[1]))
    facts = await source.standing(set(KINDS) - _NOT_FOR_REPORTS, span, only)
    names = [only] if only else await source.sites()
    told = [
        _site(
            name,
            [one for one in facts if one.site in (name, "")],
            await source.sessions(name, span),
            await source.readings(name, span),
            dates,
        )
        for name in names
    ]
    return report([one for _, one in sorted(told, key=lambda each: each[0])], dates, band_of(facts, dates[1].year))


def band_of(facts: Iterable[Fact], year: int) -> Band:
    """The goal of a year's plan; without one the first plan's."""
    plans = [one for one in facts if one.kind.name == "plan" and one.number("year") == year]
    return Band(plans[-1].number("low_percent"), plans[-1].number("high_percent")) if plans else GOAL


def _site(
    site: str, facts: Sequence[Fact], sessions: Sequence[ToldSession], readings: Readings, dates: Dates
) -> tuple[tuple[int, Key, str], SiteTold]:
    """A site with its place: its own number, or by name in the order of a Vietnamese dictionary."""
    by_kind = grouped(facts)
    before = year_before(dates)
    known = (before[0] - LOOK_BACK - timedelta(days=2), dates[1] + timedelta(days=1))
    entries = sorted(by_kind.get("site", []), key=lambda one: one.text("first"))
    current = [one for one in entries if one.day_of("first") <= dates[1]] or entries
    name = current[-1].text("name") if current else site
    return (current[-1].number("order") if current else 0, vietnamese_key(name), site), SiteTold(
        site=site,
        name=name,
        facts=site_facts(facts, sessions, known, readings),
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


def _with_look_back(dates: Dates) -> Span:
    # a day more on either side, whatever the sites' zones
    begin = datetime.combine(dates[0] - timedelta(days=1), time.min, UTC) - LOOK_BACK - MARGIN
    return begin, datetime.combine(dates[1] + timedelta(days=2), time.min, UTC)
