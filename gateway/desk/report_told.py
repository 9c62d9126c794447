"""What the desk tells of a period's report: its figures in short, its state, and how sure they are."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.flows.signed_reports import Asked
from gateway.papers.adjusted import FIGURES, cells
from gateway.papers.indicator_table import indicator_table
from gateway.papers.paper import Language
from gateway.papers.printed import printed
from gateway.papers.sentences import hours_told, pcs_told, visitors_told, visits_told, volume_told
from gateway.papers.tongue import Tongue
from gateway.ports_counts import SignedHead
from gateway.reports.exact_json import read_value
from gateway.reports.lock import Adjustment
from gateway.reports.period_quality import quality_line
from gateway.reports.report_body import Signature, report_of
from gateway.reports.report_values import Report


@dataclass(frozen=True, slots=True)
class SignatureTold:
    """The office's number and date under a report."""

    number: str
    dated_on: date
    signed_at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class SignedTold:
    """A signed report as it is listed."""

    form: str
    """month, quarter, half or year."""
    period: str
    site: str | None
    """null: all sites."""
    signature: SignatureTold
    sha256: str
    """Of its JSON, which never changes."""
    body_bytes: int


@dataclass(frozen=True, slots=True)
class SignedListTold:
    """All signed reports, newest first."""

    reports: tuple[SignedTold, ...]


@dataclass(frozen=True, slots=True)
class AdjustmentTold:
    """A figure of a signed or locked month that came out otherwise since."""

    site: str
    month: date
    figure: str
    told: int
    now: int
    printed: tuple[str, str, str]
    """Told, now and the difference, as papers print them."""


@dataclass(frozen=True, slots=True)
class SiteFiguresTold:
    """One site in short."""

    site: str
    name: str
    visits: int
    before: int | None
    percent: float | None
    held_s: int
    promised_s: int
    internet_s: int
    pcs_working: int | None
    pcs: int | None
    quality: str
    """How whole its figures are, in the caller's language."""


@dataclass(frozen=True, slots=True)
class ReportTold:
    """A period's report."""

    form: str
    period: str
    site: str | None
    first: date
    last: date
    is_over: bool
    signature: SignatureTold | None
    """null: a draft."""
    sha256: str
    """Of the JSON: of the signed one, or of the draft as it counts now."""
    visits: int
    before: int | None
    """Of the same period a year before, of the sites that can be compared."""
    percent: float | None
    rating: str
    goal_low: int
    goal_high: int
    needed: int | None
    still_needed: int | None
    """Visits to the lower bound of the goal; 0 once it is reached."""
    per_hour_percent: float | None
    sentences: tuple[str, ...]
    """As the paper says it, in the caller's language."""
    indicators: tuple[tuple[str, ...], ...]
    """Biểu 1, printed; the first row has its headings."""
    sites: tuple[SiteFiguresTold, ...]
    adjustments: tuple[AdjustmentTold, ...]
    """Of earlier reports, that this one tells."""
    changed_since: tuple[AdjustmentTold, ...]
    """Of a signed report: what of its own months counts otherwise today."""


@dataclass(frozen=True, slots=True)
class Body:
    """A report as it was printed."""

    report: Report
    sha256: str
    """Of its JSON."""
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A report as it was counted or signed."""

    asked: Asked
    body: Body
    at: datetime
    """When it was counted."""


def body_of(printed_json: bytes) -> Body:
    """Out of what `cong report … --json` prints; takes time, for a thread."""
    body = printed_json.decode().removesuffix("\n")
    signed = json.loads(body)["signed"]
    signature = None if signed is None else read_value(Signature, signed)
    assert signature is None or isinstance(signature, Signature)
    return Body(report_of(body), hashlib.sha256(body.encode()).hexdigest(), signature)


def report_told(found: Figures, draft: Figures | None, language: Language, today: date) -> ReportTold:
    """As the desk tells it; `draft`: how a signed one counts today."""
    made, say = found.body.report, Tongue(language)
    growth, signature = made.growth, found.body.signature
    table = indicator_table(made, say)
    head = tuple(one.title for one in table.columns)
    rows = tuple(tuple(printed(cell, language) for cell in row) for row in table.rows)
    return ReportTold(
        form=found.asked.form,
        period=found.asked.period,
        site=found.asked.site,
        first=made.first,
        last=made.last,
        is_over=today > made.last,
        signature=signature_told(signature) if signature else None,
        sha256=found.body.sha256,
        visits=made.total.counted.visits,
        before=growth.before,
        percent=None if growth.percent is None else round(float(growth.percent), 4),
        rating=growth.rating.value,
        goal_low=made.band.low,
        goal_high=made.band.high,
        needed=growth.needed,
        still_needed=growth.still_needed,
        per_hour_percent=None if growth.per_hour_percent is None else round(float(growth.per_hour_percent), 4),
        sentences=_sentences(made, say),
        indicators=(head, *rows),
        sites=_sites(made, language),
        adjustments=_adjustments(made.adjustments, language),
        changed_since=_adjustments(
            [one for one in draft.body.report.adjustments if made.first <= one.month <= made.last] if draft else (),
            language,
        ),
    )


def signed_told(one: SignedHead) -> SignedTold:
    """A row of the list."""
    return SignedTold(one.form, one.period, one.site, signature_told(one.signature), one.sha256, one.body_bytes)


def signature_told(one: Signature) -> SignatureTold:
    """Number and date."""
    return SignatureTold(one.number, one.dated_on, one.signed_at, one.author)


def _sentences(made: Report, say: Tongue) -> tuple[str, ...]:
    return (
        *visits_told(made, say),
        *(hours_told(one.service, say) for one in made.sites[:1] if len(made.sites) == 1),
        pcs_told(made, say, reported=False),
        *visitors_told(made, say),
        *volume_told(made, say),
    )


def _adjustments(rows: Sequence[Adjustment], language: Language) -> tuple[AdjustmentTold, ...]:
    return tuple(
        AdjustmentTold(
            one.site,
            one.month,
            FIGURES[one.figure][language == "en"],
            one.signed,
            one.counted,
            _printed(one, language),
        )
        for one in rows
    )


def _printed(one: Adjustment, language: Language) -> tuple[str, str, str]:
    told, now, change = (printed(cell, language) for cell in cells(one))
    return told, now, change


def _sites(made: Report, language: Language) -> tuple[SiteFiguresTold, ...]:
    return tuple(
        SiteFiguresTold(
            site=one.site,
            name=one.name,
            visits=one.period.counted.visits,
            before=one.growth.before,
            percent=None if one.growth.percent is None else round(float(one.growth.percent), 4),
            held_s=one.period.counted.held_s,
            promised_s=one.period.counted.promised_s,
            internet_s=one.period.counted.internet_s,
            pcs_working=one.period.pcs.part if one.period.pcs else None,
            pcs=one.period.pcs.whole if one.period.pcs else None,
            quality=quality_line(one.quality, language),
        )
        for one in made.sites
    )
