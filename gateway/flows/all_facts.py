"""Facts from wherever they come: told ones, the gateway's own, and its site as the configuration has it.

What was told wins over the gateway's own of the same key; the configuration's week and name count where none was told.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from gateway.config.model import Config
from gateway.facts.fact import Fact
from gateway.facts.kinds_use import SESSION
from gateway.facts.lines import fact_line, fact_of
from gateway.facts.session import COPIED, ToldSession, session_fact
from gateway.facts.site import WEEKDAYS, Readings
from gateway.ports_counts import CountStore, ReportStore, Stamp
from gateway.ports_facts import FactRegister, LiveSource, Span
from gateway.reports.lock import next_month
from gateway.reports.month_counts import RULES
from gateway.units import epoch_s

_FIRST = "2000-01-01"
_ONE_A_SITE = frozenset({"site", "week"})


class AllFacts:
    """What reports and exports read."""

    def __init__(
        self,
        register: FactRegister,
        live: LiveSource,
        configured: Sequence[Fact],
        counts: CountStore | None = None,
        reports: ReportStore | None = None,
    ) -> None:
        self._register = register
        self._live = live
        self._configured = configured
        self.counts = counts
        """Where counted months are kept; None: each is counted whenever it is asked for."""
        self.reports = reports
        """What was signed and locked."""
        said = "\n".join([live.setting, *(fact_line(one) for one in configured)])
        self.stamp = Stamp(live.site, f"{RULES}:{live.site}:{hashlib.sha256(said.encode()).hexdigest()}")

    def is_settled(self, site: str, month: date) -> bool:
        """Does nothing of this month change by itself, as an outage that goes on does?"""
        return site != self._live.site or self._live.is_over(next_month(month) - timedelta(days=1))

    async def standing(self, kinds: Collection[str], span: Span | None = None, site: str | None = None) -> list[Fact]:
        """Facts of these kinds that may matter in the span; of one site and the office, or of all."""
        told = await self._register.standing(kinds, span, site)
        own = await self._own(kinds, span, site)
        has = {one.kind.name for one in told if one.site == self._live.site}
        known = {_known_by(one) for one in told}
        seen = {_known_by(one): one for one in own}
        return [_joined(one, seen.get(_known_by(one))) for one in told] + [
            one
            for one in own
            if _known_by(one) not in known and not (one.kind.name in _ONE_A_SITE and one.kind.name in has)
        ]

    async def sessions(self, site: str, span: Span) -> list[ToldSession]:
        """Sessions that start in the span."""
        told = await self._register.sessions(site, span)
        if site != self._live.site:
            return told
        own = await self._live.sessions(span, closed_only=False)
        known = {(one.id, one.start) for one in own}  # the night copies sessions before it deletes them
        copied = [one for one in told if (one.id.partition(COPIED)[0], one.start) not in known]
        return copied + [one._replace(id=_own(one.id)) for one in own]

    async def readings(self, site: str, span: Span) -> Readings:
        """Readings of counters, of sessions that the gateway counted itself."""
        kept = await self._register.readings(site, span)
        if site != self._live.site:
            return kept
        return {**kept, **{_own(number): told for number, told in (await self._live.readings(span)).items()}}

    async def sites(self) -> list[str]:
        """Every site anything is known of; the gateway's own, if it has counted anything or nothing else is known."""
        told = await self._register.sites()
        if not told or await self._live.has_any():
            return sorted({*told, self._live.site})
        return told

    async def each(self, span: Span | None, heard: Callable[[Fact], None]) -> None:
        """Tell all that stands and is over; for an export."""
        told: set[tuple[str, str, str]] = set()
        sites_told: set[str] = set()
        starts: dict[str, str] = {}
        live = await self._live.facts(span)
        seen = {_known_by(one): one for one in live}

        def heard_too(fact: Fact) -> None:
            told.add(_known_by(fact))
            if fact.kind.name == SESSION.name and fact.site == self._live.site:
                starts[fact.key] = fact.text("start")
            sites_told.update({fact.kind.name} if fact.site == self._live.site else ())
            joined = _joined(fact, seen.get(_known_by(fact)))
            if joined is fact or not self._live.goes_on(joined):
                heard(joined)

        await self._register.each(span, heard_too)
        sessions = await self._live.sessions(span, closed_only=True)
        if not (live or sessions):
            return
        own = [_beside(session_fact(one, self._live.site), one, starts) for one in sessions]
        for fact in (*self._configured, *live, *own):
            is_told = _known_by(fact) in told or (fact.kind.name in _ONE_A_SITE and fact.kind.name in sites_told)
            if not (is_told or self._live.goes_on(fact)):
                heard(fact)

    async def _own(self, kinds: Collection[str], span: Span | None, site: str | None) -> list[Fact]:
        own = [one for one in self._configured if site in (None, self._live.site) or not one.site]
        if site in (None, self._live.site):
            own += await self._live.facts(span)
        return [one for one in own if one.kind.name in kinds]


def _own(number: str) -> str:
    """A session of this database, told apart from those of one before it, whose numbers began at 1 too."""
    return f"own {number}"


def _beside(fact: Fact, one: ToldSession, starts: Mapping[str, str]) -> Fact:
    """The fact of an own session, as the night will name it beside an older one of its number."""
    if starts.get(fact.key, fact.text("start")) == fact.text("start"):
        return fact
    return session_fact(one._replace(id=f"{one.id}{COPIED}{epoch_s(one.start)}"), fact.site)


def _known_by(fact: Fact) -> tuple[str, str, str]:
    return fact.kind.name, fact.site, fact.key


def _joined(told: Fact, seen: Fact | None) -> Fact:
    """What staff told of an outage that the gateway saw begin leaves its end and its evidence to the gateway."""
    if seen is not None and told.kind.name == "month_devices" and not told.rev:
        return seen  # by keys of the month; the night noted the other by the numbers of devices, which change
    if seen is None or told.kind.name != "outage":
        return told
    evidence = {name: seen.values[name] for name in _SEEN_ALONE if seen.has(name)}
    return replace(told, values={**seen.values, **told.values, **evidence})


_SEEN_ALONE = ("failed_rounds", "unanswered", "evidence_sha256")


def configured(config: Config) -> list[Fact]:
    """The site, its week and its days off as the configuration has them."""
    site = config.site
    hours = config.hours
    week = {name: list(getattr(hours, name)) for name in WEEKDAYS if getattr(hours, name)}
    here = {"first": _FIRST, "name": site.name, "offset": site.utc_offset, "opened_by": hours.opened_by}
    told: list[dict[str, object]] = [
        {"kind": "site", "site": site.code, **here},
        {"kind": "week", "site": site.code, "first": _FIRST, **week},
    ]
    told += [{"kind": "holiday", "day": f"{day}", "name": "nghỉ lễ"} for day in sorted(site.holiday_dates)]
    for text in hours.swapped:
        day, _, of = text.partition(" as ")
        told.append({"kind": "swapped_day", "day": day, "hours_of": of})
    return [fact_of(one) for one in told]
