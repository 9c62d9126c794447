"""What stands around the figures: letterhead, plan, sites, PCs, tickets, money. Dated data, valid at a period's end.

In:  nothing; gateway.flows.office reads them.
Out: plain values for the papers. What is not known is empty, and prints as dots to be filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from gateway.reports.lock import LOCK_DAY
from gateway.service.speed import SpeedTest


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The body that writes the paper."""

    parent_body: str = ""
    issuing_body: str = ""
    place: str = ""
    symbol: str = ""
    authority: str = ""
    post: str = ""
    signer: str = ""
    tax_code: str = ""
    budget_unit: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that others refer to."""

    number: str
    title: str = ""
    issued_on: date | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A year's goals."""

    document: Document
    low_percent: int
    high_percent: int
    visits: int | None = None
    """As the plan names them, if it does."""


@dataclass(frozen=True, slots=True)
class SiteCard:
    """What tables say of a site beside its figures."""

    type: str = ""
    unit: str = ""
    """Name of the administrative unit it lies in."""
    zone: timezone = timezone(timedelta(hours=7))
    joined_on: date | None = None
    """First day in the programme; None: from the beginning."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A PC's ticket."""

    begin: datetime
    end: datetime | None
    what: str
    done: str = ""
    is_reported: bool = False


@dataclass(frozen=True, slots=True)
class PcCard:
    """A PC of the inventory."""

    site: str
    code: str
    bought_on: date
    retired_on: date | None = None
    place: str = ""
    model: str = ""
    serial: str = ""
    asset_code: str = ""
    cost_vnd: int | None = None
    source: str = ""
    warranty_until: date | None = None
    proposal: str = ""
    faults: tuple[Fault, ...] = ()
    """Those that touch the period, by begin."""


@dataclass(frozen=True, slots=True)
class OutageNote:
    """What was told of an outage beside its span."""

    site: str
    begin: datetime
    end: datetime | None
    cause: str
    reported_at: datetime | None = None
    ticket: str = ""
    note: str = ""
    evidence: str = ""
    """SHA-256 of the log it rests on."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event with a head count."""

    site: str
    day: date
    title: str
    heads: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Money planned or spent."""

    site: str
    day: date
    item: str
    vnd: int
    is_planned: bool
    source: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class ContractCard:
    """Who is on the other side of a contract."""

    site: str
    code: str
    isp: str
    customer: str = ""
    tax_code: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    """An invoice as it is listed."""

    key: str
    number: str
    """Series and number: C27TAA 00000012."""
    contract: str
    month: date
    dated: date
    total_vnd: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class WanDay:
    """Bytes at the line's interface."""

    site: str
    day: date
    up_bytes: int
    down_bytes: int


@dataclass(frozen=True, slots=True)
class Office:
    """All of it."""

    letterhead: Letterhead | None = None
    """None: nobody has told one yet; the paper is a draft with dots."""
    recipients: tuple[str, ...] = ()
    plan: Plan | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    """By number."""
    sites: Mapping[str, SiteCard] = field(default_factory=dict)
    pcs: tuple[PcCard, ...] = ()
    outages: tuple[OutageNote, ...] = ()
    events: tuple[Event, ...] = ()
    costs: tuple[Cost, ...] = ()
    contracts: tuple[ContractCard, ...] = ()
    invoices: tuple[InvoiceCard, ...] = ()
    speed_tests: Mapping[str, tuple[SpeedTest, ...]] = field(default_factory=dict)
    """By site."""
    wan_days: tuple[WanDay, ...] = ()
    lock_day: int = LOCK_DAY
    number: str = ""
    """Of the paper, given by the office; "" in a draft."""
    signed_on: date | None = None

    @property
    def is_draft(self) -> bool:
        """Until the office has entered number and date."""
        return not (self.number and self.signed_on)

    def zone(self, site: str) -> timezone:
        """A site's zone."""
        return self.sites.get(site, SiteCard()).zone

    def document(self, number: str) -> Document:
        """A document that is referred to; its number alone when no more is known."""
        return self.documents.get(number, Document(number))
