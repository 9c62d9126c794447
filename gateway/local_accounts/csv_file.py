"""Lists of accounts as CSV: read from what spreadsheets write, written so that spreadsheets run nothing of it.

Read: UTF-8 or UTF-16, with its mark or without; fields parted by comma, semicolon or tab, whichever the heading has
most of; quoted fields, also over several lines (RFC 4180); Excel's own "sep=;" line. Problems are told by line.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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
from gateway.errors import Fault, FaultError
from gateway.ports_accounts import MOST_BYTES, MOST_ROWS, Defaults, ProblemsError, Row

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


def read_accounts(raw: bytes, defaults: Defaults) -> list[Row]:
    """All accounts of a file; ProblemsError with every problem of every line."""
    problems: list[Fault] = []
    rows: list[Row] = []
    first_line: dict[NameKey, int] = {}
    for line, fields in _records(raw, problems):
        try:
            row = _row(line, fields, defaults)
        except FaultError as error:
            problems.append(_at(line, error.fault))
            continue
        key = key_of(row.written.name)
        if key in first_line:
            message = f'the name "{row.written.name}" stands in line {first_line[key]} too'
            problems.append(_problem(line, "list_twice", message, name=row.written.name, other=first_line[key]))
        first_line.setdefault(key, line)
        rows.append(row)
    if not rows and not problems:
        problems.append(_problem(2, "list_empty", "there is no account in the file"))
    if problems:
        raise ProblemsError(problems)
    if len(rows) > MOST_ROWS:
        message = f"{len(rows)} accounts; {MOST_ROWS} at a time are the most"
        raise ProblemsError([Fault("list_long", message, {"most": MOST_ROWS})])
    return rows


def written_accounts(accounts: Iterable[Account], show_day: Callable[[datetime], str], now: datetime) -> str:
    """CSV with a mark for spreadsheets; no password, which nobody knows. `read_accounts` reads it back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "kind", "profile", "valid_until", "note", "state"))
    for each in accounts:
        written = each.written
        until = show_day(written.valid_until)
        cells = (written.name, written.kind, written.profile, until, written.note, each.standing(now))
        writer.writerow([_harmless(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _records(raw: bytes, problems: list[Fault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and fields of each record; what is wrong with the file as a whole goes into `problems`."""
    try:
        lines = _text(raw)
        separator = _separator(lines)
    except FaultError as error:
        problems.append(_at(1, error.fault))
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
            message = f"{error}; from here on nothing was read"
            problems.append(_problem(begins, "list_broken", message))
            return
        line, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells) or (columns is None and cells[0].lower().startswith("sep=")):
            continue
        if columns is None:
            columns = [_column(cell) for cell in cells]
            if wrong := _wrong_heading(columns):
                problems.append(_at(line, wrong))
                return
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            message = f"{len(cells)} fields, the heading has {len(columns)}"
            problems.append(_problem(line, "list_fields", message, fields=len(cells), heading=len(columns)))
        elif line > MOST_ROWS * 4:
            message = f"the file is too long; {MOST_ROWS} accounts at a time are the most"
            problems.append(_problem(line, "list_long", message, most=MOST_ROWS))
            return
        else:
            yield line, {name: _unescaped(cell) for name, cell in zip(columns, cells, strict=False)}


def _text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise FaultError("list_large", f"{len(raw)} bytes; {MOST_BYTES} are the most", most=MOST_BYTES // 1_000_000)
    is_utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = raw.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise FaultError("list_letters", 'the letters are not UTF-8: save it as "CSV UTF-8"') from None
    if "\0" in text:
        raise FaultError("list_no_text", "this is no text file: save the sheet as CSV")
    return text


def _separator(text: str) -> str:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    if heading.lower().startswith("sep=") and heading[4:5] in _SEPARATORS:
        return heading[4:5] or ","
    return max(_SEPARATORS, key=heading.count)


def _column(cell: str) -> str:
    name = key_of(cell)
    return _ALSO.get(name, name.replace(" ", "_"))


def _wrong_heading(columns: Sequence[str]) -> Fault | None:
    known = ", ".join(COLUMNS)
    if "name" not in columns:
        return Fault("list_no_name", f'the heading has no column "name"; columns are: {known}', {"known": known})
    if twice := next((each for each in columns if each and columns.count(each) > 1), None):
        return Fault("list_column_twice", f'the column "{twice}" stands there twice', {"column": twice})
    if unknown := [each for each in columns if each not in (*COLUMNS, "state", "")]:
        message = f'the column "{unknown[0]}" is not known; columns are: {known}'
        return Fault("list_column", message, {"column": unknown[0], "known": known})
    return None


def _row(line: int, fields: Mapping[str, str], defaults: Defaults) -> Row:
    name = checked_name(fields.get("name", ""))
    profile = tidy(fields.get("profile", "")) or defaults.profile
    if profile not in defaults.profiles:
        message = f'there is no profile "{profile}"; known: {", ".join(sorted(defaults.profiles))}'
        raise FaultError("profile_unknown", message, profile=profile)
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


def _problem(line: int, key: str, message: str, **values: str | int) -> Fault:
    return _at(line, Fault(key, message, values))


def _at(line: int, fault: Fault) -> Fault:
    return replace(fault, values={**fault.values, "line": line}, where=f"line {line}")
