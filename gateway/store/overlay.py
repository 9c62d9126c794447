"""The file of local rules: written whole by the gateway's commands, read by the DNS workers."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import StoreError
from gateway.ports import LocalRule


class OverlayFile:
    """The Overlay port over one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, rules: Sequence[LocalRule]) -> None:
        """See Overlay. Written aside and renamed, so that a reader sees the old or the new, never a part."""
        text = json.dumps(
            {
                "generation": self._generation() + 1,
                "rules": [{"name": r.name, "action": r.action, "reason": r.reason} for r in rules],
            },
            ensure_ascii=False,
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, prefix=self._path.name, delete=False
            ) as aside:
                aside.write(text)
                aside.flush()
                os.fsync(aside.fileno())
            Path(aside.name).chmod(0o644)  # no personal data; the DNS workers run as another user
            Path(aside.name).replace(self._path)
        except OSError as error:
            raise StoreError(
                f"the local rules can't be written: {error.strerror}",
                where=str(self._path),
                hint="check free space and rights; the rule is stored and stands with the next change",
            ) from error

    def _generation(self) -> int:
        try:
            return int(json.loads(self._path.read_text(encoding="utf-8"))["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0
