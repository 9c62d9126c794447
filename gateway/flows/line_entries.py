"""What staff say of the line: outages entered and put right by hand, their cause, when the ISP was told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries, made
from gateway.ports_facts import Span, Telling

CAUSES = ("isp", "power", "gateway", "planned", "unknown")
_LISTED_BY = "cong line outages"
_BY_HAND = "H"


async def outages_between(
    entries: HandEntries, dates: tuple[date, date] | None, cause: str | None = None, site: str | None = None
) -> list[Fact]:
    """Outages that may matter in the days, by their begin, told or seen; all of them if None."""
    told = await entries.source.standing(["outage"], _wide(dates) if dates else None, site)
    chosen = [each for each in told if cause in (None, each.text("cause"))]
    return sorted(chosen, key=lambda each: (each.text("begin"), each.site))


async def enter_outage(
    entries: HandEntries, site: str, begin: str, end: str, cause: str, note: str, telling: Telling
) -> Fact:
    """An outage nobody but staff saw; `end` "" while it goes on. Moments are ISO 8601 with their offset."""
    number = f"{_BY_HAND}{datetime.fromisoformat(begin).astimezone(UTC):%Y%m%dT%H%M%S}"
    fact = made("outage", site, {"id": number, "begin": begin, "end": end, "cause": cause, "note": note})
    await entries.amend([fact], telling)
    return fact


async def isp_told(
    entries: HandEntries, site: str, number: str, at: str, ticket: str, telling: Telling
) -> tuple[Fact, Fact]:
    """The outage as it stood, and with when the ISP was told and its ticket; its time to repair runs from there."""
    known = await entries.one("outage", site, number, listed_by=_LISTED_BY)
    values = {**known.values, "reported_at": at, "ticket": ticket or known.text("ticket")}
    return known, await _again(entries, known, values, telling)


async def say_cause(
    entries: HandEntries, site: str, number: str, cause: str, note: str, telling: Telling
) -> tuple[Fact, Fact]:
    """Whose outage it was; begin, end and evidence stay."""
    known = await entries.one("outage", site, number, listed_by=_LISTED_BY)
    values = {**known.values, "cause": cause, "note": note or known.text("note")}
    return known, await _again(entries, known, values, telling)


async def correct_outage(
    entries: HandEntries, site: str, number: str, begin: str, end: str, telling: Telling
) -> tuple[Fact, Fact]:
    """Other moments of an outage entered by hand; what the gateway saw itself stays as it was seen."""
    known = await _by_hand(entries, site, number)
    values = {**known.values, "begin": begin, "end": end}
    return known, await _again(entries, known, values, telling)


async def withdraw_outage(entries: HandEntries, site: str, number: str, telling: Telling) -> Fact:
    """An outage entered by hand does not stand any more; it stays in the trail."""
    known = await _by_hand(entries, site, number)
    await entries.amend([made("outage", site, known.values, void=True)], telling)
    return known


def is_by_hand(fact: Fact) -> bool:
    """Was it entered by hand, not seen by the gateway?"""
    return fact.text("id").startswith(_BY_HAND)


async def _by_hand(entries: HandEntries, site: str, number: str) -> Fact:
    known = await entries.one("outage", site, number, listed_by=_LISTED_BY)
    if not is_by_hand(known):
        raise UsageError(f"{number} was not entered by hand: its moments stay", key="outage-seen")
    return known


async def _again(entries: HandEntries, known: Fact, values: Mapping[str, object], telling: Telling) -> Fact:
    """What staff say of a known outage, as its next revision; the gateway's own are revision 0."""
    fact = replace(made("outage", known.site, values), rev=known.rev + 1)
    await entries.amend([fact], telling)
    return fact


def _wide(dates: tuple[date, date]) -> Span:
    """The days with a day's margin, whatever the zone."""
    begin, end = (datetime.combine(day, time.min, UTC) for day in dates)
    return begin - timedelta(days=1), end + timedelta(days=2)
