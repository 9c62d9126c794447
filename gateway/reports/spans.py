"""The spans reports are made of: month, quarter, half-year, year, and what of a site's facts concerns one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from gateway.reports.lock import next_month
from gateway.reports.site_facts import LOOK_BACK, SiteFacts
from gateway.service.intervals import Interval, common
from gateway.visits.comparison import Dates
from gateway.visits.visit import MARGIN

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_FORMS = {
    "month": (r"(\d{4})-(0[1-9]|1[0-2])", "2027-03"),
    "quarter": (r"(\d{4})-[qQ]([1-4])", "2027-Q1"),
    "half": (r"(\d{4})-[hH]([12])", "2027-H1"),
    "year": (r"(\d{4})()", "2027"),
}


def parse_span(form: str, text: str) -> Dates:
    """First and last date of "2027-03", "2027-Q1", "2027-H1" or "2027"; ValueError otherwise."""
    pattern, example = _FORMS[form]
    match = re.fullmatch(pattern, text)
    if not match or not 2000 <= int(match[1]) <= 9998:
        raise ValueError(f'"{text}" is no {form}: write it as "{example}"')
    first = date(int(match[1]), (int(match[2] or 1) - 1) * _MONTHS[form] + 1, 1)
    last = first
    for _ in range(_MONTHS[form]):
        last = next_month(last)
    return first, last - timedelta(days=1)


def months_of(dates: Dates) -> Iterator[date]:
    """The first day of each month a span touches."""
    month = dates[0].replace(day=1)
    while month <= dates[1]:
        yield month
        month = next_month(month)


def months_before(day: date, count: int) -> date:
    """The first day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def previous(dates: Dates) -> Dates:
    """The period just before, of as many months (Biểu 4's "kỳ trước"); of one that is no whole months, as many days."""
    months = list(months_of(dates))
    if dates != (months[0], month_dates(months[-1])[1]):
        return dates[0] - (dates[1] - dates[0]) - timedelta(days=1), dates[0] - timedelta(days=1)
    first = months[0]
    for _ in months:
        first = (first - timedelta(days=1)).replace(day=1)
    return first, months[0] - timedelta(days=1)


def month_dates(month: date) -> Dates:
    """First and last date of a month."""
    return month, next_month(month) - timedelta(days=1)


def dates_of(dates: Dates) -> Iterator[date]:
    """Each date of a span."""
    return (dates[0] + timedelta(days=n) for n in range((dates[1] - dates[0]).days + 1))


def cut(facts: SiteFacts, dates: Dates) -> SiteFacts:
    """What of a site's facts the figures of a span rest on: LOOK_BACK and a session's length before it too."""
    zone = facts.calendar.zone
    begin = datetime.combine(dates[0], time.min, zone) - LOOK_BACK - MARGIN
    end = datetime.combine(dates[1] + timedelta(days=1), time.min, zone)
    sessions = [one for one in facts.sessions if begin <= one.start < end]
    known = {one.id for one in sessions}
    records = [
        replace(
            one,
            sightings=[span for span in one.sightings if begin <= span[0] < end],
            sessions=[span for span in one.sessions if begin <= span[0] < end],
        )
        for one in facts.pcs
    ]
    return replace(
        facts,
        up=common(facts.up, [(begin, end)]),
        sessions=sessions,
        ledger=[one for one in facts.ledger if one.session in known],
        volumes=[one for one in facts.volumes if one.span.session in known],
        views=[one for one in facts.views if begin <= one.at < end],
        doors=None if facts.doors is None else [one for one in facts.doors if begin <= one.at < end],
        evidence=[one for one in facts.evidence if begin <= one[0] < end],
        line_down=_touching(facts.line_down, begin, end),
        power_cuts=_touching(facts.power_cuts, begin, end),
        gateway_faults=_touching(facts.gateway_faults, begin, end),
        planned=_touching(facts.planned, begin, end),
        pcs=records,
    )


def _touching(spans: Sequence[Interval], begin: datetime, end: datetime) -> list[Interval]:
    # whole, not clipped: an outage is judged by its length (2.7, 15)
    return [one for one in spans if one[0] < end and one[1] > begin]
