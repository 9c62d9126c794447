"""A table of a paper in .docx: head row repeated on each page, rows unbroken, numbers at the right."""

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Emu, Length, Mm, Pt

from gateway.documents import docx_parts as parts
from gateway.papers.paper import Align, Language, Table
from gateway.papers.printed import printed

_ALIGN = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_MANY_COLUMNS = 9
_SHORT = 10
"""So many rows stay on one page with their title."""


def write_table(document: Document, table: Table, language: Language, width: Length) -> None:
    """Title, rows, note."""
    title = parts.tight(document.add_paragraph(), WD_ALIGN_PARAGRAPH.CENTER, before=8, after=4)
    title.paragraph_format.keep_with_next = True
    parts.say(title, table.title, 13, bold=True)
    size = 11 if len(table.columns) < _MANY_COLUMNS else 10 if len(table.columns) < 2 * _MANY_COLUMNS - 4 else 9
    drawn = document.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid")
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    parts.margins(drawn, Mm(1))
    total = sum(column.width for column in table.columns)
    parts.widths(drawn, [Emu(int(width * column.width / total)) for column in table.columns])
    rows = [[column.title for column in table.columns]]
    rows += [[printed(cell, language) for cell in row] for row in table.rows]
    grid = [list(row.cells) for row in drawn.rows]
    for n, (cells, texts) in enumerate(zip(grid, rows, strict=True)):
        is_bold = n == 0 or n - 1 in table.bold_rows
        for cell, column, text in zip(cells, table.columns, texts, strict=True):
            align = WD_ALIGN_PARAGRAPH.CENTER if n == 0 else _ALIGN[column.align]
            parts.say(parts.tight(parts.first(cell), align, before=1, after=1), text, size, bold=is_bold)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for n, row in enumerate(drawn.rows):
        parts.unbroken(row)
        if len(table.rows) <= _SHORT and n < len(table.rows):
            for cell in row.cells:
                parts.first(cell).paragraph_format.keep_with_next = True
    parts.repeated(drawn.rows[0])
    note = parts.tight(document.add_paragraph(), WD_ALIGN_PARAGRAPH.JUSTIFY, before=3, after=6 if table.note else 0)
    parts.say(note, table.note, 11, italic=True)
    if not table.note:  # a paragraph must stand there, or Word joins two tables
        note.paragraph_format.line_spacing = Pt(4)
