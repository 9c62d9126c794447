"""Puts things on the shelf and takes them off: files whole first, then the sheet, so that neither is ever half."""

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.errors import FaultError, GatewayError, UsageError
from gateway.shelf.editing import with_entry, written
from gateway.shelf.sheet import SHEET, parse_sheet

SPARE_BYTES = 500_000_000
"""Stays free on the shelf's disk: it mostly is the ledger's too."""


def add_item(folder: Path, source: Path | None, told: Mapping[str, str | int], subtitles: Mapping[str, Path]) -> str:
    """Copy the files and append the entry; the entry's text. UsageError when the sheet would not take it."""
    files: dict[str, Path] = {}
    entry: dict[str, object] = {"file": source.name, **told} if source else dict(told)
    named = {}
    for language, path in subtitles.items():
        named[language] = f"{source.stem}.{language}{path.suffix.lower()}" if source else path.name
        files[named[language]] = path
    if source:
        files[source.name] = source
    if named:
        entry["subtitles"] = named
    try:
        check_entry(entry)
        with telling(folder), sheet_held(folder):
            new = appended(folder, entry)
            for name, path in files.items():
                copy(path, folder / name)
            write_sheet(folder, new)
    except FaultError as error:
        raise UsageError(str(error), hint="cong shelf add --help; cong shelf check") from error
    return written(entry)


def read_sheet(folder: Path) -> str:
    """The sheet's text, "" when there is none; GatewayError when it is no TOML."""
    sheet = folder / SHEET
    try:
        text = sheet.read_text(encoding="utf-8-sig") if sheet.exists() else ""
        parse_sheet(text)
    except (OSError, ValueError) as error:
        raise GatewayError(
            f"can't be read: {error}", where=str(sheet), hint="mend it first: cong shelf check"
        ) from error
    return text


def appended(folder: Path, entry: Mapping[str, object]) -> str:
    """The sheet with one more entry; FaultError when that is wrong or there already."""
    before = read_sheet(folder)
    check_entry(entry)
    new = with_entry(before, entry)
    if any(problem.key == "sheet_twice" for problem in parse_sheet(new)[1]):
        message = f"it is on the shelf already: change its entry in {folder / SHEET}, or take that out first"
        raise FaultError("shelf_twice", message)
    return new


def check_entry(entry: Mapping[str, object]) -> None:
    """FaultError when the sheet would not take it."""
    if problems := parse_sheet(written(entry))[1]:
        fault = problems[0]
        raise FaultError(fault.key, fault.message, **fault.values)


@contextlib.contextmanager
def sheet_held(folder: Path) -> Iterator[None]:
    """The folder, made if it is not there, for one writer at a time: a command and the desk."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)  # whatever the caller's umask: the gateway's own user reads it
        above = folder.parent.stat()
        if os.geteuid() == 0:  # and fills it at the desk
            os.chown(folder, above.st_uid, above.st_gid)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextlib.contextmanager
def telling(folder: Path) -> Iterator[None]:
    """OSError -> GatewayError that says where and what to look at."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise GatewayError(
            f"can't be written or read: {error.strerror}", where=str(where), hint="free space (df) and rights (ls -l)"
        ) from error


def copy(source: Path, target: Path) -> None:
    """Written aside and named at the end: nobody downloads half a film, nor loses one to a full disk."""
    if target.exists() and source.samefile(target):
        target.chmod(0o644)
        return
    aside = target.with_name(f".{target.name}.part")
    try:
        with source.open("rb") as read, aside.open("wb") as file:
            shutil.copyfileobj(read, file, 1024 * 1024)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)  # the gateway's own user reads it
        aside.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()


def take(source: Path, target: Path) -> None:
    """Move a whole file onto the shelf: renamed on its own disk, else copied; FaultError when no room would be left."""
    try:
        source.chmod(0o644)
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        if shutil.disk_usage(target.parent).free < source.stat().st_size + SPARE_BYTES:
            raise FaultError("shelf_full", "there is not enough room on the shelf's disk") from None
        copy(source, target)


def write_sheet(folder: Path, text: str) -> None:
    """Exchange the sheet whole."""
    sheet = folder / SHEET
    aside = sheet.with_name(f".{sheet.name}.part")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.chmod(0o644)
    aside.replace(sheet)
