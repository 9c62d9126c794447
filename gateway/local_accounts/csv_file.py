"""Lists of accounts as CSV: read from what spreadsheets write, written so that spreadsheets run nothing of it.

Read: UTF-8 or UTF-16, with its mark or without; fields parted by comma, semicolon or tab, whichever the heading has
most of; quoted fields, also over several lines (RFC 4180); Excel's own "sep=;" line. Problems are told by line.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.access.account import (
    Account,
    NameKey,
    NewAccount,
    checked_name,
    checked_password,
    checked_words,
    key_of,
    tidy,
)

MOST_ROWS, MOST_BYTES = 5000, 2_000_000
COLUMNS = ("name", "password", "kind", "profile", "valid_until", "note")
_ALSO: Mapping[str, str] = {
    "tên": "name",
    "tên đăng nhập": "name",
    "login": "name",
    "username": "name",
    "mật khẩu": "password",
    "loại": "kind",
    "hồ sơ": "profile",
    "hạn dùng": "valid_until",
    "ghi chú": "note",
}
_SEPARATORS = ",;\t"
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ProblemsError(ValueError):
    """Nothing of the file can be used; `problems` are told by line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Row:
    """One account of the file."""

    line: int
    written: NewAccount
    password: str
    """"": one is to be made."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands for an empty field."""

    kind: str
    profile: str
    valid_until: datetime
    profiles: frozenset[str]
    until: Callable[[str], datetime]
    """A day as it is written; ValueError with the reason."""


def read_accounts(raw: bytes, defaults: Defaults) -> list[Row]:
    """All accounts of a file; ProblemsError with every problem of every line."""
    problems: list[str] = []
    rows: list[Row] = []
    first_line: dict[NameKey, int] = {}
    for line, fields in _records(raw, problems):
        try:
            row = _row(line, fields, defaults)
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            continue
        key = key_of(row.written.name)
        if key in first_line:
            problems.append(f'line {line}: the name "{row.written.name}" stands in line {first_line[key]} too')
        first_line.setdefault(key, line)
        rows.append(row)
    if not rows and not problems:
        problems.append("line 2: there is no account in the file")
    if problems:
        raise ProblemsError(problems)
    return rows


def written_accounts(accounts: Iterable[Account], show_day: Callable[[datetime], str], now: datetime) -> str:
    """CSV with a mark for spreadsheets; no password, which nobody knows. `read_accounts` reads it back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "kind", "profile", "valid_until", "note", "state"))
    for each in accounts:
        written = each.written
        state = {"account_disabled": "disabled", "account_expired": "expired"}.get(each.refusal(now) or "", "active")
        cells = (written.name, written.kind, written.profile, show_day(written.valid_until), written.note, state)
        writer.writerow([_harmless(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _records(raw: bytes, problems: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and fields of each record; what is wrong with the file as a whole goes into `problems`."""
    try:
        lines = _text(raw)
        separator = _separator(lines)
    except ValueError as error:
        problems.append(f"line 1: {error}")
        return
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    columns: list[str] | None = None
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(f"line {begins}: {error}; from here on nothing was read")
            return
        line, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells) or (columns is None and cells[0].lower().startswith("sep=")):
            continue
        if columns is None:
            columns = [_column(cell) for cell in cells]
            if wrong := _wrong_heading(columns):
                problems.append(f"line {line}: {wrong}")
                return
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(f"line {line}: {len(cells)} fields, the heading has {len(columns)}")
        elif line > MOST_ROWS * 4:
            problems.append(f"line {line}: the file is too long; {MOST_ROWS} accounts at a time are the most")
            return
        else:
            yield line, {name: _unescaped(cell) for name, cell in zip(columns, cells, strict=False)}


def _text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise ValueError(f"{len(raw)} bytes; {MOST_BYTES} are the most")
    is_utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = raw.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError('the letters are not UTF-8: save it as "CSV UTF-8"') from None
    if "\0" in text:
        raise ValueError("this is no text file: save the sheet as CSV")
    return text


def _separator(text: str) -> str:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    if heading.lower().startswith("sep=") and heading[4:5] in _SEPARATORS:
        return heading[4:5] or ","
    return max(_SEPARATORS, key=heading.count)


def _column(cell: str) -> str:
    name = key_of(cell)
    return _ALSO.get(name, name.replace(" ", "_"))


def _wrong_heading(columns: Sequence[str]) -> str | None:
    if "name" not in columns:
        return f'the heading has no column "name"; columns are: {", ".join(COLUMNS)}'
    if twice := next((each for each in columns if each and columns.count(each) > 1), None):
        return f'the column "{twice}" stands there twice'
    if unknown := [each for each in columns if each not in (*COLUMNS, "state", "")]:
        return f'the column "{unknown[0]}" is not known; columns are: {", ".join(COLUMNS)}'
    return None


def _row(line: int, fields: Mapping[str, str], defaults: Defaults) -> Row:
    name = checked_name(fields.get("name", ""))
    profile = tidy(fields.get("profile", "")) or defaults.profile
    if profile not in defaults.profiles:
        raise ValueError(f'there is no profile "{profile}"; known: {", ".join(sorted(defaults.profiles))}')
    day = tidy(fields.get("valid_until", ""))
    until = defaults.until(day) if day else defaults.valid_until
    kind = checked_words("kind", fields.get("kind", "")) or defaults.kind
    note = checked_words("note", fields.get("note", ""))
    given = fields.get("password", "")
    password = checked_password(given, name) if given.strip() else ""
    return Row(line, NewAccount(name, profile, until, kind, note), password)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("'", *_RUN_BY_SPREADSHEETS)) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(("'", *_RUN_BY_SPREADSHEETS)) else cell
