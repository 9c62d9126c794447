"""Small files that other processes read: written aside and renamed, so that a reader sees the old or the new whole."""

import os
import tempfile
from pathlib import Path

from gateway.errors import StoreError


def replace_whole(path: Path, text: str, *, what: str, hint: str) -> None:
    """Replace a file's text; StoreError, with `what` it is and `hint`, when that fails. Readable by all users."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
        ) as aside:
            aside.write(text)
            aside.flush()
            os.fsync(aside.fileno())
        Path(aside.name).chmod(0o644)  # no personal data; the DNS workers run as another user
        Path(aside.name).replace(path)
    except OSError as error:
        raise StoreError(f"{what} can't be written: {error.strerror}", where=str(path), hint=hint) from error
