"""Puts a file and its entry on the shelf: copied whole first, then named in the sheet, so that neither is ever half."""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import GatewayError, UsageError
from gateway.shelf.sheet import SHEET, parse_sheet

_HEAD = """# The library's shelf. Each [[item]] is one thing on it, in the order of `order`, then of its title.
# Keys: file (in this folder) or link; title; language ("vi", "en"); author; licence; section; order; kind;
#       subtitles = { vi = "film.vi.srt" } (found by themselves when they are called so). Look it over: cong shelf check
"""


def add_item(folder: Path, source: Path | None, told: Mapping[str, str | int], subtitles: Mapping[str, Path]) -> str:
    """Copy the files and append the entry; the entry's text. UsageError when the sheet would not take it."""
    files: dict[str, Path] = {}
    entry = {"file": source.name, **told} if source else dict(told)
    named = {}
    for language, path in subtitles.items():
        named[language] = f"{source.stem}.{language}{path.suffix.lower()}" if source else path.name
        files[named[language]] = path
    if source:
        files[source.name] = source
    text = _as_text(entry, named)
    _refuse(folder, text)
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)  # whatever the caller's umask: the gateway's own user reads it
        for name, path in files.items():
            _copy(path, folder / name)
        _append(folder / SHEET, text)
    except OSError as error:
        where = error.filename or folder
        raise GatewayError(
            f"can't be written or read: {error.strerror}", where=str(where), hint="free space (df) and rights (ls -l)"
        ) from error
    return text


def _refuse(folder: Path, text: str) -> None:
    sheet = folder / SHEET
    try:
        before = sheet.read_text(encoding="utf-8-sig") if sheet.exists() else ""
        parse_sheet(before)
    except (OSError, ValueError) as error:
        raise GatewayError(
            f"can't be read: {error}", where=str(sheet), hint="mend it first: cong shelf check"
        ) from error
    if problems := parse_sheet(text)[1]:
        raise UsageError(problems[0].partition("): ")[2], hint="cong shelf add --help")
    if any("twice" in problem for problem in parse_sheet(before + "\n" + text)[1]):
        raise UsageError("it is on the shelf already", hint=f"change its entry in {sheet}, or take that out first")


def _as_text(entry: Mapping[str, str | int], subtitles: Mapping[str, str]) -> str:
    lines = ["[[item]]", *(f"{key} = {_toml(value)}" for key, value in entry.items() if value not in ("", 0))]
    if subtitles:
        inner = ", ".join(f"{_toml(language)} = {_toml(name)}" for language, name in subtitles.items())
        lines.append(f"subtitles = {{ {inner} }}")
    return "\n".join(lines) + "\n"


def _toml(value: str | int) -> str:
    # a JSON string is a TOML string, but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _copy(source: Path, target: Path) -> None:
    """Written aside and named at the end: nobody downloads half a film, nor loses one to a full disk."""
    if target.exists() and source.samefile(target):
        target.chmod(0o644)
        return
    aside = target.with_name(f".{target.name}.part")
    try:
        with source.open("rb") as read, aside.open("wb") as written:
            shutil.copyfileobj(read, written, 1024 * 1024)
            written.flush()
            os.fsync(written.fileno())
        aside.chmod(0o644)  # the gateway's own user reads it
        aside.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()


def _append(sheet: Path, text: str) -> None:
    before = sheet.read_text(encoding="utf-8-sig") if sheet.exists() else _HEAD
    aside = sheet.with_name(f".{sheet.name}.part")
    with aside.open("w", encoding="utf-8") as written:
        written.write(before.rstrip("\n") + "\n\n" + text)
        written.flush()
        os.fsync(written.fileno())
    aside.chmod(0o644)
    aside.replace(sheet)
