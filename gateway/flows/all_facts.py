"""Facts from wherever they come: told ones, the gateway's own, and its site as the configuration has it.

What was told wins over the gateway's own of the same key; the configuration's week and name count where none was told.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence

from gateway.config.model import Config
from gateway.facts.fact import Fact
from gateway.facts.lines import fact_line, fact_of
from gateway.facts.session import ToldSession, session_fact
from gateway.facts.site import WEEKDAYS, Readings
from gateway.ports_counts import CountStore, ReportStore, Stamp
from gateway.ports_facts import FactRegister, LiveSource, Span
from gateway.reports.month_counts import RULES

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
        said = "\n".join(fact_line(one) for one in configured)
        self.stamp = Stamp(live.site, f"{RULES}:{live.site}:{hashlib.sha256(said.encode()).hexdigest()}")

    async def standing(self, kinds: Collection[str], span: Span | None = None, site: str | None = None) -> list[Fact]:
        """Facts of these kinds that may matter in the span; of one site and the office, or of all."""
        told = await self._register.standing(kinds, span, site)
        return told + await self._own(kinds, span, site, told)

    async def sessions(self, site: str, span: Span) -> list[ToldSession]:
        """Sessions that start in the span."""
        told = await self._register.sessions(site, span)
        if site != self._live.site:
            return told
        own = await self._live.sessions(span, closed_only=False)
        known = {one.id for one in own}  # the night copies sessions before it deletes them
        return [one for one in told if one.id not in known] + own

    async def readings(self, site: str, span: Span) -> Readings:
        """Readings of counters, of sessions that the gateway counted itself."""
        kept = await self._register.readings(site, span)
        return {**kept, **await self._live.readings(span)} if site == self._live.site else kept

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

        def heard_too(fact: Fact) -> None:
            told.add((fact.kind.name, fact.site, fact.key))
            sites_told.update({fact.kind.name} if fact.site == self._live.site else ())
            heard(fact)

        await self._register.each(span, heard_too)
        live = await self._live.facts(span)
        sessions = await self._live.sessions(span, closed_only=True)
        if not (live or sessions):
            return
        own = [session_fact(one, self._live.site) for one in sessions]
        for fact in (*self._configured, *live, *own):
            is_told = (fact.kind.name, fact.site, fact.key) in told
            if not is_told and not (fact.kind.name in _ONE_A_SITE and fact.kind.name in sites_told):
                heard(fact)

    async def _own(
        self, kinds: Collection[str], span: Span | None, site: str | None, told: Sequence[Fact]
    ) -> list[Fact]:
        known = {(one.kind.name, one.site, one.key) for one in told}
        has = {one.kind.name for one in told if one.site == self._live.site}
        own = [one for one in self._configured if site in (None, self._live.site) or not one.site]
        if site in (None, self._live.site):
            own += await self._live.facts(span)
        return [
            one
            for one in own
            if one.kind.name in kinds
            and (one.kind.name, one.site, one.key) not in known
            and not (one.kind.name in _ONE_A_SITE and one.kind.name in has)
        ]


def configured(config: Config) -> list[Fact]:
    """The site, its week and its days off as the configuration has them."""
    site = config.site
    hours = config.hours
    week = {name: list(getattr(hours, name)) for name in WEEKDAYS if getattr(hours, name)}
    told: list[dict[str, object]] = [
        {"kind": "site", "site": site.code, "first": _FIRST, "name": site.name, "offset": site.utc_offset},
        {"kind": "week", "site": site.code, "first": _FIRST, **week},
    ]
    told += [{"kind": "holiday", "day": f"{day}", "name": "nghỉ lễ"} for day in sorted(site.holiday_dates)]
    for text in hours.swapped:
        day, _, of = text.partition(" as ")
        told.append({"kind": "swapped_day", "day": day, "hours_of": of})
    return [fact_of(one) for one in told]
