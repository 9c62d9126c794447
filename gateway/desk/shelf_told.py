"""The shelf as the desk and its API tell it, and what is asked of it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.desk.inputs import Line, Upload
from gateway.desk.table import Input
from gateway.ports_shelf import Item, Kind, Told

LARGEST_BYTES = 4_000_000_000
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{10}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2})?$")]
"""BCP 47: "vi", "en", "jra"; "" when it is not told."""


class ItemWords(Input):
    """What is told of an item."""

    title: Line = Field(min_length=1, max_length=160, description="What patrons read.")
    title_en: Line = Field("", max_length=160, description='For readers of English; "" as the title.')
    licence: Line = Field(
        min_length=1, max_length=60, description='By what right it is shared: "CC BY 4.0", "public domain".'
    )
    language: Tag = Field("", description="Of the thing itself.")
    author: Line = Field("", max_length=100)
    section: Line = Field("", max_length=60, description="The heading it stands under.")
    order: int = Field(0, ge=-9999, le=9999, description="Its place; smaller stands first.")

    def told(self) -> Told:
        """For the keeper."""
        return Told(self.title, self.title_en, self.language, self.author, self.licence, self.section, order=self.order)


class NewItem(ItemWords):
    """A document, sound or film for the shelf."""

    file: Upload = Field(description="What it is, its content says: PDF, EPUB, office files, MP4, WebM, MP3 ...")


class NewLink(ItemWords):
    """A catalogue or another site."""

    link: Line = Field(min_length=1, description="Its address, http or https.")
    licence: Line = Field("", max_length=60)


class EditItem(ItemWords):
    """What is told of an item, all of it; file, link and subtitles stay."""

    key: Key
    licence: Line = Field("", max_length=60, description="Not of links.")


class OfItem(Input):
    """Which item."""

    key: Key


class NewSubtitles(Input):
    """Subtitles for a film."""

    key: Key
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = Field(description='Such as "vi".')
    file: Upload = Field(description="WebVTT or SRT.")


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One thing on the shelf."""

    key: str
    kind: Kind
    title: str
    title_en: str
    language: str
    author: str
    licence: str
    section: str
    order: int
    file: str
    """Below the folder; "" for a link."""
    link: str
    size_bytes: int
    subtitles: tuple[str, ...]
    """Their languages."""


@dataclass(frozen=True, slots=True)
class ShelfProblem:
    """Something of the sheet that can't be shown."""

    key: str
    where: str
    """The entry, in the caller's language; "" for the sheet as a whole."""
    says: str
    """In the caller's language."""
    item: str
    """The key to take the entry out by; "" when it has none."""


@dataclass(frozen=True, slots=True)
class ShelfTold:
    """The shelf, in the order patrons see it."""

    items: tuple[ShelfItem, ...]
    problems: tuple[ShelfProblem, ...]
    undescribed: tuple[str, ...]
    """Files no entry speaks of: nobody sees them."""
    sheet_fault: str
    """Why the sheet can't be read at all; patrons then see its last good state."""
    free_bytes: int
    """For new things; a reserve for the gateway's own records is not among them."""


def item_told(each: Item) -> ShelfItem:
    """One item."""
    return ShelfItem(
        each.key,
        each.kind,
        each.title,
        each.title_en,
        each.language,
        each.author,
        each.licence,
        each.section,
        each.order,
        each.path,
        each.link,
        each.size_bytes,
        tuple(subtitle.language for subtitle in each.subtitles),
    )
