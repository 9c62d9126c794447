"""A paper as a tree for JSON and back: what was signed is written from its own content ever after (decision 6).

In:  Paper.
Out: a tree of plain values, exact; the Paper of a tree. A value of more than one kind says of which it is.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from gateway.papers.paper import (
    Align,
    Annex,
    Block,
    Cell,
    Chart,
    Column,
    Head,
    Heading,
    Number,
    Paper,
    Paragraph,
    Series,
    Signature,
    Table,
)

_BLOCKS: Mapping[str, type[Block]] = {
    "heading": Heading, "paragraph": Paragraph, "table": Table, "chart": Chart, "annex": Annex,
}  # fmt: skip
_NAMES = {form: name for name, form in _BLOCKS.items()}

Tree = Any
"""Of json: dict, list, str, int, bool, None."""


def paper_tree(paper: Paper) -> Tree:
    """The tree of a paper."""
    return {
        **_plain(paper, "language", "form", "abstract", "is_draft"),
        "head": None if paper.head is None else {**_plain(paper.head), "day": _iso(paper.head.day)},
        "blocks": [_block_tree(one) for one in paper.blocks],
        "signatures": [_plain(one) for one in paper.signatures],
        "recipients": list(paper.recipients),
    }


def paper_of(tree: Tree) -> Paper:
    """The paper of a tree; KeyError, TypeError or ValueError where it is none."""
    head = tree["head"]
    return Paper(
        language=tree["language"],
        form=tree["form"],
        abstract=tree["abstract"],
        head=None if head is None else Head(**{**head, "day": _day(head["day"])}),
        blocks=tuple(_block_of(one) for one in tree["blocks"]),
        signatures=tuple(Signature(**one) for one in tree["signatures"]),
        recipients=tuple(tree["recipients"]),
        is_draft=tree["is_draft"],
    )


def _block_tree(block: Block) -> Tree:
    kind = {"block": _NAMES[type(block)]}
    match block:
        case Table():
            told = _plain(block, "code", "title", "note", "is_landscape")
            columns = [{**_plain(one, "title", "width"), "align": one.align.value} for one in block.columns]
            rows = [[_cell_tree(cell) for cell in row] for row in block.rows]
            return {**kind, **told, "columns": columns, "rows": rows, "bold_rows": sorted(block.bold_rows)}
        case Chart():
            told = {**_plain(block, "code", "title", "form", "unit"), "labels": list(block.labels)}
            band = None if block.band is None else [_series_tree(one) for one in block.band]
            return {**kind, **told, "series": [_series_tree(one) for one in block.series], "band": band}
    return {**kind, **_plain(block)}


def _block_of(tree: Tree) -> Block:
    told = {name: value for name, value in tree.items() if name != "block"}
    form = _BLOCKS[tree["block"]]
    if form is Table:
        columns = tuple(Column(one["title"], Align(one["align"]), one["width"]) for one in told["columns"])
        rows = tuple(tuple(_cell_of(cell) for cell in row) for row in told["rows"])
        return Table(**{**told, "columns": columns, "rows": rows, "bold_rows": frozenset(told["bold_rows"])})
    if form is Chart:
        series = tuple(_series_of(one) for one in told["series"])
        band = None if told["band"] is None else (_series_of(told["band"][0]), _series_of(told["band"][1]))
        return Chart(**{**told, "labels": tuple(told["labels"]), "series": series, "band": band})
    return form(**told)


def _cell_tree(cell: Cell) -> Tree:
    match cell:
        case None | str():
            return cell
        case Number():
            return {"number": _exact(cell.value), **_plain(cell, "places", "is_percent", "is_signed")}
        case datetime():
            return {"at": cell.isoformat()}
        case date():
            return {"day": cell.isoformat()}


def _cell_of(tree: Tree) -> Cell:
    match tree:
        case None | str():
            return tree
        case {"number": value}:
            return Number(_value(value), tree["places"], tree["is_percent"], tree["is_signed"])
        case {"at": at}:
            return datetime.fromisoformat(at)
        case {"day": day}:
            return date.fromisoformat(day)
    raise ValueError(f"{tree!r} is no cell")


def _series_tree(series: Series) -> Tree:
    return {"name": series.name, "values": [None if one is None else _exact(one) for one in series.values]}


def _series_of(tree: Tree) -> Series:
    return Series(tree["name"], tuple(None if one is None else _value(one) for one in tree["values"]))


def _exact(value: int | Fraction) -> int | str:
    return value if isinstance(value, int) else str(value)


def _value(tree: int | str) -> int | Fraction:
    return tree if isinstance(tree, int) else Fraction(tree)


def _plain(value: Any, *names: str) -> dict[str, Tree]:
    """Fields of plain values: those named, or all."""
    return {name: getattr(value, name) for name in names or [one.name for one in fields(value)]}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
