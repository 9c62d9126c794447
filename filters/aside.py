"""Files written aside and renamed: whoever reads, at whatever moment power fails, finds the old one or the new one.

And the lock that keeps a directory to one writer at a time.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from filters.errors import FilterError


def write_whole(path: Path, *parts: bytes | memoryview) -> None:
    """Replace a file, flushed to the disk; OSError leaves the old one. One writer a path at a time."""
    aside = path.with_name(path.name + ".new")
    try:
        with aside.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)  # a full disk must not stay full of what nobody reads
        raise
    flush_directory(path.parent)


def flush_directory(directory: Path) -> None:
    """Put renames in a directory on the disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def one_writer(directory: Path, *, waits: bool) -> Iterator[None]:
    """Make the directory and keep it to ourselves; another writer is waited for, or BlockingIOError.

    FilterError when it can't be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        hint = "correct the rights of state.directory"
        raise FilterError(f"can't be made: {error.strerror}", where=str(directory), hint=hint) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
