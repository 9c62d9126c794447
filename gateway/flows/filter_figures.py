"""What the filter refused, by profile, category and hour or day; the sums `cong dns stats` tells, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from gateway.clock import local_day
from gateway.ports_dns import DnsCounts, DnsCountStore


def begins(now: datetime, zone: timezone) -> dict[str, datetime]:
    """Since when today and this hour are summed: sums stand by whole hours of UTC, so a day of a zone off the hour
    begins with the hour its midnight is in."""
    midnight = datetime.combine(local_day(now, zone), time.min, tzinfo=zone)
    return {"today": midnight.replace(minute=0), "hour": now.replace(minute=0, second=0, microsecond=0)}


async def spans(store: DnsCountStore, now: datetime, zone: timezone) -> Mapping[str, DnsCounts]:
    """Today and this hour."""
    return {word: await store.since(begin) for word, begin in begins(now, zone).items()}


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals by category over hours of a day, or over days; one count a label."""

    labels: tuple[str, ...]
    """Hours "00" to "23", or days "2027-03-12"."""
    counts: Mapping[str, tuple[int, ...]]
    """By category, the most refused first."""


async def by_hour(store: DnsCountStore, day: date, zone: timezone) -> Refusals:
    """Of one day of the site."""
    begin = datetime.combine(day, time.min, tzinfo=zone)
    rows = await store.refusals_between(begin, begin + timedelta(days=1))
    labels = [f"{hour:02}" for hour in range(24)]
    return _summed(labels, [(f"{at.astimezone(zone):%H}", category, count) for at, category, count in rows])


async def by_day(store: DnsCountStore, last: date, days: int, zone: timezone) -> Refusals:
    """Of so many days up to the last."""
    first = last - timedelta(days=days - 1)
    begin = datetime.combine(first, time.min, tzinfo=zone)
    rows = await store.refusals_between(begin, begin + timedelta(days=days))
    labels = [(first + timedelta(days=n)).isoformat() for n in range(days)]
    return _summed(labels, [(local_day(at, zone).isoformat(), category, count) for at, category, count in rows])


def _summed(labels: Sequence[str], rows: Sequence[tuple[str, str, int]]) -> Refusals:
    sums: dict[str, list[int]] = {}
    for label, category, count in rows:
        sums.setdefault(category, [0] * len(labels))[labels.index(label)] += count
    ordered = sorted(sums, key=lambda category: (-sum(sums[category]), category))
    return Refusals(tuple(labels), {category: tuple(sums[category]) for category in ordered})
