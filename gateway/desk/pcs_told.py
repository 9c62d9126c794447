"""What the PCs' views tell, made of the flows' values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gateway.facts.fact import Fact
from gateway.flows.upkeep import Looked
from gateway.ports_pcs import TicketPhoto, UpkeepItem
from gateway.reports.tables import PcRow
from gateway.service.upkeep import UpkeepState
from gateway.service.workstation import PcState


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fault from its report to its repair."""

    begin: datetime
    end: datetime | None
    """When it worked again; null: it does not yet."""
    what: str
    done: str
    cost_vnd: int | None
    is_reported: bool
    reported_to: str
    reported_at: datetime | None
    lasted_s: int
    photos: tuple["Photo", ...] = ()


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a ticket; /pcs/photos/{id} has the picture."""

    id: int
    added_at: datetime
    author: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Asset:
    """The entry in the inventory."""

    code: str
    bought_on: date
    retired_on: date | None
    place: str
    model: str
    serial: str
    asset_code: str
    cost_vnd: int | None
    source: str
    warranty_until: date | None
    is_in_warranty: bool
    proposal: str


@dataclass(frozen=True, slots=True)
class PcOnBoard:
    """A PC as it stands now."""

    code: str
    place: str
    state: PcState
    """`suspect` comes with the figures: see pcs.figures."""
    since: datetime | None
    """Of a fault: since when."""
    what: str
    is_reported: bool
    upkeep: UpkeepState


@dataclass(frozen=True, slots=True)
class PcBoard:
    """All PCs that are in service, and how many are not."""

    pcs: tuple[PcOnBoard, ...]
    retired: tuple[PcOnBoard, ...]
    in_order: int
    in_service: int
    upkeep_overdue: int


@dataclass(frozen=True, slots=True)
class PcFigure:
    """A PC in `cong pc state`."""

    code: str
    state: PcState
    since: date | None
    days_out: int
    """Service days of the month that were spoilt."""


@dataclass(frozen=True, slots=True)
class PcFigures:
    """A month, as `cong pc state` prints it."""

    month: date
    counted_at: datetime
    pcs: tuple[PcFigure, ...]
    in_order: int
    in_service: int
    """At the end of the month's last promised time; the goal is that all of them are in order."""
    days_out: int


@dataclass(frozen=True, slots=True)
class UpkeepResult:
    """One item of a look."""

    item: int
    word: str
    text: str
    is_ok: bool


@dataclass(frozen=True, slots=True)
class ToldCheck:
    """One look at a PC."""

    id: int
    pc: str
    month: date
    checked_at: datetime
    author: str
    note: str
    results: tuple[UpkeepResult, ...]
    not_in_order: int


@dataclass(frozen=True, slots=True)
class UpkeepRow:
    """A PC and its upkeep."""

    code: str
    place: str
    state: UpkeepState
    last_at: datetime | None
    last_by: str
    not_in_order: int


@dataclass(frozen=True, slots=True)
class ToldItem:
    """Something that is looked at once a month."""

    id: int
    word: str
    """Names one that came along, whose text each page has in its language."""
    text: str
    """The library's own words; "" for one that came along."""


@dataclass(frozen=True, slots=True)
class UpkeepBoard:
    """The month's upkeep."""

    month: date
    items: tuple[ToldItem, ...]
    pcs: tuple[UpkeepRow, ...]
    done: int
    overdue: int


@dataclass(frozen=True, slots=True)
class OnePc:
    """A PC with all that is known of it."""

    asset: Asset
    state: PcState
    open: Ticket | None
    closed: tuple[Ticket, ...]
    """Repaired ones, newest first."""
    repair_vnd: int
    """What its repairs cost together."""
    upkeep: UpkeepState
    checks: tuple[ToldCheck, ...]
    """Looks of the last year, newest first."""


def ticket(fact: Fact, photos: list[TicketPhoto], zone: timezone, now: datetime) -> Ticket:
    """Of a fact of the register."""
    begin, end, told = fact.instant_of("begin"), fact.instant("end"), fact.instant("reported_at")
    return Ticket(
        begin.astimezone(zone),
        end.astimezone(zone) if end else None,
        fact.text("what"),
        fact.text("done"),
        fact.known("cost_vnd"),
        fact.flag("reported"),
        fact.text("reported_to"),
        told.astimezone(zone) if told else None,
        max(0, int(((end or now) - begin) / timedelta(seconds=1))),
        tuple(_photo(one, zone) for one in photos if one.fault_at == begin),
    )


def asset(fact: Fact, today: date) -> Asset:
    """Of a fact of the register."""
    until = fact.day("warranty_until")
    return Asset(
        fact.text("code"),
        fact.day_of("bought_on"),
        fact.day("retired_on"),
        fact.text("place"),
        fact.text("model"),
        fact.text("serial"),
        fact.text("asset_code"),
        fact.known("cost_vnd"),
        fact.text("source"),
        until,
        until is not None and until >= today,
        fact.text("proposal"),
    )


def state_now(pc: Fact, fault: Fact | None, figure: PcRow | None, today: date, now: datetime) -> PcState:
    """The state at this instant: service and faults as they stand, suspicion as it was counted."""
    retired_on = pc.day("retired_on")
    if today < pc.day_of("bought_on") or (retired_on is not None and today >= retired_on):
        return PcState.RETIRED
    if fault is not None and fault.instant_of("begin") <= now:
        return PcState.FAULT
    return PcState.SUSPECT if figure is not None and figure.state is PcState.SUSPECT else PcState.OK


def upkeep_row(one: Looked, zone: timezone) -> UpkeepRow:
    """A PC and its upkeep."""
    last = one.last
    return UpkeepRow(
        one.pc.key,
        one.pc.text("place"),
        one.state,
        last.checked_at.astimezone(zone) if last else None,
        last.author if last else "",
        sum(not is_ok for is_ok in last.results.values()) if last else 0,
    )


def told_item(one: UpkeepItem) -> ToldItem:
    """An item."""
    return ToldItem(one.id, one.word, one.text)


def _photo(one: TicketPhoto, zone: timezone) -> Photo:
    photo = one.photo
    return Photo(one.id, one.added_at.astimezone(zone), one.author, photo.width, photo.height, photo.size_bytes)
