"""What imports, hand entries and reports need of the register of facts. No SQL."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Protocol

from gateway.facts.fact import Fact
from gateway.facts.session import ToldSession
from gateway.facts.site import Readings

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Telling:
    """Who tells, when, and out of what."""

    at: datetime
    author: str
    source: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a telling."""

    told: int
    fresh: int
    """Facts that were not known yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision of a fact in the trail."""

    fact: Fact
    telling: Telling


class FactRegister(Protocol):
    """Facts, told once and kept; a higher revision takes the place of lower ones."""

    async def take(
        self, facts: Iterable[Fact], telling: Telling, progress: Callable[[int], None] = lambda told: None
    ) -> Taken:
        """Store facts, all or none; a known one changes nothing. GatewayError names the fact that says otherwise than
        a known one of its key and revision. An error of the iterable leaves nothing stored. `progress` hears how many
        were seen."""

    async def amend(self, facts: Sequence[Fact], telling: Telling) -> Taken:
        """Store facts each as the next revision of its key, where it says anything new."""

    async def standing(self, kinds: Collection[str], span: Span | None = None, site: str | None = None) -> list[Fact]:
        """Facts of these kinds that stand and may matter in the span, by kind, site and key; of one site and the
        office, or of all."""

    async def sessions(self, site: str, span: Span) -> list[ToldSession]:
        """Imported sessions that start in the span, by start."""

    async def readings(self, site: str, span: Span) -> Readings:
        """Readings that were kept of the sessions that start in the span: one an hour."""

    async def history(self, kind: str, site: str, key: str) -> list[Entry]:
        """All revisions of a fact, oldest first."""

    async def sites(self) -> list[str]:
        """Short names of all sites that any fact is of."""

    async def each(self, span: Span | None, heard: Callable[[Fact], None]) -> None:
        """Tell all that stands, sessions too, one by one, by kind, site and key, or start; for an export."""

    async def forget(self, site: str, before: datetime, zone: timezone, telling: Telling) -> int:
        """Take over the gateway's own sessions of `site` that ended before, and take device and person from all
        sessions of visits that did; how many lost theirs. Facts past their term go."""


class LiveSource(Protocol):
    """What the gateway has counted itself, as facts of its site."""

    site: str

    @property
    def setting(self) -> str:
        """What of the configuration its facts depend on."""

    def is_over(self, day: date) -> bool:
        """Is the day over at the site?"""

    async def has_any(self) -> bool:
        """Has the gateway counted anything yet?"""

    async def facts(self, span: Span | None) -> list[Fact]:
        """Signs of life, stops, outages, refused questions, decided changes, views, PCs seen, volume, devices."""

    def goes_on(self, fact: Fact) -> bool:
        """May one of its facts still change by itself?"""

    async def sessions(self, span: Span | None, *, closed_only: bool) -> list[ToldSession]:
        """Sessions that start in the span, as long as they are kept; one that is open ends at its last reading."""

    async def readings(self, span: Span) -> Readings:
        """Readings of the sessions that start in the span."""
