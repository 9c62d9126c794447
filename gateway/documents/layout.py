"""How a paper's blocks fall into sections of one page orientation, and what no printer can print.

In:  Paper.
Out: Sections for every writer that has pages.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.papers.paper import Annex, Block, Heading, Paper, Table

END = "./."
"""Stands at the end of an official text."""


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one orientation."""

    is_landscape: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """The text up to the signatures, and the annexes behind them."""

    body: tuple[Section, ...]
    annexes: tuple[Section, ...]


def pages_of(paper: Paper) -> Pages:
    """Sections in order; a heading or annex title goes with the landscape table below it."""
    blocks = list(paper.blocks)
    annexed = next((n for n, one in enumerate(blocks) if isinstance(one, Annex)), len(blocks))
    return Pages(_sections(blocks[:annexed]), _sections(blocks[annexed:]))


def plain(text: str) -> str:
    """NFC, on one line, without control characters: those are refused by XML and drawn by nobody."""
    told = "".join(" " if one in "\t\n\r\v\f\x85\u2028\u2029" else one for one in unicodedata.normalize("NFC", text))
    return "".join(one for one in told if unicodedata.category(one) not in ("Cc", "Cs") and one not in "\ufffe\uffff")


def breakable(text: str, longest: int = 24) -> str:
    """Zero-width spaces in words too long for a cell, so that they wrap instead of overprinting their neighbour."""
    return " ".join(_split(word, longest) for word in text.split(" "))


def without_missing(text: str, has: Callable[[int], bool]) -> str:
    """A box for each letter that a font lacks."""
    return "".join(one if has(ord(one)) or one in "\u200b\u200c\u200d" else "□" for one in text)


def _split(word: str, longest: int) -> str:
    return "\u200b".join(word[n : n + longest] for n in range(0, len(word), longest)) if len(word) > longest else word


def _sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    turned = [isinstance(one, Table) and one.is_landscape for one in blocks]
    for n in range(len(blocks) - 2, -1, -1):
        turned[n] = turned[n] or (isinstance(blocks[n], Annex | Heading) and turned[n + 1])
    sections: list[Section] = []
    for block, is_landscape in zip(blocks, turned, strict=True):
        if sections and sections[-1].is_landscape is is_landscape:
            sections[-1] = Section(is_landscape, (*sections[-1].blocks, block))
        else:
            sections.append(Section(is_landscape, (block,)))
    return tuple(sections)
