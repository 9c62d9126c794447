"""What may be compared with what: periods, sites, ways of counting (counting 2.4 H, 2.5; 2.7, 14).

In:  each site's figures of a period and of the same a year before, and when it was part of the programme.
Out: same-site figures for gateway.visits.growth, and the sites left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

Dates = tuple[date, date]
"""First and last date of a period, both in it."""


def year_before(period: Dates) -> Dates:
    """The same calendar period a year before; whole months stay whole, so 29 February is compared in its month."""
    first, last = period
    ends_month = last == _month_end(last.year, last.month)
    return _a_year_back(first), _month_end(last.year - 1, last.month) if ends_month else _a_year_back(last)


@dataclass(frozen=True, slots=True)
class SiteVisits:
    """One site's figures of both periods; None: there is no figure."""

    site: str
    active: Sequence[Dates]
    """When it is part of the programme; both dates in it."""
    visits: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Growth over several sites."""

    same_visits: int
    same_before: int
    """Of the sites that were active on every day of both periods and have a figure for both."""
    left_out: tuple[str, ...]
    """The others, listed beside it."""
    all_visits: int
    all_before: int


def compare(sites: Iterable[SiteVisits], period: Dates, before: Dates) -> Compared:
    """Same-site figures and those of all sites (2.7, 14)."""
    told = sorted(_by_site(sites).values(), key=lambda one: one.site)
    same = [one for one in told if _is_comparable(one, period, before)]
    return Compared(
        same_visits=sum(one.visits or 0 for one in same),
        same_before=sum(one.before or 0 for one in same),
        left_out=tuple(one.site for one in told if one not in same),
        all_visits=sum(one.visits or 0 for one in told),
        all_before=sum(one.before or 0 for one in told),
    )


def _by_site(sites: Iterable[SiteVisits]) -> Mapping[str, SiteVisits]:
    # each site once, however often it is told
    return {one.site: one for one in sites}


class Method(StrEnum):
    """How a figure was counted."""

    HAND = "hand"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The visits of a month of the base year, and how they were counted."""

    visits: int
    method: Method
    document: str = ""
    """The paper a hand count comes from."""


def baseline(hand: Baseline | None, gateway: Baseline | None) -> Baseline | None:
    """A hand baseline wins over a gateway count of the same month (2.7, 14)."""
    return hand or gateway


def method_changed(before: Iterable[Baseline], now: Method = Method.GATEWAY) -> bool:
    """Was any part of the base counted another way? Then the comparison carries the flag."""
    return any(one.method is not now for one in before)


def is_active(active: Iterable[Dates], period: Dates) -> bool:
    """Was a site active on every day of a period? Spans that follow each other are one."""
    reached = period[0]
    for first, last in sorted(active):
        if first <= reached <= last:
            reached = last + timedelta(days=1)
    return reached > period[1]


def _is_comparable(one: SiteVisits, period: Dates, before: Dates) -> bool:
    both = is_active(one.active, period) and is_active(one.active, before)
    return both and one.visits is not None and one.before is not None


def _a_year_back(day: date) -> date:
    end = _month_end(day.year - 1, day.month)
    return end.replace(day=min(day.day, end.day))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
