"""Which generation of the block set is in use: files `NNNNNNNNNN.set` and the pointer `current` that names one.

In: settings.blockset_directory. Out: the newest whole Blockset; filters.compile writes what is read here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filters.blockset import BadBlocksetError, Blockset, open_blockset
from filters.errors import FilterError
from filters.settings import FilterSettings, Kind, Source
from filters.sources import fetched_directory, stamp


def load_current(directory: Path, faults: list[FilterError] | None = None, *, whole: bool = True) -> Blockset | None:
    """The current generation, or the newest whole one when that is damaged; None when there is none.

    What was wrong with those passed over is added to `faults`; `whole` as in open_blockset.
    """
    pointed = pointed_to(directory)
    others = sorted(generation_files(directory), reverse=True)
    for path in dict.fromkeys([pointed, *others] if pointed else others):
        try:
            return open_blockset(path, whole=whole)
        except BadBlocksetError as bad:
            if faults is not None:
                faults.append(bad)
    return None


def is_stale(blockset: Blockset | None, settings: FilterSettings) -> bool:
    """Has a list or what is said of it changed since the generation was made?"""
    return blockset is None or blockset.about["stamps"] != stamps(settings.sources, fetched_directory(settings))


def stamps(sources: Sequence[Source], fetched: Path) -> list[list[Any]]:
    """What tells these lists, as they are now, from any other time."""
    return [stamp(source, fetched) for source in sources if source.kind is Kind.NAMES]


def generation_files(directory: Path) -> list[Path]:
    """Every generation kept, whole or not, in no order."""
    return [path for path in directory.glob("*.set") if path.stem.isdigit()] if directory.is_dir() else []


def pointed_to(directory: Path) -> Path | None:
    """The file `current` names."""
    try:
        name = (directory / "current").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return directory / name if name and "/" not in name else None


class CurrentGeneration:
    """Follows the pointer."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pointer = directory / "current"
        self._seen = self._stamp()

    def has_moved(self) -> bool:
        """Was the pointer replaced since the last look?"""
        seen = self._stamp()
        moved = seen != self._seen
        self._seen = seen
        return moved

    def load(self) -> Blockset | None:
        """See load_current; not `whole`: the builder has just read it again from the disk."""
        return load_current(self._directory, whole=False)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._pointer.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns
