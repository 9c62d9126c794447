"""The foot of a paper in .docx: Nơi nhận at the left, who signs at the right; minutes have two parties."""

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Emu, Length, Mm
from docx.table import _Cell

from gateway.documents import docx_parts as parts
from gateway.documents.head import recipient_lines, words_of
from gateway.papers.paper import Paper, Signature

_LEFT, _CENTRE = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
_SEAL_LINES = 4
"""Room for a hand and a seal."""


def foot(document: Document, paper: Paper, width: Length) -> None:
    """One row that stays whole on a page."""
    if not paper.signatures:
        return
    has_recipients = bool(paper.recipients)
    columns = len(paper.signatures) + has_recipients
    document.add_paragraph().paragraph_format.space_after = Mm(2)
    table = document.add_table(rows=1, cols=columns)
    parts.widths(table, [Emu(int(width / columns))] * columns)
    parts.unbroken(table.rows[0])
    cells = list(table.rows[0].cells)
    if has_recipients:
        _recipients(cells[0], paper)
    for cell, one in zip(cells[has_recipients:], paper.signatures, strict=True):
        _signature(cell, one)


def _recipients(cell: _Cell, paper: Paper) -> None:
    parts.say(parts.tight(parts.first(cell), _LEFT), words_of(paper).recipients, 12, bold=True, italic=True)
    for line in recipient_lines(paper):
        parts.say(parts.tight(cell.add_paragraph(), _LEFT), line, 11)


def _signature(cell: _Cell, one: Signature) -> None:
    paragraph = parts.first(cell)
    for text in (one.authority, one.post):
        if text:
            parts.say(parts.tight(paragraph, _CENTRE), text, 13, bold=True, upper=True)
            paragraph = cell.add_paragraph()
    if one.hint:
        parts.say(parts.tight(paragraph, _CENTRE), one.hint, 12, italic=True)
        paragraph = cell.add_paragraph()
    for _ in range(_SEAL_LINES):
        parts.say(parts.tight(paragraph, _CENTRE), "", 13)
        paragraph = cell.add_paragraph()
    parts.say(parts.tight(paragraph, _CENTRE), one.name, 14, bold=True)
