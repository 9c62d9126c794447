"""A paper as PDF/A-2b, by typst: the template is a file, the paper comes to it as JSON (counting 4.3, trap 3).

In:  Paper.
Out: bytes, the same for the same paper. Fonts are Liberation Serif 2 alone; a letter it lacks is a box.
"""

import json
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path

import typst

from gateway.documents.chart_tree import Json, Text, chart_tree
from gateway.documents.fonts import font_folder, letters
from gateway.documents.head import day_of, number_line, place_line, recipient_lines, words_of
from gateway.documents.layout import END, Section, breakable, pages_of, plain, without_missing
from gateway.errors import GatewayError
from gateway.papers.paper import Annex, Block, Chart, Heading, Language, Paper, Paragraph, Table
from gateway.papers.printed import printed

_TEMPLATE = "paper.typ"


def write_pdf(paper: Paper) -> bytes:
    """The whole file; GatewayError when the font is missing."""
    folder = font_folder()
    has = letters(folder)
    tree = _tree(paper, lambda text: without_missing(plain(text), has))
    with resources.as_file(resources.files("gateway.documents")) as templates:
        return _compiled(templates / _TEMPLATE, folder, json.dumps(tree, ensure_ascii=False), day_of(paper))


def _compiled(template: Path, folder: Path, told: str, day: date) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    try:
        return typst.compile(
            template,
            root=template.parent,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"paper": told},
            pdf_standards="a-2b",
            timestamp=datetime.combine(day, time(12), UTC),
        )
    except typst.TypstError as error:
        raise GatewayError(f"the PDF can't be made: {error.message}", hint="; ".join(error.hints)) from error


def _tree(paper: Paper, text: Text) -> Json:
    words, pages = words_of(paper), pages_of(paper)
    head = paper.head
    return {
        "language": paper.language,
        "title": text(f"{paper.form} {paper.abstract}"),
        "date": {"year": day_of(paper).year, "month": day_of(paper).month, "day": day_of(paper).day},
        "author": text(head.issuing_body) if head else "",
        "nation": words.nation,
        "motto": words.motto,
        "draft": words.draft if paper.is_draft else "",
        "head": {
            "parent_body": breakable(text(head.parent_body).upper()),
            "issuing_body": breakable(text(head.issuing_body).upper()),
            "number": text(number_line(paper)),
            "place": text(place_line(paper)),
        }
        if head
        else None,
        "form": text(paper.form),
        "abstract": text(paper.abstract),
        "body": [_section(one, paper.language, text) for one in pages.body],
        "annexes": [_section(one, paper.language, text) for one in pages.annexes],
        "end": END if head else "",
        "recipients_label": words.recipients,
        "recipients": [breakable(text(one)) for one in recipient_lines(paper)],
        "signatures": [
            {
                "authority": text(one.authority).upper(),
                "post": text(one.post).upper(),
                "hint": text(one.hint),
                "name": text(one.name),
            }
            for one in paper.signatures
        ],
    }


def _section(section: Section, language: Language, text: Text) -> Json:
    return {"landscape": section.is_landscape, "blocks": [_block(one, language, text) for one in section.blocks]}


def _block(block: Block, language: Language, text: Text) -> Json:
    match block:
        case Heading(level, told):
            return {"kind": "heading", "level": level, "text": text(told)}
        case Paragraph(told, to_fill):
            return {"kind": "paragraph", "text": breakable(text(told), 60), "fill": to_fill}
        case Annex(title):
            return {"kind": "annex", "text": text(title)}
        case Table():
            return _table(block, language, text)
        case Chart():
            return chart_tree(block, language, text)


def _table(table: Table, language: Language, text: Text) -> Json:
    return {
        "kind": "table",
        "title": text(table.title),
        "columns": [{"title": text(one.title), "align": one.align.value, "width": one.width} for one in table.columns],
        "rows": [[breakable(text(printed(cell, language)), 12) for cell in row] for row in table.rows],
        "bold": sorted(table.bold_rows),
        "note": text(table.note),
    }
