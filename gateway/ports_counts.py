"""What reports need of the store of counted months, and of what was signed and locked. No SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.reports.month_counts import MonthCounts
from gateway.reports.report_body import Signature


@dataclass(frozen=True, slots=True)
class Stamp:
    """What kept counts were made by and out of; those of another one do not hold."""

    live_site: str
    """The gateway's own site: what it counts itself is of this one."""
    text: str
    """Rules of counting, and what the configuration says of the site."""


class CountStore(Protocol):
    """Months as they were counted: derived data. What may have changed since is not handed out."""

    async def settle(self, stamp: Stamp) -> int:
        """Drop what anything told since may have changed; the generation that counts made from now on belong to."""

    async def months(self, site: str, months: Sequence[date], stamp: Stamp) -> dict[date, MonthCounts]:
        """Those of these months that are kept and hold."""

    async def keep(self, site: str, counts: Sequence[MonthCounts], stamp: Stamp, generation: int) -> bool:
        """Keep counts of a site, but for months that anything told since that generation may change; were all kept?"""

    async def extent(self, site: str, stamp: Stamp) -> tuple[datetime, datetime] | None:
        """First and last instant of which a site's counts tell anything; None: nothing is known of it."""

    async def drop(self) -> None:
        """Drop all counts, as if nothing had ever been counted."""


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report that was signed: what was printed then, for ever."""

    form: str
    period: str
    site: str | None
    """None: all sites."""
    signature: Signature
    sha256: str
    papers_sha256: str
    body: str
    """Its JSON, byte for byte."""
    papers: str
    """JSON: language -> tree of the Paper."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A signed report as it is listed, without its texts."""

    form: str
    period: str
    site: str | None
    """None: all sites."""
    signature: Signature
    sha256: str
    """Of its JSON."""
    body_bytes: int
    """How long that is."""


@dataclass(frozen=True, slots=True)
class ToldMonth:
    """The figures of a month of a site as the office was told them: by a signed report, or by the month's lock."""

    site: str
    month: date
    figures: Mapping[str, int]


class ReportStore(Protocol):
    """Signed reports and locked months; rows are added, never changed."""

    async def signed(self, form: str, period: str, site: str | None) -> SignedReport | None:
        """The signed report of a period."""

    async def all_signed(self) -> list[SignedReport]:
        """Every signed report, oldest signature first."""

    async def signed_heads(self) -> list[SignedHead]:
        """Every signed report without its texts, newest signature first."""

    async def sign(self, report: SignedReport, told: Sequence[ToldMonth]) -> SignedReport:
        """Keep a report and what it tells; the one that stands, when the period is signed already."""

    async def told(self, site: str, first: date, last: date) -> dict[date, Mapping[str, int]]:
        """Figures of months of a site as the office was told them last, by the month's first day."""

    async def lock(self, months: Sequence[ToldMonth], at: datetime) -> list[ToldMonth]:
        """Keep the figures of months of which nothing was told yet; those that were kept."""

    async def last_locked(self) -> date | None:
        """The latest month that was locked."""
