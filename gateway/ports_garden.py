"""What the walled garden needs of the edges, and what the garden's resolver needs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.ports import IpAddress
from gateway.ports_bytes import ByteCount


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name leads in one family."""

    addresses: tuple[IpAddress, ...]
    """None of them: the name is there, but not in this family."""
    ttl_s: int


@dataclass(frozen=True, slots=True)
class GardenCount(ByteCount):
    """What went to and from the garden's sites, of nobody's session."""

    addresses: int
    """Open now, both families."""


class Lookup(Protocol):
    """The profile's own DNS workers."""

    async def look_up(self, name: str, family: int, profile: str) -> Found | None:
        """Addresses of a name in family 4 or 6; None: refused, unknown, or nobody answered."""


class GardenWall(Protocol):
    """The kernel's sets of addresses that are open before login."""

    async def open(self, addresses: Sequence[IpAddress], lasts_s: int) -> None:
        """Let captive clients reach these for at least `lasts_s`; OSError when it can't be (no room)."""

    async def counted(self) -> GardenCount:
        """Its bytes and how much of it is open."""


class Walled(Protocol):
    """The names that are open before login."""

    def holds(self, name: str) -> bool:
        """Is it one, or below one?"""

    async def open(self, name: str, family: int, client: str) -> Found | None:
        """Open where it leads and tell that; None: it stays closed, and the client is answered as for any name."""
