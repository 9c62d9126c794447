"""What the pages of the local shelf need of its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from gateway.errors import Fault


class Kind(StrEnum):
    """What an item is."""

    DOCUMENT = "document"
    FILM = "film"
    SOUND = "sound"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Subtitle:
    """The text of a film in one language."""

    language: str
    path: str
    """WebVTT or SRT, below the folder."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the shelf."""

    key: str
    """Its part of the address; stays while the file keeps its name."""
    kind: Kind
    title: str
    language: str
    """BCP 47; "" when it is not told."""
    author: str
    licence: str
    section: str
    order: int
    path: str
    """Below the folder, as the disk spells it; "" for a link."""
    link: str
    media_type: str
    subtitles: tuple[Subtitle, ...]
    size_bytes: int
    title_en: str = ""
    """"": as the title."""

    def titled(self, language: str) -> str:
        """Its title for readers of a language."""
        return (self.title_en if language == "en" else "") or self.title

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The shelf as its sheet describes it, in the order it is shown; what could not be used stands in `problems`."""

    items: tuple[Item, ...] = ()
    problems: tuple[Fault, ...] = ()

    @property
    def by_key(self) -> Mapping[str, Item]:
        """The items by their part of the address."""
        return {item.key: item for item in self.items}

    @property
    def sections(self) -> Sequence[str]:
        """Names of sections, in order; "" is the one of items without."""
        return list(dict.fromkeys(item.section for item in self.items))


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, open for reading."""

    file: BinaryIO
    size_bytes: int
    modified_s: int
    """UTC seconds."""
    etag: str
    """Strong (RFC 9110 section 8.8.3), quotes included."""


class Shelf(Protocol):
    """The folder."""

    def catalogue(self) -> Catalogue:
        """What was on it some seconds ago; from memory."""

    async def open(self, path: str) -> Opened | None:
        """A file below the folder; None when it is gone, is no plain file, or a link stands on the way to it."""

    async def subtitles(self, path: str) -> bytes | None:
        """A film's subtitles as WebVTT in UTF-8; None when they can't be had."""


@dataclass(frozen=True, slots=True)
class Told:
    """What staff write down of an item."""

    title: str
    title_en: str = ""
    language: str = ""
    author: str = ""
    licence: str = ""
    section: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Stock:
    """The shelf as staff see it."""

    catalogue: Catalogue
    undescribed: tuple[str, ...]
    """Files no entry speaks of: nobody sees them."""
    sheet_fault: str
    """Why the sheet can't be read at all; "" when it can. Patrons then see its last good state."""
    free_bytes: int
    """On the disk the folder lies on."""


class ShelfKeeper(Protocol):
    """The folder, for those who fill it. Patrons see a change at once. FaultError when it can't be: nothing changed."""

    async def stock(self) -> Stock:
        """What is on it, and what is wrong."""

    async def add_file(self, told: Told, file: str, name: str) -> str:
        """Take a file away from where it lies and put it on the shelf under a name made here; the item's key.

        What it is, its content says; `name`, as the sender called it, only where contents are alike (.doc and .xls).
        """

    async def add_link(self, told: Told, link: str) -> str:
        """An address; the item's key."""

    async def add_subtitles(self, key: str, language: str, file: str) -> None:
        """SRT or WebVTT for a film; another one of that language is replaced."""

    async def change(self, key: str, told: Told) -> None:
        """Rewrite an entry; file, link and subtitles stay."""

    async def take_off(self, key: str) -> str:
        """Take an entry out and delete its files; what it was called."""
