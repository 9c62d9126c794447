"""What the filter's counts need of the store, in the domain's words: sums, never a client. No SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol


class DnsSums(NamedTuple):
    """Questions of one profile and how they were answered."""

    questions: int = 0
    refused: int = 0
    """Each refusal as it was given."""
    cached: int = 0
    """From the box's own memory, its own names among them."""
    forwarded: int = 0
    stale: int = 0
    """From memory past its life, because no upstream answered (RFC 8767)."""
    failed: int = 0
    limited: int = 0
    """Put off or refused because the client asked too much."""


@dataclass(frozen=True, slots=True)
class DnsCounts:
    """What was counted between two writes, or in a span."""

    sums: Mapping[str, DnsSums] = field(default_factory=dict)
    """By profile."""
    refusals: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By profile and category; one device's refusals of one domain count once in 30 s."""
    names: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By category and registered domain; only where the site wants its top list."""


class DnsCountStore(Protocol):
    """Sums by hour, refused names by day."""

    async def add(self, at: datetime, day: date, counts: DnsCounts) -> None:
        """Add to the hour of `at`, and names to the site's `day`."""

    async def since(self, at: datetime) -> DnsCounts:
        """Sums and refusals of the hours that begin at `at` or later; no names."""

    async def refusals_between(self, begin: datetime, end: datetime) -> Sequence[tuple[datetime, str, int]]:
        """(begin of the hour, category, count) of all profiles, by hour."""

    async def top_names(self, first: date, most: int) -> Sequence[tuple[str, str, int]]:
        """(category, name, count) of the days from `first` on, most first."""


class FilterReports(Protocol):
    """What the running gateway knows of the filter's workers."""

    async def store(self) -> None:
        """Put what was gathered into the store now."""

    def workers(self) -> list[dict[str, object]]:
        """The last report of each worker, with `age_s`: how long ago it came."""
