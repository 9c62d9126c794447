"""The shelf's folder: its sheet read anew when it has changed, its files opened without following any link."""

import asyncio
import contextlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway.clock import Clock
from gateway.errors import Fault
from gateway.log import event
from gateway.ports_shelf import Catalogue, Item, Kind, Opened, Subtitle
from gateway.shelf.sheet import LARGEST_BYTES, SHEET, Entry, key_of_name, media_of, parse_sheet, path_fault
from gateway.shelf.subtitles import LARGEST_BYTES as LARGEST_SUBTITLES
from gateway.shelf.subtitles import as_webvtt

T = TypeVar("T")
_TAG = re.compile(r"[a-z]{2,3}")
EVERY_S = 3
_WHOLE_S = 60.0
"""After how long the files are looked at even if the sheet has not changed."""
_THREADS = 4


class ShelfFolder:
    """The Shelf port over a folder."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._catalogue = Catalogue()
        self._stamp: tuple[int, ...] | None = None
        self._read_s = float("-inf")
        # its own threads: a disk that hangs must hold up nobody but the shelf
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="shelf")

    def catalogue(self) -> Catalogue:
        """See Shelf."""
        return self._catalogue

    async def refresh(self) -> None:
        """Look whether the sheet has changed: what `catalogue` gives is from memory, for the first page has it too."""
        await self.apart(self._refresh)

    async def open(self, path: str) -> Opened | None:
        """See Shelf."""
        return await self.apart(lambda: open_below(self.path, path))

    async def subtitles(self, path: str) -> bytes | None:
        """See Shelf."""
        return await self.apart(lambda: webvtt_of(self.path, path))

    async def apart(self, work: Callable[[], T]) -> T:
        """Do work on the shelf's own threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _refresh(self) -> None:
        stamp = _stamp(self.path / SHEET)
        now = self._clock.boot_s()
        if stamp == self._stamp and now - self._read_s < _WHOLE_S:
            return
        changed, self._stamp, self._read_s = stamp != self._stamp, stamp, now
        try:
            found = read_folder(self.path)
        except (OSError, ValueError) as error:
            if changed:  # a typing error must not empty the shelf: the last good sheet stays
                event("shelf.kept_last_good", "error", sheet=str(self.path / SHEET), says=str(error).splitlines()[0])
            return
        if changed or found.problems != self._catalogue.problems:
            event("shelf.loaded", items=len(found.items), problems=len(found.problems))
        self._catalogue = found


def read_folder(folder: Path) -> Catalogue:
    """The sheet held against the files; an empty catalogue when there is no sheet. ValueError: it is no TOML."""
    opened = open_below(folder, SHEET)
    if opened is None:
        if _stamp(folder / SHEET) is not None:
            raise ValueError("the sheet can't be read, or is no plain file")
        return Catalogue()
    with opened.file:
        raw = opened.file.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise ValueError(f"the sheet is larger than {LARGEST_BYTES} bytes")
    entries, problems = parse_sheet(raw.decode("utf-8-sig"))
    items: list[Item] = []
    disk = _Disk(folder)
    for entry in entries:
        found = _item(disk, entry)
        if isinstance(found, Fault):
            problems.append(found)
        else:
            item, faults = found
            items.append(item)
            problems += faults
    return Catalogue(tuple(_in_order(items)), tuple(problems))


def undescribed(folder: Path, catalogue: Catalogue) -> Iterator[str]:
    """Files of the folder no entry speaks of: nobody sees them."""
    known = {SHEET, *(item.path for item in catalogue.items)}
    known |= {subtitle.path for item in catalogue.items for subtitle in item.subtitles}
    for directory, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = (Path(directory) / name).relative_to(folder).as_posix()
            if path not in known and not name.startswith("."):
                yield path


def open_below(folder: Path, path: str) -> Opened | None:
    """Open a plain file below the folder, part by part, so that no link leads out, whenever it is put there."""
    if path_fault(path):
        return None
    *way, name = path.split("/")
    with contextlib.ExitStack() as held:
        try:
            directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, directory)
            for part in way:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                directory = os.open(part, flags, dir_fd=directory)
                held.callback(os.close, directory)
            # a pipe put there would wait for its other end without O_NONBLOCK
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            file = os.fdopen(os.open(name, flags, dir_fd=directory), "rb")
        except (OSError, UnicodeEncodeError):
            return None
    held_as = os.fstat(file.fileno())
    if not stat.S_ISREG(held_as.st_mode):
        file.close()
        return None
    etag = f'"{held_as.st_ino:x}-{held_as.st_size:x}-{held_as.st_mtime_ns:x}"'
    return Opened(file, held_as.st_size, int(held_as.st_mtime), etag)


def webvtt_of(folder: Path, path: str) -> bytes | None:
    """A file of subtitles as WebVTT; None when it is not there, too large, or has no cue."""
    opened = open_below(folder, path)
    if opened is None:
        return None
    with opened.file:
        raw = opened.file.read(LARGEST_SUBTITLES + 1)
    return as_webvtt(raw) if len(raw) <= LARGEST_SUBTITLES else None


class _Disk:
    """What the folder holds, each directory listed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listed: dict[str, Sequence[str]] = {}

    def names(self, below: str) -> Sequence[str]:
        """What stands in a directory; nothing when it can't be listed."""
        if below not in self._listed:
            try:
                self._listed[below] = sorted(entry.name for entry in (self.folder / below).iterdir())
            except OSError:
                self._listed[below] = ()
        return self._listed[below]

    def spelled(self, path: str) -> str:
        """The path as the disk has it: names copied from some systems have their accents as letters of their own."""
        found = ""
        for part in path.split("/"):
            names = self.names(found)
            alike = (name for name in names if _nfc(name) == _nfc(part))
            here = part if part in names else next(alike, part)
            found = f"{found}/{here}" if found else here
        return found


def _item(disk: _Disk, entry: Entry) -> tuple[Item, list[Fault]] | Fault:
    """An entry as an item and what is wrong with its subtitles; or what is wrong with it."""
    key = key_of_name(entry.link or entry.file)
    path, media_type, size_bytes = "", "", 0
    subtitles: list[Subtitle] = []
    faults: list[Fault] = []
    if entry.kind is not Kind.LINK:
        media, path = media_of(entry.file), disk.spelled(entry.file)
        opened = open_below(disk.folder, path)
        if opened is None or media is None:
            message = f'"{entry.file}" is not there (or is no plain file, or may not be read)'
            return Fault("shelf_no_file", message, {"name": entry.file, "of": key_of_name(entry.file)})
        opened.file.close()
        media_type, size_bytes = media[1], opened.size_bytes
    if entry.kind is Kind.FILM:
        subtitles, faults = _subtitles(disk, entry, path)
    item = Item(
        key,
        entry.kind,
        entry.title,
        entry.language,
        entry.author,
        entry.licence,
        entry.section,
        entry.order,
        path,
        entry.link,
        media_type,
        tuple(subtitles),
        size_bytes,
        entry.title_en,
    )
    return item, faults


def _subtitles(disk: _Disk, entry: Entry, film: str) -> tuple[list[Subtitle], list[Fault]]:
    """Those of the sheet, and those that stand beside the film as NAME.LANGUAGE.vtt or .srt."""
    named = {language: disk.spelled(path) for language, path in entry.subtitles.items()}
    stem, directory = film.rpartition(".")[0], film.rpartition("/")[0]
    for name in disk.names(directory):
        path = f"{directory}/{name}" if directory else name
        beside, _, ending = path.rpartition(".")
        language = beside[len(stem) + 1 :]
        if ending.lower() in ("vtt", "srt") and beside.startswith(f"{stem}.") and _TAG.fullmatch(language):
            named.setdefault(language, path)
    bad = [language for language, path in named.items() if webvtt_of(disk.folder, path) is None]
    faults = [
        Fault(
            "shelf_no_cue",
            f'"{named[each]}" (subtitles of {entry.file}) is not there or has no cue',
            {"name": entry.file, "subtitles": named[each]},
        )
        for each in bad
    ]
    return [Subtitle(each, path) for each, path in named.items() if each not in bad], faults


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _in_order(items: Sequence[Item]) -> list[Item]:
    """Sections by their least order, items within by order and title."""
    first: dict[str, int] = {}
    for item in items:
        first[item.section] = min(item.order, first.get(item.section, item.order))
    return sorted(items, key=lambda each: (first[each.section], each.section, each.order, each.title.casefold()))


def _stamp(sheet: Path) -> tuple[int, ...] | None:
    try:
        seen = sheet.lstat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino
