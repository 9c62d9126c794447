"""What faults and upkeep of public PCs need of the edges: photos, and checks of a month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo as a file of ours."""

    name: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TicketPhoto:
    """A photo of a fault ticket, with who added it when."""

    id: int
    pc: str
    fault_at: datetime
    """When the fault began: that and the PC name its ticket."""
    photo: KeptPhoto
    author: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class UpkeepItem:
    """Something to look at once a month."""

    id: int
    word: str
    """Names one that came along, whose text the pages have in each language; "" for one of the library's own."""
    text: str
    """The library's own words; "" for one that came along."""


@dataclass(frozen=True, slots=True)
class UpkeepCheck:
    """One look at one PC."""

    id: int
    pc: str
    month: date
    """Its first day."""
    checked_at: datetime
    author: str
    note: str
    results: Mapping[int, bool]
    """Item -> in order."""


class PhotoFiles(Protocol):
    """Photos as files."""

    async def keep(self, sent: Path) -> KeptPhoto | str:
        """Keep the picture of a file that was sent, freed of all else; or why it can't be: "kind", "damaged", "large"
        (pixels), "bytes". GatewayError when the disk takes nothing."""

    async def read(self, name: str) -> bytes | None:
        """The file; None when there is none."""

    async def drop(self, name: str) -> None:
        """Take a file away."""

    async def sweep(self, known: Collection[str], now: datetime) -> int:
        """Take away all that are not known and older than an hour; how many went."""


class PhotoLog(Protocol):
    """Which photo belongs to which ticket."""

    async def add(self, site: str, pc: str, fault_at: datetime, photo: KeptPhoto, author: str, at: datetime) -> bool:
        """Note it; False: the ticket has the very same picture already."""

    async def of(self, site: str, pc: str) -> Sequence[TicketPhoto]:
        """All of a PC, oldest first."""

    async def one(self, site: str, number: int) -> TicketPhoto | None:
        """By its number."""

    async def remove(self, site: str, number: int) -> str | None:
        """Forget one; its file's name."""

    async def names(self) -> Collection[str]:
        """Of all files that are noted."""


class UpkeepLog(Protocol):
    """The list of what is looked at, and the looks."""

    async def items(self) -> Sequence[UpkeepItem]:
        """Those that are asked, in order."""

    async def all_items(self) -> Mapping[int, UpkeepItem]:
        """Also those that were asked once."""

    async def set_items(self, wanted: Sequence[int | str], at: datetime) -> None:
        """The list anew: a number keeps that item, a text is a new one; others are asked no more."""

    async def check(self, site: str, check: UpkeepCheck) -> int:
        """Note a look (its id is ignored); its number. The same results on the same PC within a minute are one."""

    async def checks(self, site: str, since: date) -> Sequence[UpkeepCheck]:
        """Of months from `since` on, oldest first."""
