"""Lists -> the next generation of the block set on disk.

In: the sources of the settings. Out: a file `NNNNNNNNNN.set` and the pointer `current` that names it. Each list is
compiled by itself and kept (filters.segments); one that can't be read, is junk or has shrunk by half keeps its last
good segment and is told. Order on disk: written aside, flushed, verified by reading it again, renamed, pointer
replaced: at whatever line power fails, `current` names a whole generation. The one before is kept, older ones go.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filters import clock, segments
from filters.aside import flush_directory, one_writer, write_whole
from filters.blockset import Blockset, open_blockset, verified
from filters.errors import FilterError
from filters.generations import generation_files, load_current, stamps
from filters.log import event
from filters.settings import FilterSettings, Kind, Source
from filters.sources import fetched_directory, has_shrunk, read_source, stamp
from filters.table import Segment, encode

KEPT_GENERATIONS = 2
Progress = Callable[[str], None]
"""Called with a list's name before it is read."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A list whose new text could not be used; its last good names stay."""

    name: str
    why: str
    since_s: int
    """UTC seconds."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A block set just made, and the lists it was not made from as they are."""

    blockset: Blockset
    kept: tuple[Kept, ...]
    skipped: tuple[FilterError, ...]
    """Lists that were never good: nothing of them is in it."""


def update(settings: FilterSettings, *, accept: Collection[str] = (), progress: Progress | None = None) -> Compiled:
    """Compile what has changed into the next generation and make it current.

    `accept`: names of lists that may shrink this once. FilterError when nothing can be compiled or written: nothing was
    changed then, the last good generation stays.
    """
    directory = settings.blockset_directory
    with _lock(directory):
        before = load_current(directory)
        since = {name: at for name, _, at in before.about["kept"]} if before else {}
        made = _Making(directory / "segments", fetched_directory(settings), set(accept), since)
        usable = made.segments(settings.sources, progress)
        if not usable and made.skipped:
            raise _together(made.skipped)
        number = max((int(path.stem) for path in generation_files(directory)), default=0) + 1
        content = encode(usable, _about(settings.sources, made, number))
        blockset = _publish(directory, number, content)
        made.clear(settings.sources)
        for old in sorted(generation_files(directory))[:-KEPT_GENERATIONS]:
            old.unlink(missing_ok=True)
    return Compiled(blockset, tuple(made.kept), tuple(made.skipped))


def log(compiled: Compiled) -> None:
    """Tell the log of an update."""
    for kept in compiled.kept:
        event("list.kept_last_good", "warning", list=kept.name, why=kept.why, since=kept.since_s)
    for refused in compiled.skipped:
        event("list.refused", "error", where=refused.where, error=refused.message, hint=refused.hint)
    event("lists.compiled", generation=compiled.blockset.generation)


def compile_in_memory(sources: Sequence[Source], fetched: Path = Path()) -> Compiled:
    """A block set that is on no disk; bad lists are left out and told."""
    made = _Making(None, fetched, set(), {})
    content = encode(made.segments(sources), _about(sources, made, 0))
    return Compiled(verified(memoryview(b"".join(content)), where="memory"), (), tuple(made.skipped))


class _Making:
    """Segments of one update, one list after another; what went wrong is gathered."""

    def __init__(self, directory: Path | None, fetched: Path, accept: set[str], since: dict[str, int]) -> None:
        """`directory`: where segments are kept; none: nowhere."""
        self._directory = directory
        self.fetched = fetched
        self._accept = accept
        self._since = since
        self.kept: list[Kept] = []
        self.skipped: list[FilterError] = []

    def segments(self, sources: Sequence[Source], progress: Progress | None = None) -> list[Segment]:
        """All lists of names that have ever been good, one after another."""
        found: list[Segment] = []
        for source in sources:
            if source.kind is Kind.NAMES:
                if progress:
                    progress(source.name)
                segment = self._segment(source)
                found += [segment] if segment else []
        return found

    def _segment(self, source: Source) -> Segment | None:
        """The list compiled, or its last good one, or None."""
        last = segments.load(self._path(source)) if self._directory else None
        now = stamp(source, self.fetched)
        if last is not None and last.about["stamp"] == now:
            return last
        where = f"list {source.name} ({source.location})"
        try:
            made = segments.compile_list(read_source(source, self.fetched), source, now, where=where)
            self._refuse_shrunk(made, last, where)
        except FilterError as bad:
            if last is None:
                self.skipped.append(bad)
                return None
            self.kept.append(Kept(source.name, bad.message, self._since.get(source.name, clock.utc_s())))
            return replace(last, about={**last.about, "category": source.category, "action": source.action.value})
        if self._directory:
            self._save(made, source)
            return segments.load(self._path(source)) or made  # mapped: memory the system may take back
        return made

    def clear(self, sources: Sequence[Source]) -> None:
        """Segments of lists that are no longer wanted go."""
        if self._directory and self._directory.is_dir():
            wanted = {self._path(source) for source in sources}
            for path in self._directory.glob("*.seg"):
                if path not in wanted:
                    path.unlink(missing_ok=True)

    def _path(self, source: Source) -> Path:
        assert self._directory
        return self._directory / f"{source.name}.seg"

    def _save(self, made: Segment, source: Source) -> None:
        path = self._path(source)
        try:
            path.parent.mkdir(exist_ok=True)
            segments.save(made, path)
        except OSError as error:
            raise _not_written(path.parent, error) from error

    def _refuse_shrunk(self, made: Segment, last: Segment | None, where: str) -> None:
        if last is None or made.about["name"] in self._accept or made.about["location"] != last.about["location"]:
            return
        names, names_last = len(made.fingerprints), len(last.fingerprints)
        if has_shrunk(names_last, names):
            raise FilterError(
                f"has shrunk to {names} names from {names_last}; the last good ones stay",
                where=where,
                hint=f"look at it; if that is right: cong lists update --accept {made.about['name']}",
            )


def _about(sources: Sequence[Source], made: _Making, generation: int) -> dict[str, Any]:
    return {
        "generation": generation,
        "built_at": clock.utc_s(),
        "stamps": stamps(sources, made.fetched),
        "kept": [[each.name, each.why, each.since_s] for each in made.kept],
        "skipped": [[bad.where, bad.message] for bad in made.skipped],
    }


def _together(bad: Sequence[FilterError]) -> FilterError:
    if len(bad) == 1:
        message, where, hint = bad[0].message, bad[0].where, bad[0].hint
    else:
        message = f"{len(bad)} lists can't be used:" + "".join(f"\n  {each.where}: {each.message}" for each in bad)
        where, hint = "", bad[0].hint
    return FilterError(message, where=where, hint=f"{hint}; nothing was changed, the last good lists stay in use")


def _publish(directory: Path, number: int, content: Sequence[bytes | memoryview]) -> Blockset:
    final = directory / f"{number:010d}.set"
    aside = final.with_suffix(".new")
    try:
        write_whole(aside, *content)
        open_blockset(aside)  # read again from the disk: what is renamed is known to be whole
        aside.replace(final)
        flush_directory(directory)
        write_whole(directory / "current", final.name.encode() + b"\n")
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise _not_written(directory, error) from error
    return open_blockset(final, whole=False)


def _not_written(directory: Path, error: OSError) -> FilterError:
    hint = "free space or correct the rights of state.directory; the last good lists stay in use"
    return FilterError(f"can't be written: {error.strerror}", where=str(directory), hint=hint)


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One compiler at a time; also clears what a killed one left aside."""
    with one_writer(directory, waits=True):
        for left in (*directory.glob("*.new"), *directory.glob("segments/*.new")):
            left.unlink(missing_ok=True)
        yield
