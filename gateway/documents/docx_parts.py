"""Small pieces of WordprocessingML that python-docx has no word for: rules, fields, cell margins, repeated rows."""

from collections.abc import Sequence

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Emu, Length, Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from gateway.documents.layout import plain

FONT = "Times New Roman"


def say(
    paragraph: Paragraph, text: str, size: float, *, bold: bool = False, italic: bool = False, upper: bool = False
) -> Run:
    """Text in the one font; the parser of XML escapes it, nothing is a template."""
    told = plain(text)
    run = paragraph.add_run(told.upper() if upper else told)
    run.font.size = Pt(size)
    run.bold = bold
    run.italic = italic
    return run


def tight(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH, *, after: float = 0, before: float = 0) -> Paragraph:
    """A line of the head or a table: no indent, no space but what is asked for."""
    form = paragraph.paragraph_format
    form.alignment = align
    form.first_line_indent = Mm(0)
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing = 1.0
    return paragraph


def rule(paragraph: Paragraph, width: Length, share: float) -> None:
    """A line centred below a text, as long as a share of the width: a row's own paragraph, so that it never
    overprints a name that wraps (counting 4.3, trap 4)."""
    tight(paragraph, WD_ALIGN_PARAGRAPH.CENTER, after=3, before=1)
    side = Emu(int(width * (1 - share) / 2))
    paragraph.paragraph_format.left_indent = side
    paragraph.paragraph_format.right_indent = side
    say(paragraph, "", 2).font.size = Pt(2)
    mark = paragraph._p.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    borders.append(_border("top"))
    mark.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    paragraph.paragraph_format.line_spacing = Pt(3)


def boxed(paragraph: Paragraph, width: Length, share: float) -> None:
    """A frame round a line: DỰ THẢO."""
    side = Emu(int(width * (1 - share) / 2))
    paragraph.paragraph_format.left_indent = side
    paragraph.paragraph_format.right_indent = side
    borders = OxmlElement("w:pBdr")
    for name in ("top", "left", "bottom", "right"):
        borders.append(_border(name, space="3"))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def dots(paragraph: Paragraph, width: Length, end: str = "") -> None:
    """A line of dots to be filled in."""
    tight(paragraph, WD_ALIGN_PARAGRAPH.LEFT, after=6)
    paragraph.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    paragraph.add_run("\t" + end)


def field(paragraph: Paragraph, code: str, size: float) -> None:
    """A field the program fills in: PAGE."""
    run = paragraph.add_run()
    run.font.size = Pt(size)
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)


def widths(table: Table, parts: Sequence[Length]) -> None:
    """Fixed columns: what is long wraps in its cell."""
    table.autofit = False
    for column, width in zip(table.columns, parts, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, parts, strict=True):
            cell.width = width


def repeated(row: _Row) -> None:
    """The row stands again at the head of each page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def unbroken(row: _Row) -> None:
    """The row stays on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def margins(table: Table, side: Length) -> None:
    """Space at the sides of cells."""
    properties = table._tbl.tblPr
    space = OxmlElement("w:tblCellMar")
    for name in ("left", "right"):
        mark = OxmlElement(f"w:{name}")
        mark.set(qn("w:w"), str(int(side.twips)))
        mark.set(qn("w:type"), "dxa")
        space.append(mark)
    properties.append(space)


def first(cell: _Cell) -> Paragraph:
    """The paragraph every cell begins with."""
    paragraph: Paragraph = cell.paragraphs[0]
    return paragraph


def _border(name: str, space: str = "1") -> BaseOxmlElement:
    mark = OxmlElement(f"w:{name}")
    for key, value in (("val", "single"), ("sz", "6"), ("space", space), ("color", "auto")):
        mark.set(qn(f"w:{key}"), value)
    return mark
