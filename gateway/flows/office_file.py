"""An old register's file: CSV as spreadsheets write it, read by its mapped headings, or refused with its line.

Read are UTF-8 and UTF-16 (Excel's "Unicode text"), ";", "," or tab, whichever the heading has most of, and "sep=;".
Older Vietnamese encodings are named, not guessed: TCVN3 and VNI hold Vietnamese letters in the places of others.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping

from gateway.errors import UsageError

MOST_BYTES = 20_000_000
_SEPARATORS = (";", ",", "\t")
# what their letters look like to a program that knows nothing of their fonts: Ngµy, Sè l­ît; Ngaøy, Soá löôït
_TCVN3 = re.compile("[µ¸¶·¹¨©®ª«¬\xad]")
_VNI = re.compile("[øïûöäåëØÏÛÖÄÅË]")


def rows(raw: bytes, name: str, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """First line number and the mapped columns of each row that has any text in them; UsageError for the file.

    `name` is what the file is called in errors.
    """
    text = _text(raw, name)
    told = _cells(text, name)
    places: dict[str, int] | None = None
    width = 0
    for line, cells in told:
        if places is None:
            places, width = _places(cells, mapping, f"{name}:{line}"), len(cells)
            continue
        if len(cells) <= max(places.values()) or any(cell.strip() for cell in cells[width:]):
            what = f"{len(cells)} field{'' if len(cells) == 1 else 's'}, the heading has {width}"
            counts = {"line": line, "count": len(cells), "width": width}
            hint = f'fields are parted by "{_separator(text)}" here'
            raise UsageError(what, where=f"{name}:{line}", hint=hint, key="file-fields", values=counts)
        row = {of: cells[place] for of, place in places.items()}
        if any(one.strip() for one in row.values()):
            yield line, row


def headings(raw: bytes, name: str) -> list[str]:
    """The headings of the file's columns; UsageError for a file that is none."""
    return [" ".join(one.split()) for one in next(_cells(_text(raw, name), name))[1]]


def _cells(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """First line number and cells of each row that is not empty: the heading first. UsageError."""
    # strict: one quote too many would swallow all the lines after it
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    is_empty, line = True, 1
    while True:
        begins = line
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            hint = 'is a quotation mark (") missing or too many there?'
            what = f"is no CSV from this line on: {error}"
            raise UsageError(
                what, where=f"{name}:{begins}", hint=hint, key="file-quotes", values={"line": begins}
            ) from error
        line = reader.line_num + 1
        if not any(cell.strip() for cell in cells) or (is_empty and cells[0].lower().startswith("sep=")):
            continue
        is_empty = False
        yield begins, cells
    if is_empty:
        raise UsageError("the file is empty", where=name, key="file-empty")


def _separator(text: str) -> str:
    head = next((line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")), "")
    return max(_SEPARATORS, key=head.count)


def _text(raw: bytes, name: str) -> str:
    if len(raw) > MOST_BYTES:
        raise UsageError("a register of more than 20 MB", where=name, key="file-large")
    is_utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in raw and not is_utf16:
        raise UsageError("is no text", where=name, hint=_SAVE, key="file-no-text")
    try:
        text = raw.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        legacy = _legacy(raw.decode("latin-1").split("\n")[line - 1])
        what, hint = (f"is not UTF-8 but looks like {legacy}", _CONVERT) if legacy else ("is not UTF-8", _SAVE)
        key = "file-legacy" if legacy else "file-not-utf8"
        raise UsageError(what, where=f"{name}:{line}", hint=hint, key=key, values={"line": line}) from error
    return unicodedata.normalize("NFC", text)


_SAVE = 'in the spreadsheet: save as "CSV UTF-8"'
_CONVERT = 'convert its letters to Unicode first (UniKey: "Công cụ" does it), then save as "CSV UTF-8"'


def _legacy(text: str) -> str:
    if _TCVN3.search(text):
        return "TCVN3 (fonts .Vn…)"
    return "VNI (fonts VNI-…)" if _VNI.search(text) else ""


def _places(cells: list[str], mapping: Mapping[str, str], where: str) -> dict[str, int]:
    headings = [" ".join(one.split()) for one in cells]
    places: dict[str, int] = {}
    for name, told in mapping.items():
        heading = " ".join(unicodedata.normalize("NFC", told).split())
        if headings.count(heading) != 1:
            what = "stands twice" if heading in headings else "is not there"
            legacy = _legacy(" ".join(headings))
            hint = f"the columns are: {', '.join(headings)[:300]}"
            hint += f"; they look like {legacy}: {_CONVERT}" if legacy else ""
            key = "file-heading-twice" if heading in headings else "file-heading-missing"
            values = {"heading": heading[:80]}
            raise UsageError(f'column "{heading}" {what}', where=where, hint=hint, key=key, values=values)
        places[name] = headings.index(heading)
    return places
