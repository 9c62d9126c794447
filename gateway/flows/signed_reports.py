"""Reports as they are printed: signed ones as they were signed, all others as they count today; and the month's lock.

Told months (what the office knows of each) are written by a signature and by the lock, never changed. What counts
otherwise today stands as an adjustment in every report until one of them is signed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gateway.clock import local_day
from gateway.errors import GatewayError
from gateway.flows.all_facts import AllFacts
from gateway.flows.office import office_of
from gateway.flows.report_papers import around, signed_papers
from gateway.flows.told_sites import band_of, told_sites
from gateway.papers.frozen import paper_of, paper_tree
from gateway.papers.paper import Language, Paper
from gateway.ports_counts import ReportStore, SignedReport, ToldMonth
from gateway.reports.lock import is_locked, next_month
from gateway.reports.period_report import month_figures, report
from gateway.reports.report_body import Signature, body_of, report_of
from gateway.reports.report_values import Report, SiteTold
from gateway.reports.spans import month_dates, months_of, parse_span
from gateway.visits.comparison import Dates

_MOST_LOCKED = 24
"""Months that are locked at most at once, when nights were missed: reports look no further back."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report: its form (month, quarter, half, year), its period, and one site or (None) all."""

    form: str
    period: str
    site: str | None
    dates: Dates

    @classmethod
    def of(cls, form: str, period: str, site: str | None) -> "Asked":
        """As it was typed; ValueError for what is no period."""
        return cls(form, period.upper(), site, parse_span(form, period))


@dataclass(frozen=True, slots=True)
class Printed:
    """A report, and the text of its JSON."""

    report: Report
    body: str
    signed: SignedReport | None
    """None: a draft."""


async def printed_report(source: AllFacts, asked: Asked, *, draft: bool = False) -> Printed:
    """The report as it was signed; as it counts today if it was not, or if a draft is wanted."""
    signed = None if draft else await _reports(source).signed(asked.form, asked.period, asked.site)
    if signed:
        return Printed(report_of(_proved(signed)), signed.body, signed)
    made, _ = await _counted(source, asked)
    return Printed(made, body_of(asked.form, asked.period, asked.site, made, None), None)


async def sign_report(
    source: AllFacts, asked: Asked, signature: Signature, zone: timezone, lock_day: int, *, figures: str = ""
) -> tuple[SignedReport, bool]:
    """Freeze a report and its papers under their number and date; False with the one that stands, if signed so already.

    `figures`: the SHA-256 of the draft that was looked at; figures that changed since are not signed. GatewayError when
    `check_signature` has one, or nothing is known of the site.
    """
    stands = await check_signature(source, asked, signature, zone)
    if stands is not None:
        return stands, False
    store = _reports(source)
    if asked.site is not None and asked.site not in await source.sites():
        raise GatewayError(f"nothing is known of a site {asked.site}", hint="cong facts list site tells them")
    made, told = await _counted(source, asked)
    if figures and figures != _sha256(body_of(asked.form, asked.period, asked.site, made, None)):
        raise GatewayError(
            f"the figures of {asked.period} are others than those that were looked at",
            hint="look at the report again, then sign it",
            key="figures-changed",
        )
    body = body_of(asked.form, asked.period, asked.site, made, signature)
    report_of(body)  # what can't be read again is not signed
    known = await around(source, asked.dates, asked.site, lock_day)
    if known.office.letterhead is None:
        raise _no_letterhead()
    papers = _papers_text(signed_papers(asked.form, made, known, signature))
    hashes = _sha256(body), _sha256(papers)
    fresh = SignedReport(asked.form, asked.period, asked.site, signature, *hashes, body, papers)
    stands = await store.sign(fresh, _told(made, told, asked.dates))
    if stands is fresh:
        return fresh, True
    return _same(stands, signature), False


async def check_signature(source: AllFacts, asked: Asked, signature: Signature, zone: timezone) -> SignedReport | None:
    """The report that stands signed so already; None: it may be signed. Counts nothing.

    GatewayError, with a key, when the period is not over, the date is too early, it is signed under another number or
    date, or the letterhead is not known.
    """
    last = asked.dates[1]
    today = local_day(signature.signed_at, zone)
    values = {"period": asked.period, "last": last.isoformat()}
    if today <= last:
        raise GatewayError(
            f"{asked.period} is not over: its last day is {last}, today is {today}",
            hint="until then cong report prints it as a draft",
            key="not-over",
            values=values,
        )
    if signature.dated_on <= last:
        raise GatewayError(
            f"the report of {asked.period} can't be dated {signature.dated_on}: its last day is {last}",
            hint="give the date under the paper with --date",
            key="dated-early",
            values=values,
        )
    stands = await _reports(source).signed(asked.form, asked.period, asked.site)
    if stands is not None:
        return _same(stands, signature)
    if (await office_of(source, asked.dates, asked.site)).letterhead is None:
        raise _no_letterhead()
    return None


def _no_letterhead() -> GatewayError:
    return GatewayError(
        "the letterhead is not known: the signed paper would have dots there for ever",
        hint="cong facts add letterhead sets it; cong facts describe letterhead tells its fields",
        key="no-letterhead",
    )


def _same(stands: SignedReport, signature: Signature) -> SignedReport:
    before = stands.signature
    if (before.number, before.dated_on) != (signature.number, signature.dated_on):
        raise GatewayError(
            f"the report of {stands.period} is signed already: number {before.number} of {before.dated_on}, entered by "
            f"{before.author}; a signed report never changes",
            hint="what came out otherwise since stands as an adjustment in the next report",
            key="signed-already",
            values={"number": before.number, "date": before.dated_on.isoformat(), "by": before.author},
        )
    return stands


async def lock_months(source: AllFacts, now: datetime, zone: timezone, lock_day: int) -> list[ToldMonth]:
    """Keep the figures of each month that is past its lock and of which the office was told nothing; those kept.

    The first time that is the latest such month alone: what was before the gateway was never told by it. Later it is
    every month since, so that missed nights are made up.
    """
    store = _reports(source)
    latest = local_day(now, zone).replace(day=1)
    while not is_locked(latest, now, zone, lock_day):
        latest = (latest - timedelta(days=1)).replace(day=1)
    last = await store.last_locked()
    months = [latest] if last is None else list(months_of((next_month(last), latest)))
    kept: list[ToldMonth] = []
    for month in months[-_MOST_LOCKED:]:
        _, sites = await told_sites(source, month_dates(month))
        kept += await store.lock([ToldMonth(one.site, month, month_figures(one, month)) for one in sites], now)
    return kept


async def _counted(source: AllFacts, asked: Asked) -> tuple[Report, Sequence[SiteTold]]:
    facts, told = await told_sites(source, asked.dates, asked.site)
    return report(told, asked.dates, band_of(facts, asked.dates[1].year)), told


def _told(made: Report, sites: Sequence[SiteTold], dates: Dates) -> list[ToldMonth]:
    """What a report tells: the months of its period, and those it adjusts."""
    adjusted = {(one.site, one.month) for one in made.adjustments}
    own: set[date] = set(months_of(dates))
    return [
        ToldMonth(one.site, month, month_figures(one, month))
        for one in sites
        for month in sorted(own | {month for site, month in adjusted if site == one.site})
    ]


def signed_paper(signed: SignedReport, language: Language) -> Paper:
    """The paper as it was signed; GatewayError when what is kept of it was damaged."""
    _prove(signed, signed.papers, signed.papers_sha256)
    return paper_of(json.loads(signed.papers)[language])


def _papers_text(papers: Mapping[Language, Paper]) -> str:
    trees = {language: paper_tree(paper) for language, paper in papers.items()}
    text = json.dumps(trees, ensure_ascii=False, separators=(",", ":"))
    for language, tree in json.loads(text).items():  # what can't be read again is not signed
        assert paper_of(tree) == papers[language]
    return text


def _proved(signed: SignedReport) -> str:
    _prove(signed, signed.body, signed.sha256)
    return signed.body


def _prove(signed: SignedReport, text: str, sha256: str) -> None:
    if _sha256(text) != sha256:
        raise GatewayError(
            f"the signed report of {signed.period} is damaged: its text does not have its hash any more",
            hint="restore the database from a backup; --draft counts the figures anew",
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _reports(source: AllFacts) -> ReportStore:
    assert source.reports is not None
    return source.reports
