"""Small files that other processes read: written aside and renamed, so that a reader sees the old or the new whole."""

import contextlib
import os
import tempfile
from pathlib import Path

from gateway.errors import StoreError


def replace_whole(path: Path, text: str, *, what: str, hint: str, mode: int = 0o644) -> None:
    """Replace a file's text; StoreError, with `what` it is and `hint`, when that fails.

    Readable by all users without `mode`: no personal data, and the DNS workers run as another user.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
        ) as aside:
            aside.write(text)
            aside.flush()
            os.fchmod(aside.fileno(), mode)
            os.fsync(aside.fileno())
        Path(aside.name).replace(path)
        _flush_directory(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError, NameError):
            Path(aside.name).unlink()
        raise StoreError(f"{what} can't be written: {error.strerror}", where=str(path), hint=hint) from error


def _flush_directory(path: Path) -> None:
    """The new name itself must survive a power cut too."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
