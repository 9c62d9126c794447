"""A paper as one HTML page: read on a phone, on a screen and from a printer, with hand-written SVG charts.

In:  Paper.
Out: UTF-8, no script, nothing from outside; the page's own policy forbids both, so a mistake here could load nothing.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from gateway.documents.head import number_line, place_line, recipient_lines, words_of
from gateway.documents.html_style import STYLE
from gateway.documents.svg import svg
from gateway.documents.wording import WORDS, clean
from gateway.papers.paper import (
    Align,
    Annex,
    Block,
    Cell,
    Chart,
    Heading,
    Number,
    Paper,
    Paragraph,
    Signature,
    Table,
)
from gateway.papers.printed import printed

_POLICY = f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
_CLASSES = {Align.LEFT: "", Align.CENTRE: ' class="c"', Align.RIGHT: ' class="r"'}


def write(paper: Paper) -> bytes:
    """The page."""
    title = " ".join(one for one in (paper.form, paper.abstract) if one)
    # signatures stand at the end of the text: annexes follow them
    annexed = next((n for n, one in enumerate(paper.blocks) if isinstance(one, Annex)), len(paper.blocks))
    text, annexes = (
        [line for n, block in enumerate(blocks) for line in _block(block, paper, is_wide=_is_wide(blocks, n))]
        for blocks in (paper.blocks[:annexed], paper.blocks[annexed:])
    )
    body = [*_head(paper), *text, *_foot(paper), *annexes]
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{paper.language}">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{_t(title)}</title>",
            f"<style>{STYLE}</style></head>",
            "<body><main>",
            *body,
            "</main></body></html>",
            "",
        ]
    ).encode()


def _head(paper: Paper) -> Iterator[str]:
    words = words_of(paper)
    if paper.is_draft:
        note = WORDS[paper.language]["draft_note"]
        yield f'<p class="draft"><strong>{words.draft}</strong> <span>{note}</span></p>'
    head = paper.head
    if head:
        yield '<header class="letterhead"><div>'
        yield f"<p>{_t(head.parent_body)}</p>" if head.parent_body else ""
        yield f'<p class="body">{_t(head.issuing_body)}</p>'
        yield f"<p>{_t(number_line(paper))}</p></div>"
        yield f'<div><p><strong>{words.nation}</strong></p><p class="body">{words.motto}</p>'
        yield f"<p><em>{_t(place_line(paper))}</em></p></div></header>"
    abstract = f"<br><span>{_t(paper.abstract)}</span>" if paper.abstract else ""
    yield f"<h1>{_t(paper.form)}{abstract}</h1>"


def _is_wide(blocks: Sequence[Block], n: int) -> bool:
    """Does it stand on a lying page? A heading goes with the table below it."""
    block = next((one for one in blocks[n:] if not isinstance(one, Heading | Annex)), None)
    return isinstance(block, Table) and block.is_landscape


def _block(block: Block, paper: Paper, *, is_wide: bool) -> Iterator[str]:
    match block:
        case Heading():
            look = ' class="wide"' if is_wide else ""
            yield f"<h{block.level + 1}{look}>{_t(block.text)}</h{block.level + 1}>"
        case Paragraph():
            yield f"<p>{_t(block.text)}</p>" if block.text else ""
            yield '<p class="fill"></p>' * block.to_fill
        case Annex():
            yield f'<h2 class="annex{" wide" if is_wide else ""}">{_t(block.title)}</h2>'
        case Table():
            yield from _table(block, paper)
        case Chart():
            yield f"<figure><figcaption>{_t(block.title)}</figcaption>"
            yield f"{svg(block, paper.language)}</figure>"


def _table(table: Table, paper: Paper) -> Iterator[str]:
    """In a frame of its own that scrolls by keyboard too: a wide table never widens the page."""
    wide = " wide" if table.is_landscape else ""
    code = escape("".join(one if one.isalnum() else "-" for one in table.code))
    yield f'<div class="scroll{wide}" tabindex="0" role="region" aria-labelledby="{code}-c">'
    yield f'<table><caption id="{code}-c"><span>{_t(table.title)}</span></caption><thead><tr>'
    yield "".join(f'<th scope="col">{_t(one.title)}</th>' for one in table.columns)
    yield "</tr></thead><tbody>"
    named = _name_column(table)
    for n, row in enumerate(table.rows):
        cells = (_cell(cell, table, at, paper, is_name=at == named) for at, cell in enumerate(row))
        yield f"<tr{' class=total' if n in table.bold_rows else ''}>{''.join(cells)}</tr>"
    if not table.rows:
        yield f'<tr><td colspan="{len(table.columns)}">{WORDS[paper.language]["nothing"]}</td></tr>'
    yield "</tbody></table></div>"
    if table.note:
        yield f'<p class="note{wide}">{_t(table.note)}</p>'


def _name_column(table: Table) -> int:
    """The column that names its row: the first of words, after one of running numbers (1, 1.1)."""
    for at in range(len(table.columns)):
        if table.rows and all(isinstance(cell, str) and _has_letter(cell) for cell in (row[at] for row in table.rows)):
            return at
    return 0


def _has_letter(text: str) -> bool:
    return any(one.isalpha() for one in text)


def _cell(cell: Cell, table: Table, at: int, paper: Paper, *, is_name: bool) -> str:
    look = _CLASSES[table.columns[at].align]
    if not look and isinstance(cell, Number):
        look = _CLASSES[Align.RIGHT]
    text = _t(printed(cell, paper.language))
    tag, scope = ("th", ' scope="row"') if is_name and text else ("td", "")
    return f"<{tag}{scope}{look}>{text}</{tag}>"


def _foot(paper: Paper) -> Iterator[str]:
    if not (paper.signatures or paper.recipients):
        return
    yield '<footer class="signed">'
    if paper.recipients:
        yield f'<div class="to"><p><strong><em>{words_of(paper).recipients}</em></strong></p><ul>'
        yield "".join(f"<li>{_t(one.removeprefix('- '))}</li>" for one in recipient_lines(paper))
        yield "</ul></div>"
    for signature in paper.signatures:
        yield _signature(signature)
    yield "</footer>"


def _signature(signature: Signature) -> str:
    lines = (signature.authority, signature.post)
    above = "".join(f"<p><strong>{_t(one)}</strong></p>" for one in lines if one)
    hint = f"<p><em>{_t(signature.hint)}</em></p>" if signature.hint else ""
    return f'<div>{above}{hint}<p class="name"><strong>{_t(signature.name)}</strong></p></div>'


def _t(text: str) -> str:
    """Escaped; lines of a text stay lines."""
    return escape(clean(text)).replace("\n", "<br>")
