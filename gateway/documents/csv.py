"""A paper's tables as CSV, for spreadsheets and for programs (counting 4.3, trap 6).

In:  Paper.
Out: `write`: one file that a Vietnamese Excel opens by a double click, tables below each other under their titles;
     `write_zip`: a file a table in both flavours, excel/bieu1.csv and rfc4180/bieu1.csv, with a list of contents.

| | excel | rfc4180 |
|---|---|---|
| encoding, separator | UTF-8 with its mark, ";" | UTF-8, "," (RFC 4180) |
| numbers | the printed digits, decimal comma, no thousands sign | exact; what no decimal ends is given to 12 places |
| percent | 6,38% | 6.37945318972 (of a hundred) |
| days, instants | 2027-03-05, 2027-03-05 14:00: the one form that Excel reads as the same day in every country |

No figure is an empty cell. Texts that a spreadsheet would run (=, +, -, @, tab) stand behind an apostrophe in both
flavours; in excel those too that it would take for a number or a date: 9/10, 0912, 1-2.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction

from gateway.documents.head import words_of
from gateway.documents.wording import WORDS, clean
from gateway.papers.paper import Cell, Number, Paper, Table
from gateway.papers.printed import printed

_EXACT_PLACES = 12
_MARK = "\ufeff"
# the wide forms are run by some programs as well
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LIKE_A_FIGURE = re.compile(r"\d[\d\s.,:/%()eE+-]*")
_WHOLE = re.compile(r"0|[1-9]\d{0,14}")  # Excel changes nothing of it
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same paper gives the same bytes

Row = Sequence[str]


def write(paper: Paper) -> bytes:
    """One file for Excel: tables below each other, an empty line between them."""
    rows: list[Row] = [[words_of(paper).draft]] if paper.is_draft else []
    rows += [[_excel(paper.form)], [_excel(paper.abstract)]]
    for table in paper.tables:
        rows += [[], [_excel(table.title)], *_rows(table, _excel)]
        rows += [[_excel(table.note)]] if table.note else []
    return _for_excel(rows)


def write_zip(paper: Paper) -> bytes:
    """A file a table, in both flavours."""
    words = WORDS[paper.language]
    heading = " ".join(
        one for one in (words_of(paper).draft if paper.is_draft else "", paper.form, paper.abstract) if one
    )
    contents = [
        [words["code"], words["title"], words["note"]],
        ["_paper", heading, ""],
        *([file_name(one.code), one.title, one.note] for one in paper.tables),
    ]
    files = {
        "excel/_contents.csv": _for_excel([[_excel(cell) for cell in row] for row in contents]),
        "rfc4180/_contents.csv": _for_programs([[_exact(cell) for cell in row] for row in contents]),
    }
    for table in paper.tables:
        name = file_name(table.code)
        files[f"excel/{name}.csv"] = _for_excel(_rows(table, _excel))
        files[f"rfc4180/{name}.csv"] = _for_programs(_rows(table, _exact))
    return _zipped(files)


def file_name(code: str) -> str:
    """A table's code as the name of a file or a sheet: letters, digits, "-", "_"."""
    return re.sub(r"[^\w-]", "_", code)[:31] or "_"


def _rows(table: Table, told: Callable[[Cell], str]) -> list[Row]:
    return [[told(one.title) for one in table.columns], *([told(cell) for cell in row] for row in table.rows)]


def _excel(cell: Cell) -> str:
    match cell:
        case Number():
            text = printed(Number(cell.value, cell.places, cell.is_percent), "vi")
            return text.replace(".", "")  # thousands: another country's Excel would read 1.284 as a little over one
        case str() if _LIKE_A_FIGURE.fullmatch(cell.strip()) and not _WHOLE.fullmatch(cell):
            return f"'{clean(cell)}"
        case _:
            return _other(cell)


def _exact(cell: Cell) -> str:
    return _decimal(cell.value) if isinstance(cell, Number) else _other(cell)


def _other(cell: str | date | Number | None) -> str:
    match cell:
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case str():
            text = clean(cell)
            return f"'{text}" if text.lstrip(" \xa0").startswith(_RUN) else text
        case _:
            return ""


def _decimal(value: int | Fraction) -> str:
    """12.5; no thousands sign, no zeros that say nothing."""
    text = printed(Number(value, _EXACT_PLACES), "en").replace(",", "")
    return text.rstrip("0").rstrip(".")


def _for_excel(rows: Iterable[Row]) -> bytes:
    return (_MARK + _joined(rows, ";")).encode()


def _for_programs(rows: Iterable[Row]) -> bytes:
    return _joined(rows, ",").encode()


def _joined(rows: Iterable[Row], separator: str) -> str:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return made.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as folder:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            folder.writestr(entry, files[name])
    return made.getvalue()
