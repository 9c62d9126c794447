"""A paper as .docx, to be edited by the office: Decree 30/2020's layout, names of styles and fonts every Word has.

In:  Paper.
Out: bytes, the same for the same paper.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, time

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section as DocxSection
from docx.shared import Emu, Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as DocxParagraph

from gateway.documents import docx_parts as parts
from gateway.documents.docx_foot import foot
from gateway.documents.docx_table import write_table
from gateway.documents.head import day_of, number_line, place_line, words_of
from gateway.documents.layout import END, Section, pages_of, plain
from gateway.documents.pictures import pictures
from gateway.papers.paper import Annex, Block, Chart, Heading, Paper, Paragraph, Table

_LEFT, _CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
_SHORT, _LONG = Mm(210), Mm(297)
_TOP, _BOTTOM, _LEFT_MARGIN, _RIGHT_MARGIN = Mm(20), Mm(20), Mm(30), Mm(15)
_BODY_PT = 13
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_docx(paper: Paper) -> bytes:
    """The whole file."""
    document = docx.Document()
    _styles(document, paper)
    _page(document.sections[0], is_landscape=False)
    _page_number(document.sections[0])
    _head(document, paper)
    pages = pages_of(paper)
    drawn = pictures(paper.charts, paper.language)
    _write_sections(document, paper, pages.body, drawn, ends=True)
    if document.sections[-1].orientation == WD_ORIENT.LANDSCAPE:
        _turn(document, is_landscape=False)
    foot(document, paper, _width(document))
    _write_sections(document, paper, pages.annexes, drawn, ends=False)
    made = io.BytesIO()
    document.save(made)
    return _same_bytes(made.getvalue())


def _styles(document: Document, paper: Paper) -> None:
    """One font, black, for text and headings; Word's own headings, so that its outline shows the sections."""
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        style = document.styles[name]
        style.font.name = parts.FONT
        style.font.size = Pt(_BODY_PT)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for mark in list(fonts.attrib):
            del fonts.attrib[mark]
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), parts.FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN" if paper.language == "vi" else "en-GB")
    properties = document.styles["Normal"].element.get_or_add_rPr()
    properties.append(language)
    known = document.core_properties
    known.title = plain(f"{paper.form} {paper.abstract}")[:250]
    known.author = plain(paper.head.issuing_body)[:250] if paper.head else ""
    known.comments = ""
    known.created = known.modified = datetime.combine(day_of(paper), time(12))


def _page(section: DocxSection, *, is_landscape: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_LONG, _SHORT) if is_landscape else (_SHORT, _LONG)
    section.top_margin, section.bottom_margin = _TOP, _BOTTOM
    section.left_margin, section.right_margin = _LEFT_MARGIN, _RIGHT_MARGIN
    section.header_distance = Mm(10)


def _page_number(section: DocxSection) -> None:
    """Centred in the top margin, hidden on page 1."""
    section.different_first_page_header_footer = True
    paragraph = parts.tight(section.header.paragraphs[0], _CENTRE)
    parts.field(paragraph, "PAGE", _BODY_PT)


def _turn(document: Document, *, is_landscape: bool) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = False
    _page(section, is_landscape=is_landscape)


def _width(document: Document) -> Length:
    section = document.sections[-1]
    assert section.page_width and section.left_margin and section.right_margin
    return Emu(section.page_width - section.left_margin - section.right_margin)


def _head(document: Document, paper: Paper) -> None:
    """Bodies at the left, Quốc hiệu at the right, as rows of a table; minutes have Quốc hiệu alone."""
    words, width = words_of(paper), _width(document)
    if paper.head is None:
        parts.say(_line(document), words.nation, 13, bold=True)
        parts.say(_line(document), words.motto, 13, bold=True)
        parts.rule(document.add_paragraph(), width, 0.4)
        if paper.is_draft:
            parts.say(framed := _line(document, after=6), words.draft, 12, bold=True)
            parts.boxed(framed, width, 0.16)
    else:
        left, right = Emu(int(width * 0.41)), Emu(int(width * 0.59))
        table = document.add_table(rows=2, cols=2)
        parts.widths(table, (left, right))
        parts.margins(table, Mm(0.5))
        body, nation = table.rows[0].cells
        parts.say(parts.tight(parts.first(body), _CENTRE), paper.head.parent_body, 12, upper=True)
        parts.say(parts.tight(body.add_paragraph(), _CENTRE), paper.head.issuing_body, 12, bold=True, upper=True)
        parts.rule(body.add_paragraph(), left, 0.4)
        parts.say(parts.tight(parts.first(nation), _CENTRE), words.nation, 12, bold=True)
        parts.say(parts.tight(nation.add_paragraph(), _CENTRE), words.motto, 13, bold=True)
        parts.rule(nation.add_paragraph(), right, 0.62)
        number, place = table.rows[1].cells
        parts.say(parts.tight(parts.first(number), _CENTRE, before=3), number_line(paper), 13)
        parts.say(parts.tight(parts.first(place), _CENTRE, before=3), place_line(paper), 13, italic=True)
        if paper.is_draft:
            parts.say(framed := parts.tight(number.add_paragraph(), _CENTRE, before=6), words.draft, 12, bold=True)
            parts.boxed(framed, left, 0.4)
    parts.say(_line(document, before=18), paper.form, 14, bold=True)
    abstract = _line(document)
    abstract.paragraph_format.left_indent = abstract.paragraph_format.right_indent = Mm(12)
    parts.say(abstract, paper.abstract, 14, bold=True)
    parts.rule(document.add_paragraph(), width, 0.3)


def _line(document: Document, *, before: float = 0, after: float = 0) -> DocxParagraph:
    return parts.tight(document.add_paragraph(), _CENTRE, before=before, after=after)


def _write_sections(
    document: Document, paper: Paper, sections: tuple[Section, ...], drawn: Mapping[str, bytes], *, ends: bool
) -> None:
    blocks = sum(len(one.blocks) for one in sections)
    for section in sections:
        was_landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
        turned = section.is_landscape is not was_landscape
        if turned:
            _turn(document, is_landscape=section.is_landscape)
        for n, block in enumerate(section.blocks):
            blocks -= 1
            _write(document, paper, block, drawn, is_new_page=turned and n == 0, end=END if ends and not blocks else "")


def _write(
    document: Document, paper: Paper, block: Block, drawn: Mapping[str, bytes], *, is_new_page: bool, end: str
) -> None:
    width = _width(document)
    is_official = end if paper.head else ""
    match block:
        case Heading(level, text):
            _heading(document, text, level)
        case Paragraph(text, to_fill):
            for paragraph in _text(document, text, to_fill, width, is_official):
                paragraph.paragraph_format.widow_control = True
        case Table():
            write_table(document, block, paper.language, width)
        case Annex(title):
            paragraph = _line(document, after=9)
            paragraph.paragraph_format.page_break_before = not is_new_page
            paragraph.paragraph_format.keep_with_next = True
            parts.say(paragraph, title, 14, bold=True)
        case Chart(code=code, title=title) if code in drawn:
            picture = _line(document, before=6, after=6).add_run().add_picture(io.BytesIO(drawn[code]), width)
            picture._inline.docPr.set("descr", plain(title))  # read aloud
        case Chart():
            pass  # its figures stand in a table
    if is_official and not isinstance(block, Paragraph):
        parts.say(parts.tight(document.add_paragraph(), WD_ALIGN_PARAGRAPH.RIGHT), END, _BODY_PT)


def _heading(document: Document, text: str, level: int) -> None:
    paragraph = document.add_heading(level=level)
    parts.tight(paragraph, _JUSTIFY, before=8, after=4)
    paragraph.paragraph_format.first_line_indent = Mm(10)
    paragraph.paragraph_format.keep_with_next = True
    parts.say(paragraph, text, _BODY_PT, bold=True, italic=level == 3)


def _text(document: Document, text: str, to_fill: int, width: Length, end: str) -> Iterator[DocxParagraph]:
    if text:
        paragraph = parts.tight(document.add_paragraph(), _JUSTIFY, after=6)
        paragraph.paragraph_format.first_line_indent = Mm(10)
        paragraph.paragraph_format.line_spacing = 1.15
        parts.say(paragraph, text.rstrip(".") + end if end and not to_fill else text, _BODY_PT)
        yield paragraph
    for n in range(to_fill):
        paragraph = document.add_paragraph()
        parts.dots(paragraph, width, end if n == to_fill - 1 else "")
        yield paragraph


def _same_bytes(made: bytes) -> bytes:
    """The same archive without the time of its making."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return packed.getvalue()
