"""A paper as an Excel workbook: a sheet a table, numbers as numbers, native charts (counting 4.3, trap 5).

In:  Paper.
Out: the file's bytes, the same for the same paper: its date is the paper's, no moment of making is in it.

A cell holds the printed value, rounded once, so that sums of what is read are sums of what is held; the reader's locale
shows 1.284 or 1,284. Percentages are fractions of one under a percent format. No text becomes a formula or a link.
"""

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from math import ceil
from typing import Any

import xlsxwriter

from gateway.documents.csv import file_name
from gateway.documents.head import day_of, number_line, place_line, words_of
from gateway.documents.wording import WORDS, clean
from gateway.documents.xlsx_charts import add_charts
from gateway.papers.paper import Align, Annex, Cell, Column, Heading, Number, Paper, Paragraph, Table
from gateway.papers.printed import NOTHING, printed

_MOST_LETTERS = 32_767  # of a cell: Excel drops a longer text whole
_EXACT_UP_TO = 10**15
"""Excel's numbers have 15 digits."""
_A4 = 9
_TITLE, _HEADER = 0, 3
_TEXT_LETTERS = 70
_LETTERS = {False: 95, True: 140}
"""That fit side by side on a page, upright and lying."""
# a copy each time: the library takes things out of it
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Times New Roman", "font_size": 11, "valign": "top"},
}
_LINE, _HIGHEST = 15, 400
"""Points."""
_PAGE = {"left": 1.18, "right": 0.59, "top": 0.79, "bottom": 0.79}
"""Inches: 30, 15, 20 and 20 mm (counting 2.3)."""


def write(paper: Paper) -> bytes:
    """The workbook."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, deepcopy(_OPTIONS)) as workbook:
        book = _Book(workbook, paper)
        workbook.set_properties(
            {
                "title": clean(f"{paper.form} {paper.abstract}"),
                "author": clean(paper.head.issuing_body if paper.head else ""),
                "status": words_of(paper).draft if paper.is_draft else "",
                "created": datetime.combine(day_of(paper), time.min),
            }
        )
        info = workbook.add_worksheet(_name(book, book.words["info"]))
        sheets = [(_name(book, file_name(table.code)), table) for table in paper.tables]
        for name, table in sheets:
            _write_table(book, workbook.add_worksheet(name), table)
        if paper.charts:
            pictures = workbook.add_worksheet(_name(book, book.words["charts"]))
            figures = workbook.add_worksheet(_name(book, book.words["chart_data"]))
            add_charts(workbook, pictures, figures, paper.charts)
            _set_page(book, pictures, is_landscape=False, fits=False)  # a sheet that is fitted has no breaks of its own
            _set_page(book, figures, is_landscape=False)
        _write_info(book, info, sheets)
    return made.getvalue()


@dataclass(slots=True)
class _Book:
    """The workbook and what is made in it once: names of sheets, looks of cells."""

    workbook: Any
    paper: Paper
    names: set[str] = field(default_factory=set)
    looks: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS[self.paper.language]

    def look(self, **properties: object) -> Any:
        """A format, made once for each set of properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.looks:
            self.looks[key] = self.workbook.add_format(properties)
        return self.looks[key]


def _name(book: _Book, wished: str) -> str:
    """A sheet's name: at most 31 letters, unlike any other whatever their case."""
    name, n = wished[:31], 2
    while name.lower() in book.names:
        name, n = f"{wished[:27]} ({n})", n + 1
    book.names.add(name.lower())
    return name


def _write_table(book: _Book, sheet: Any, table: Table) -> None:
    is_wide = table.is_landscape or len(table.columns) > 8
    _set_page(book, sheet, is_landscape=is_wide)
    sheet.repeat_rows(_HEADER)
    sheet.freeze_panes(_HEADER + 1, 0)
    sheet.write_string(_TITLE, 0, _text(table.title), book.look(bold=True, font_size=13))
    mark = f"{words_of(book.paper).draft} – " if book.paper.is_draft else ""
    sheet.write_string(_TITLE + 1, 0, _text(f"{mark}{book.paper.form} {book.paper.abstract}"), book.look(italic=True))
    widths = [_width(book, table, at, _LETTERS[is_wide]) for at in range(len(table.columns))]
    _set_height(sheet, _HEADER, [one.title for one in table.columns], widths)
    for at, column in enumerate(table.columns):
        look = book.look(bold=True, border=1, align="center", valign="vcenter", text_wrap=True, bg_color="#e8eef5")
        sheet.write_string(_HEADER, at, _text(column.title), look)
        sheet.set_column(at, at, widths[at])
    for n, row in enumerate(table.rows):
        _set_height(sheet, _HEADER + 1 + n, row, widths)
        for at, cell in enumerate(row):
            _put(book, sheet, (_HEADER + 1 + n, at), cell, table.columns[at], is_bold=n in table.bold_rows)
    if table.note:
        sheet.write_string(_HEADER + 2 + len(table.rows), 0, _text(table.note), book.look(italic=True))


def _set_height(sheet: Any, row: int, cells: Sequence[Cell], widths: Sequence[float]) -> None:
    """As many lines as the longest text wraps to: not every program finds that out by itself."""
    lines = [
        sum(ceil((len(line) + 1) / (width - 1)) for line in cell.split("\n")) if isinstance(cell, str) else 1
        for cell, width in zip(cells, widths, strict=False)
    ]
    if max(lines, default=1) > 1:
        sheet.set_row(row, min(_HIGHEST, _LINE * max(lines)))


def _put(book: _Book, sheet: Any, at: tuple[int, int], cell: Cell, column: Column, *, is_bold: bool) -> None:
    align = Align.RIGHT if isinstance(cell, Number) and column.align is Align.LEFT else column.align
    look = {"border": 1, "bold": is_bold, "align": align.value.replace("centre", "center")}
    match cell:
        case Number() if -_EXACT_UP_TO < cell.value < _EXACT_UP_TO:
            sheet.write_number(*at, number_of(cell), book.look(**look, num_format=_number_format(cell)))
        case datetime():
            # what Excel knows are local times without a zone
            form = "hh:mm dd/mm/yyyy" if book.paper.language == "vi" else "hh:mm d mmm yyyy"
            sheet.write_datetime(*at, cell.replace(tzinfo=None), book.look(**look, num_format=form))
        case date():
            form = "dd/mm/yyyy" if book.paper.language == "vi" else "d mmm yyyy"
            sheet.write_datetime(*at, cell, book.look(**look, num_format=form))
        case None:
            sheet.write_string(*at, NOTHING, book.look(**look))
        case str() | Number():
            text = _text(printed(cell, book.paper.language))
            sheet.write_string(*at, text, book.look(**look, text_wrap=True, num_format="@"))


def number_of(cell: Number) -> float:
    """The printed value; a percentage as a fraction of one."""
    digits = printed(Number(cell.value, cell.places), "en").replace(",", "")
    whole, _, rest = digits.partition(".")
    # one division of integers: the float nearest to the printed digits
    scale: int = 10 ** (len(rest) + (2 if cell.is_percent else 0))
    return int(whole + rest) / scale


def _number_format(cell: Number) -> str:
    digits = f"#,##0{'.' + '0' * cell.places if cell.places else ''}{'%' if cell.is_percent else ''}"
    return f"+{digits};-{digits};{digits}" if cell.is_signed else digits


def _width(book: _Book, table: Table, at: int, letters: int) -> float:
    """By its share, but never so narrow that a number shows as ####; Excel counts letters."""
    whole = sum(one.width for one in table.columns) or 1
    shortest = [
        len(printed(row[at], book.paper.language)) + 3
        for row in table.rows
        if at < len(row) and not isinstance(row[at], str)
    ]
    words = max((len(word) for word in table.columns[at].title.split()), default=1) + 2
    return float(min(60, max(5, letters * table.columns[at].width / whole, words, *shortest, 0)))


def _write_info(book: _Book, sheet: Any, sheets: list[tuple[str, Table]]) -> None:
    """Who issues what, what is in the workbook, and the paper's own words."""
    paper, words, bold = book.paper, book.words, book.look(bold=True, text_wrap=True)
    _set_page(book, sheet, is_landscape=False)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _TEXT_LETTERS)
    rows: list[tuple[str, str, Any]] = []
    if paper.is_draft:
        rows += [
            (words_of(paper).draft, words["draft_note"], book.look(bold=True, font_color="#b00020", text_wrap=True))
        ]
    if paper.head:
        rows += [("", one, bold) for one in (paper.head.parent_body, paper.head.issuing_body) if one]
        rows += [("", number_line(paper), None), ("", place_line(paper), None)]
    title = book.look(bold=True, font_size=14, text_wrap=True)
    rows += [("", paper.form, title), ("", paper.abstract, title), ("", "", None), (words["contents"], "", bold)]
    at = 0
    for left, right, look in rows:
        sheet.write_string(at, 0, _text(left), bold)
        sheet.write_string(at, 1, _text(right), look)
        _set_height(sheet, at, [right], [_TEXT_LETTERS])
        at += 1
    link = book.look(font_color="#0b5cad", underline=1)
    for name, table in sheets:
        sheet.write_url(at, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(at, 1, _text(table.title), book.look(text_wrap=True))
        _set_height(sheet, at, [table.title], [_TEXT_LETTERS])
        at += 1
    sheet.write_string(at + 1, 0, words["text"], bold)
    at += 1
    wrapped, heading = book.look(text_wrap=True), book.look(bold=True, text_wrap=True)
    for block in paper.blocks:
        match block:
            case Heading() | Annex():
                text = block.text if isinstance(block, Heading) else block.title
                sheet.write_string(at + 1, 1, _text(text), heading)
                _set_height(sheet, at + 1, [text], [_TEXT_LETTERS])
                at += 2
            case Paragraph():
                sheet.write_string(at, 1, _text(block.text or words["to_fill"]), wrapped)
                _set_height(sheet, at, [block.text], [_TEXT_LETTERS])
                at += 1


def _set_page(book: _Book, sheet: Any, *, is_landscape: bool, fits: bool = True) -> None:
    sheet.set_paper(_A4)
    sheet.set_margins(**_PAGE)
    if fits:
        sheet.fit_to_pages(1, 0)
    if is_landscape:
        sheet.set_landscape()
    sheet.set_header(f"{'&L' + words_of(book.paper).draft if book.paper.is_draft else ''}&C&P")


def _text(text: str) -> str:
    plain = clean(text)
    return plain if len(plain) <= _MOST_LETTERS else f"{plain[: _MOST_LETTERS - 1]}…"
