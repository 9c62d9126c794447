"""An old register's file: CSV as spreadsheets write it, read by its mapped headings, or refused with its line.

Read are UTF-8 and UTF-16 (Excel's "Unicode text"), ";", "," or tab, whichever the heading has most of, and "sep=;".
Older Vietnamese encodings are named, not guessed: TCVN3 and VNI hold Vietnamese letters in the places of others.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping

from gateway.config.fields import Path
from gateway.errors import UsageError

_MOST_BYTES = 20_000_000
_SEPARATORS = (";", ",", "\t")
# what their letters look like to a program that knows nothing of their fonts: Ngµy, Sè l­ît; Ngaøy, Soá löôït
_TCVN3 = re.compile("[µ¸¶·¹¨©®ª«¬\xad]")
_VNI = re.compile("[øïûöäåëØÏÛÖÄÅË]")


def rows(file: Path, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """First line number and the mapped columns of each row that has any text in them; UsageError for the file."""
    text = _text(file)
    head = next((line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")), "")
    separator = max(_SEPARATORS, key=head.count)
    # strict: one quote too many would swallow all the lines after it
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    places: dict[str, int] | None = None
    width, line = 0, 1
    while True:
        begins, line = line, line
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            hint = 'is a quotation mark (") missing or too many there?'
            raise UsageError(
                f"is no CSV from this line on: {error}", where=f"{file.name}:{begins}", hint=hint
            ) from error
        line = reader.line_num + 1
        if not any(cell.strip() for cell in cells) or (places is None and cells[0].lower().startswith("sep=")):
            continue
        if places is None:
            places, width = _places(cells, mapping, f"{file.name}:{begins}"), len(cells)
            continue
        if len(cells) <= max(places.values()) or any(cell.strip() for cell in cells[width:]):
            what = f"{len(cells)} field{'' if len(cells) == 1 else 's'}, the heading has {width}"
            raise UsageError(what, where=f"{file.name}:{begins}", hint=f'fields are parted by "{separator}" here')
        told = {name: cells[place] for name, place in places.items()}
        if any(one.strip() for one in told.values()):
            yield begins, told
    if places is None:
        raise UsageError("the file is empty", where=file.name)


def _text(file: Path) -> str:
    if file.stat().st_size > _MOST_BYTES:
        raise UsageError("a register of more than 20 MB", where=file.name)
    raw = file.read_bytes()
    is_utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in raw and not is_utf16:
        raise UsageError("is no text", where=file.name, hint=_SAVE)
    try:
        text = raw.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        legacy = _legacy(raw.decode("latin-1").split("\n")[line - 1])
        what, hint = (f"is not UTF-8 but looks like {legacy}", _CONVERT) if legacy else ("is not UTF-8", _SAVE)
        raise UsageError(what, where=f"{file.name}:{line}", hint=hint) from error
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
            raise UsageError(f'column "{heading}" {what}', where=where, hint=hint)
        places[name] = headings.index(heading)
    return places
