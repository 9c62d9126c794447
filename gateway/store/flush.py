"""The file by which the DNS workers are asked to forget answers (filters.flush reads it)."""

import json
from collections.abc import Sequence
from pathlib import Path

from gateway.store.aside import replace_whole


def ask_to_forget(path: Path, names: Sequence[str]) -> None:
    """Normal names, each with all below it; none: everything. StoreError when the file can't be written."""
    text = json.dumps({"serial": _serial(path) + 1, "names": list(names)})
    replace_whole(path, text, what="the file for the workers", hint="check free space and rights, then try again")


def _serial(path: Path) -> int:
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["serial"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
