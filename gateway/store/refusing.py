"""What SQLite or the file system refused, in an operator's words."""

import shutil
import sqlite3
from pathlib import Path

from gateway.errors import StoreError

_FULL_BELOW_BYTES = 128 * 1024


def store_error(path: Path, error: Exception) -> StoreError:
    """What SQLite or the file system said, in an operator's words."""
    message, hint = _explain(error)
    if message.startswith(_IO_MESSAGE) and _is_full(path):
        message, hint = _HINTS[sqlite3.SQLITE_FULL]  # SQLite calls a full disk so when it can't grow its -shm file
    return StoreError(message, where=str(path), hint=hint)


_RESTORE = (
    "keep a copy of the file, then restore the last backup; the gateway starts with an empty one if it is moved away"
)
_FREE_SPACE = "free space on the disk that holds it; nothing of this transaction was stored"
_IO_MESSAGE = "the disk refused a read or write"
_HINTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("database or disk is full", _FREE_SPACE),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", _RESTORE),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", _RESTORE),
    sqlite3.SQLITE_READONLY: (
        "the database can't be written",
        "check the owner of the file and its directory, and that the disk is not mounted read-only",
    ),
    sqlite3.SQLITE_CANTOPEN: ("the database can't be opened", "check the path and the rights of its directory"),
    sqlite3.SQLITE_BUSY: ("the database is held by another program", "try again; see who holds it with: fuser -v FILE"),
    sqlite3.SQLITE_IOERR: (
        _IO_MESSAGE,
        "check free space (df) and the kernel's messages (dmesg): the disk may be failing",
    ),
}


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FULL_BELOW_BYTES
    except OSError:
        return False


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError):
        return f"the database can't be made: {error.strerror}", "check the path, its rights and free space"
    code = getattr(error, "sqlite_errorcode", None)  # missing on errors of the Python module's own
    known = _HINTS.get(code & 0xFF) if code is not None else None
    if known is None:
        return f"SQLite says: {error}", "this is a fault of the program: please report it with this line"
    message, hint = known
    return (message, hint) if str(error) == message else (f"{message} (SQLite says: {error})", hint)
