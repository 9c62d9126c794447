"""Lists -> the next generation of the block set on disk.

In: the sources of the settings. Out: a file `NNNNNNNNNN.set` and the pointer `current` that names it. Order on disk:
written aside, flushed, verified by reading it again, renamed, pointer replaced: at whatever line power fails, `current`
names a whole generation. The one before is kept, older ones go.
"""

import contextlib
import fcntl
import gc
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Any

from filters import clock
from filters.blockset import Blockset, SourceLines, encode, open_blockset, verified
from filters.errors import FilterError
from filters.formats import Entry, Listing, read_listing
from filters.generations import generation_files
from filters.settings import FilterSettings, Match, Source

KEPT_GENERATIONS = 2
PACKAGE = "package:"
Progress = Callable[[str], None]
"""Called with a list's name before it is read."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A block set just made, and the lists that could not be used for it."""

    blockset: Blockset
    skipped: tuple[FilterError, ...]


def read_source(source: Source) -> bytes:
    """A list's bytes; FilterError when there is no such list."""
    where = f"list {source.name} ({source.location})"
    try:
        if source.location.startswith(PACKAGE):
            name = source.location.removeprefix(PACKAGE)
            return resources.files("filters").joinpath("shipped", f"{name}.txt").read_bytes()
        return Path(source.location).read_bytes()
    except OSError as error:
        hint = "correct its location in dns.lists, or take it out"
        raise FilterError(f"can't be read: {error.strerror}", where=where, hint=hint) from error


def compile_in_memory(sources: Sequence[Source], *, generation: int = 0, progress: Progress | None = None) -> Compiled:
    """A block set that is on no disk; bad lists are left out and told."""
    lists, skipped = _read_all(sources, progress)
    return Compiled(verified(memoryview(_encode(lists, skipped, generation)), where="memory"), tuple(skipped))


def update(settings: FilterSettings, *, tolerant: bool = False, progress: Progress | None = None) -> Compiled:
    """Compile all lists into the next generation and make it current.

    A bad list is a FilterError and changes nothing, the last good generation stays; `tolerant`: it is left out, for
    the first start of a filter that must not stay away because of one list.
    """
    directory = settings.blockset_directory
    with _lock(directory):
        lists, skipped = _read_all(settings.sources, progress)
        if skipped and not tolerant:
            raise _together(skipped)
        number = max((int(path.stem) for path in generation_files(directory)), default=0) + 1
        blockset = _publish(directory, number, _encode(lists, skipped, number))
        for old in sorted(generation_files(directory))[:-KEPT_GENERATIONS]:
            old.unlink(missing_ok=True)
    return Compiled(blockset, tuple(skipped))


def is_stale(blockset: Blockset | None, sources: Sequence[Source]) -> bool:
    """Has a list or what is said of it changed since the generation was made?"""
    if blockset is None or blockset.about["skipped"]:
        return True
    return bool(blockset.about["stamps"] != [_stamp(source) for source in sources])


def _read_all(sources: Sequence[Source], progress: Progress | None) -> tuple[list[SourceLines], list[FilterError]]:
    lists: list[SourceLines] = []
    skipped: list[FilterError] = []
    collecting = gc.isenabled()
    gc.disable()  # a million small tuples and nothing to collect: the collector would double the time
    try:
        for source in sources:
            if progress:
                progress(source.name)
            try:
                stamp = _stamp(source)
                content = read_source(source)
                listing = read_listing(content, where=f"list {source.name} ({source.location})")
            except FilterError as bad:
                skipped.append(bad)
            else:
                lists.append(SourceLines(_about(source, listing, stamp), _entries(source, listing)))
    finally:
        if collecting:
            gc.enable()
    return lists, skipped


def _entries(source: Source, listing: Listing) -> Sequence[Entry]:
    if source.match is Match.AUTO:
        return listing.entries
    exact = source.match is Match.EXACT
    return [Entry(name, line, exact) for name, line, _ in listing.entries]


def _about(source: Source, listing: Listing, stamp: list[Any]) -> dict[str, Any]:
    return {
        "name": source.name,
        "category": source.category,
        "action": source.action.value,
        "location": source.location,
        "format": listing.format.value,
        "rejects": [[each.reason, each.count, each.first] for each in listing.rejects],
        "stamp": stamp,
    }


def _encode(lists: Sequence[SourceLines], skipped: Sequence[FilterError], generation: int) -> bytes:
    return encode(
        lists,
        {
            "generation": generation,
            "built_at": clock.utc_s(),
            "stamps": [each.about["stamp"] for each in lists],
            "skipped": [[bad.where, bad.message] for bad in skipped],
        },
    )


def _stamp(source: Source) -> list[Any]:
    """What tells one version of a source from the next, without reading a big file."""
    said = [str(value) for value in asdict(source).values()]
    try:
        if source.location.startswith(PACKAGE):
            return [*said, blake2b(read_source(source), digest_size=16).hexdigest()]
        stat = Path(source.location).stat()
    except (OSError, FilterError):
        return [*said, "missing"]
    return [*said, stat.st_size, stat.st_mtime_ns]


def _together(bad: Sequence[FilterError]) -> FilterError:
    if len(bad) == 1:
        message, where, hint = bad[0].message, bad[0].where, bad[0].hint
    else:
        message = f"{len(bad)} lists can't be used:" + "".join(f"\n  {each.where}: {each.message}" for each in bad)
        where, hint = "", bad[0].hint
    return FilterError(message, where=where, hint=f"{hint}; nothing was changed, the last good lists stay in use")


def _publish(directory: Path, number: int, content: bytes) -> Blockset:
    final = directory / f"{number:010d}.set"
    try:
        aside = directory / f"{number:010d}.new"
        _write(aside, content)
        open_blockset(aside)  # read again from the disk: what is renamed is known to be whole
        aside.replace(final)
        _flush(directory)
        pointer = directory / "current.new"
        _write(pointer, final.name.encode() + b"\n")
        pointer.replace(directory / "current")
        _flush(directory)
    except OSError as error:
        hint = "free space or correct the rights of state.directory; the last good lists stay in use"
        raise FilterError(f"can't be written: {error.strerror}", where=str(directory), hint=hint) from error
    return open_blockset(final)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One compiler at a time; also clears what a killed one left aside."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        hint = "correct the rights of state.directory"
        raise FilterError(f"can't be made: {error.strerror}", where=str(directory), hint=hint) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in directory.glob("*.new"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)
