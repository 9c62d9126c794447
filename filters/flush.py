"""Follows the file by which the operator has kept answers forgotten: {"serial": n, "names": [...]}; no names: all.

In: the file, replaced whole by the gateway's command. Out: names, once for each new serial.
"""

import json
from pathlib import Path


class FlushFile:
    """One worker's look at the file; what stands there at its start concerns a cache it does not have."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()

    def refresh(self) -> list[str] | None:
        """The names to forget when the file was replaced, else None. A file that can't be read forgets everything."""
        seen = self._stamp()
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            names = json.loads(self._path.read_text(encoding="utf-8"))["names"]
            return [str(name) for name in names]
        except (OSError, ValueError, KeyError, TypeError):
            return []  # asked again is never wrong, only slower

    def _stamp(self) -> tuple[int, ...]:
        try:
            stat = self._path.stat()
        except OSError:
            return ()
        return stat.st_ino, stat.st_mtime_ns, stat.st_size
