"""What months of a site count: kept ones from the store, the others out of all facts, and then kept.

A count is kept only when nothing it may rest on was told while it was made, so it is that of the facts as they stand.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from gateway.facts.site import site_facts
from gateway.flows.all_facts import AllFacts
from gateway.ports_facts import Span
from gateway.reports.month_counts import MonthCounts, count_month, pcs_of
from gateway.reports.site_facts import LOOK_BACK, SiteFacts
from gateway.reports.spans import month_dates, months_of
from gateway.reports.tables import PcRow
from gateway.visits.comparison import Dates
from gateway.visits.visit import MARGIN

COUNTED_KINDS = (
    "site", "week", "holiday", "swapped_day", "opening_change", "view", "attempt_day", "blocked", "door", "heartbeat",
    "outage", "pc", "pc_fault", "pc_seen",
)  # fmt: skip
"""Kinds of facts that a month's counts rest on, beside sessions; no other touches what is kept (schema 0013)."""

_RUN = 6
"""Months whose facts are read at once."""


async def counted_months(source: AllFacts, site: str, months: Iterable[date]) -> dict[date, MonthCounts]:
    """The counts of these months of a site."""
    wanted = sorted(set(months))
    store = source.counts
    if store is None:
        return {one.month: one for run in _runs(wanted) for one in await _counted(source, site, run)}
    generation = await store.settle(source.stamp)
    known = await store.months(site, wanted, source.stamp)
    for run in _runs(month for month in wanted if month not in known):
        fresh = await _counted(source, site, run)
        await store.keep(site, [one for one in fresh if source.is_settled(site, one.month)], source.stamp, generation)
        known.update({one.month: one for one in fresh})
    return known


async def counted_pcs(source: AllFacts, site: str, dates: Dates) -> tuple[PcRow, ...]:
    """PCs at the end of a period that is no whole months: never kept."""
    return pcs_of(await _facts(source, site, dates), dates)


async def count_all(
    source: AllFacts,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    enough: Callable[[], bool] = lambda: False,
) -> tuple[int, int]:
    """Count and keep every month of every site that is not kept, newest first; how many were counted, of how many.

    `progress` hears both after each run. When `enough` says so the work ends; what is left is counted when it is asked
    for, or by the night.
    """
    store = source.counts
    assert store is not None
    await store.settle(source.stamp)
    left: list[tuple[str, list[date]]] = []
    for site in await source.sites():
        extent = await store.extent(site, source.stamp)
        months = list(months_of(_dates(extent))) if extent else []
        known = await store.months(site, months, source.stamp)
        left += [(site, run) for run in _runs(month for month in months if month not in known)]
    whole, done = sum(len(run) for _, run in left), 0
    progress(done, whole)
    for site, run in sorted(left, key=lambda one: one[1], reverse=True):
        if enough():
            break
        await counted_months(source, site, run)
        done += len(run)
        progress(done, whole)
    return done, whole


def facts_span(dates: Dates) -> Span:
    """When facts may matter to a span of dates; a day more on either side, whatever the sites' zones."""
    begin = datetime.combine(dates[0] - timedelta(days=1), datetime.min.time(), UTC) - LOOK_BACK - MARGIN
    return begin, datetime.combine(dates[1] + timedelta(days=2), datetime.min.time(), UTC)


async def _counted(source: AllFacts, site: str, run: Sequence[date]) -> list[MonthCounts]:
    values = await _facts(source, site, (run[0], month_dates(run[-1])[1]))
    return [count_month(values, month) for month in run]


async def _facts(source: AllFacts, site: str, dates: Dates) -> SiteFacts:
    span = facts_span(dates)
    facts = [one for one in await source.standing(COUNTED_KINDS, span, site) if one.site in (site, "")]
    known = (dates[0] - LOOK_BACK - timedelta(days=2), dates[1] + timedelta(days=1))
    return site_facts(facts, await source.sessions(site, span), known, await source.readings(site, span))


def _runs(months: Iterable[date]) -> Iterator[list[date]]:
    """Months in runs that follow each other, none longer than _RUN."""
    run: list[date] = []
    for month in months:
        if run and (len(run) == _RUN or month_dates(run[-1])[1] + timedelta(days=1) != month):
            yield run
            run = []
        run.append(month)
    if run:
        yield run


def _dates(extent: Span) -> Dates:
    return extent[0].date() - timedelta(days=1), extent[1].date() + timedelta(days=1)
