"""What stands around a paper's figures, out of the register of facts: valid at the last day of its period."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from gateway.facts.fact import Fact
from gateway.facts.site import grouped, speed_test_of, zone_of
from gateway.flows.all_facts import AllFacts
from gateway.papers.office import (
    ContractCard,
    Cost,
    Document,
    Event,
    Fault,
    InvoiceCard,
    Letterhead,
    Office,
    OutageNote,
    PcCard,
    Plan,
    SiteCard,
    WanDay,
)
from gateway.ports_facts import Span
from gateway.service.speed import SpeedTest
from gateway.visits.comparison import Dates

_ALWAYS = ("letterhead", "recipient", "unit", "document", "plan", "site", "scope", "pc", "contract", "rule")
_OF_PERIOD = ("outage", "pc_fault", "event", "speed_test", "invoice", "wan_day")
_Facts = Mapping[str, Sequence[Fact]]


async def office_of(source: AllFacts, dates: Dates, only: str | None = None) -> Office:
    """The office as it stood on the last day of a period; of one site, or of all."""
    begin, end = (datetime.combine(day, time.min, UTC) for day in dates)
    year = date(dates[0].year, 1, 1)  # a planned sum stands on the first day of its year
    span = begin - timedelta(days=1), end + timedelta(days=2)
    costs: Span = datetime.combine(year, time.min, UTC) - timedelta(days=1), span[1]
    facts = [
        *await source.standing(_ALWAYS, site=only),
        *await source.standing(_OF_PERIOD, span, only),
        *await source.standing(["cost"], costs, only),
    ]
    by = grouped(facts)
    documents = {one.text("number"): _document(one) for one in by.get("document", [])}
    return Office(
        letterhead=_letterhead(by, dates[1]),
        recipients=_recipients(by, dates[1]),
        plan=_plan(by, documents, dates[1].year),
        documents=documents,
        sites=_sites(by, dates[1]),
        pcs=tuple(_pc(one, by, dates) for one in sorted(by.get("pc", []), key=lambda one: (one.site, one.key))),
        outages=tuple(_outage(one) for one in by.get("outage", [])),
        events=_events(by, dates),
        costs=tuple(_cost(one) for one in by.get("cost", [])),
        contracts=tuple(_contract(one) for one in by.get("contract", [])),
        invoices=tuple(_invoice(one) for one in by.get("invoice", [])),
        speed_tests=_speed_tests(by),
        wan_days=_wan_days(by, dates),
    )


def _standing(facts: Iterable[Fact], on: date) -> list[Fact]:
    """Those in force on a day, newest last."""
    told = (one for one in facts if one.day_of("first") <= on and (one.day("last") or date.max) >= on)
    return sorted(told, key=lambda one: one.text("first"))


def _letterhead(by: _Facts, on: date) -> Letterhead | None:
    told = _standing(by.get("letterhead", []), on)
    if not told:
        return None
    one = told[-1]
    return Letterhead(
        parent_body=one.text("parent_body"),
        issuing_body=one.text("issuing_body"),
        place=one.text("place"),
        symbol=one.text("symbol"),
        authority=one.text("authority"),
        post=one.text("post"),
        signer=one.text("signer"),
        tax_code=one.text("tax_code"),
        budget_unit=one.text("budget_unit"),
        address=one.text("address"),
    )


def _recipients(by: _Facts, on: date) -> tuple[str, ...]:
    """The lines in force, each place's newest."""
    places = {one.number("order"): one.text("name") for one in _standing(by.get("recipient", []), on)}
    return tuple(places[place] for place in sorted(places))


def _plan(by: _Facts, documents: Mapping[str, Document], year: int) -> Plan | None:
    told = [one for one in by.get("plan", []) if one.number("year") == year]
    if not told:
        return None
    number = told[-1].text("document")
    return Plan(
        documents.get(number, Document(number)),
        told[-1].number("low_percent"),
        told[-1].number("high_percent"),
        told[-1].known("visits"),
    )


def _document(one: Fact) -> Document:
    return Document(one.text("number"), one.text("title"), one.day("issued_on"), one.text("issuer"))


def _sites(by: _Facts, on: date) -> dict[str, SiteCard]:
    units = {one.text("code"): one.text("name") for one in _standing(by.get("unit", []), on)}
    cards: dict[str, SiteCard] = {}
    for site in sorted({one.site for one in by.get("site", [])}):
        entries = [one for one in by["site"] if one.site == site]
        one = (_standing(entries, on) or sorted(entries, key=lambda each: each.text("first")))[-1]
        joined = [each.day_of("first") for each in by.get("scope", []) if each.site == site]
        cards[site] = SiteCard(
            type=one.text("type"),
            unit=units.get(one.text("unit"), ""),
            zone=zone_of({"site": entries}),
            joined_on=min(joined, default=None),
        )
    return cards


def _pc(one: Fact, by: _Facts, dates: Dates) -> PcCard:
    own = [each for each in by.get("pc_fault", []) if (each.site, each.text("pc")) == (one.site, one.text("code"))]
    begin = datetime.combine(dates[0], time.min, UTC) - timedelta(days=1)
    faults = [
        Fault(
            each.instant_of("begin"),
            each.instant("end"),
            each.text("what"),
            each.text("done"),
            each.flag("reported"),
        )
        for each in own
        if (each.instant("end") or datetime.max.replace(tzinfo=UTC)) > begin
    ]
    return PcCard(
        site=one.site,
        code=one.text("code"),
        bought_on=one.day_of("bought_on"),
        retired_on=one.day("retired_on"),
        place=one.text("place"),
        model=one.text("model"),
        serial=one.text("serial"),
        asset_code=one.text("asset_code"),
        cost_vnd=one.known("cost_vnd"),
        source=one.text("source"),
        warranty_until=one.day("warranty_until"),
        proposal=one.text("proposal"),
        faults=tuple(sorted(faults, key=lambda each: each.begin)),
    )


def _outage(one: Fact) -> OutageNote:
    return OutageNote(
        site=one.site,
        begin=one.instant_of("begin"),
        end=one.instant("end"),
        cause=one.text("cause"),
        reported_at=one.instant("reported_at"),
        ticket=one.text("ticket"),
        note=one.text("note"),
        evidence=one.text("evidence_sha256"),
    )


def _events(by: _Facts, dates: Dates) -> tuple[Event, ...]:
    told = (
        Event(one.site, one.day_of("day"), one.text("title"), one.number("heads"))
        for one in by.get("event", [])
        if dates[0] <= one.day_of("day") <= dates[1]
    )
    return tuple(sorted(told, key=lambda one: (one.day, one.site, one.title)))


def _cost(one: Fact) -> Cost:
    return Cost(
        site=one.site,
        day=one.day_of("day"),
        item=one.text("item"),
        vnd=one.number("vnd"),
        is_planned=one.flag("planned"),
        source=one.text("source"),
        document=one.text("document"),
    )


def _contract(one: Fact) -> ContractCard:
    return ContractCard(
        site=one.site,
        code=one.text("code"),
        isp=one.text("isp"),
        customer=one.text("customer"),
        tax_code=one.text("seller_tax_code"),
        document=one.text("document"),
    )


def _invoice(one: Fact) -> InvoiceCard:
    return InvoiceCard(
        key=one.key,
        number=f"{one.text('series')} {one.text('number')}",
        contract=one.text("contract"),
        month=one.month_of("month"),
        dated=one.day_of("dated"),
        total_vnd=one.number("total_vnd"),
        sha256=one.text("sha256"),
    )


def _speed_tests(by: _Facts) -> dict[str, tuple[SpeedTest, ...]]:
    tests: dict[str, list[SpeedTest]] = {}
    for one in by.get("speed_test", []):
        tests.setdefault(one.site, []).append(speed_test_of(one))
    return {site: tuple(sorted(told, key=lambda one: one.at)) for site, told in tests.items()}


def _wan_days(by: _Facts, dates: Dates) -> tuple[WanDay, ...]:
    told = (
        WanDay(one.site, one.day_of("day"), one.number("up_bytes"), one.number("down_bytes"))
        for one in by.get("wan_day", [])
        if dates[0] <= one.day_of("day") <= dates[1]
    )
    return tuple(sorted(told, key=lambda one: (one.site, one.day)))
