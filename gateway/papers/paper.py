"""A paper as plain values: the one content that .docx, PDF, .xlsx, HTML and CSV are written from (counting 5).

In:  what gateway/papers/month and its neighbours make of a Report or a Reconciliation.
Out: Paper. Numbers stay numbers down to the writer, so that every form shows the same integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from gateway.reports.day import Language as Language  # the one definition, named here for all who write papers


@dataclass(frozen=True, slots=True)
class Number:
    """A figure and how it is printed: rounded once, halves away from zero."""

    value: int | Fraction
    places: int = 0
    is_percent: bool = False
    is_signed: bool = False
    """A change: "+" stands before what grew."""


Cell = str | Number | date | datetime | None
"""None prints as "–": there is no figure. A datetime is local to the site."""


class Align(StrEnum):
    """Where a column's cells stand."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    align: Align = Align.LEFT
    width: int = 1
    """Share of the table's width."""


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table: Biểu 1."""

    code: str
    """Names it in files: "bieu1"; unique in a paper."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    bold_rows: frozenset[int] = frozenset()
    """Totals."""
    is_landscape: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a chart, one a label; None where there is none."""

    name: str
    values: tuple[int | Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of figures that stand in a table too."""

    code: str
    title: str
    form: Literal["bars", "stacked", "lines", "across"]
    """`across`: bars lying down, one group a label; for labels that are words."""
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    band: tuple[Series, Series] | None = None
    """Lower and upper bound of a goal, drawn behind."""


@dataclass(frozen=True, slots=True)
class Heading:
    """I, II; 1, 2 below them."""

    level: Literal[1, 2, 3]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or more; `to_fill` leaves lines of dots for what only people can say."""

    text: str
    to_fill: int = 0


@dataclass(frozen=True, slots=True)
class Annex:
    """A new page with a title of its own."""

    title: str


Block = Heading | Paragraph | Table | Chart | Annex


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an official paper (Decree 30/2020, counting 2.3)."""

    parent_body: str
    issuing_body: str
    symbol: str
    """After the number: BC-TV. The number itself is the office's: blank in a draft."""
    number: str
    place: str
    day: date | None
    """None in a draft: left open."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One block at the foot."""

    authority: str
    """TM., KT., TL., Q. and whose; "" if the signer signs for the body itself."""
    post: str
    name: str
    hint: str = ""
    """(Ký, ghi rõ họ tên, đóng dấu)"""


@dataclass(frozen=True, slots=True)
class Paper:
    """All of it."""

    language: Language
    form: str
    """BÁO CÁO, BIÊN BẢN."""
    abstract: str
    head: Head | None
    """None: without letterhead (minutes of two parties)."""
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    recipients: tuple[str, ...]
    is_draft: bool

    @property
    def tables(self) -> Sequence[Table]:
        """In order."""
        return [one for one in self.blocks if isinstance(one, Table)]

    @property
    def charts(self) -> Sequence[Chart]:
        """In order."""
        return [one for one in self.blocks if isinstance(one, Chart)]
