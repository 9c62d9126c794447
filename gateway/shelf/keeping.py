"""The shelf for those who fill it at the desk (port: gateway.ports_shelf.ShelfKeeper)."""

import contextlib
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from gateway.errors import FaultError
from gateway.ports_shelf import Catalogue, Stock, Told
from gateway.shelf.adding import SPARE_BYTES, appended, check_entry, read_sheet, sheet_held, take, telling, write_sheet
from gateway.shelf.content import ending_of
from gateway.shelf.editing import Raw, exchanged, raw_items
from gateway.shelf.folder import ShelfFolder, read_folder, undescribed
from gateway.shelf.sheet import MEDIA, key_of_name, path_fault
from gateway.shelf.subtitles import LARGEST_BYTES, as_webvtt

T = TypeVar("T")
_MOST_UNDESCRIBED = 100


class FolderKeeper:
    """The ShelfKeeper over a folder; works on the shelf's own threads."""

    def __init__(self, shelf: ShelfFolder, random_word: Callable[[], str]) -> None:
        """`random_word`: some letters that make a file's name its own."""
        self._shelf = shelf
        self._folder = shelf.path
        self._random_word = random_word

    async def stock(self) -> Stock:
        """See ShelfKeeper."""
        return await self._shelf.apart(self._stock)

    async def add_file(self, told: Told, file: str, name: str) -> str:
        """See ShelfKeeper."""
        return await self._changed(lambda: self._add_file(told, Path(file), name))

    async def add_link(self, told: Told, link: str) -> str:
        """See ShelfKeeper."""

        def work() -> str:
            write_sheet(self._folder, appended(self._folder, {"link": link, **asdict(told)}))
            return key_of_name(link)

        return await self._changed(work)

    async def add_subtitles(self, key: str, language: str, file: str) -> None:
        """See ShelfKeeper."""
        await self._changed(lambda: self._add_subtitles(key, language, Path(file)))

    async def change(self, key: str, told: Told) -> None:
        """See ShelfKeeper."""

        def work() -> None:
            text = read_sheet(self._folder)
            number, entry = _entry(text, key)
            kept = {name: value for name, value in entry.items() if name in ("file", "link", "kind", "subtitles")}
            new = {**kept, **asdict(told)}
            check_entry(new)
            write_sheet(self._folder, exchanged(text, number, new))

        await self._changed(work)

    async def take_off(self, key: str) -> str:
        """See ShelfKeeper."""
        return await self._changed(lambda: self._take_off(key))

    async def _changed(self, work: Callable[[], T]) -> T:
        def held() -> T:
            with telling(self._folder), sheet_held(self._folder):
                return work()

        done = await self._shelf.apart(held)
        await self._shelf.refresh()
        return done

    def _stock(self) -> Stock:
        catalogue, fault = Catalogue(), ""
        try:
            catalogue = read_folder(self._folder)
        except (OSError, ValueError) as error:
            catalogue, fault = self._shelf.catalogue(), str(error).splitlines()[0]
        loose = () if fault else tuple(sorted(undescribed(self._folder, catalogue)))[:_MOST_UNDESCRIBED]
        above = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        free = shutil.disk_usage(above).free
        return Stock(catalogue, loose, fault, max(0, free - SPARE_BYTES))

    def _add_file(self, told: Told, file: Path, name: str) -> str:
        ending = ending_of(file, name)
        if ending is None or ending not in MEDIA:
            raise FaultError("shelf_kind", "the shelf serves no files of this kind", known=", ".join(MEDIA))
        target = f"{_slug(told.title)}-{self._random_word()}.{ending}"
        new = appended(self._folder, {"file": target, **asdict(told)})
        take(file, self._folder / target)
        with self._undone(target):
            write_sheet(self._folder, new)
        return key_of_name(target)

    def _add_subtitles(self, key: str, language: str, file: Path) -> None:
        text = read_sheet(self._folder)
        number, entry = _entry(text, key)
        film = str(entry.get("file", ""))
        media = MEDIA.get(film.rpartition(".")[2].lower())
        if media is None or media[0] != "film":
            raise FaultError("subtitles_of_film", "only films have subtitles")
        raw = file.read_bytes() if file.stat().st_size <= LARGEST_BYTES else b""
        if not raw or as_webvtt(raw) is None:
            raise FaultError("subtitles_empty", "this is neither WebVTT nor SRT, or has no cue that can be read")
        ending = "vtt" if raw.lstrip(b"\xef\xbb\xbf").startswith(b"WEBVTT") else "srt"
        target = f"{film.rpartition('.')[0]}-{self._random_word()}.{language}.{ending}"
        before = entry.get("subtitles", {})
        named = {**(before if isinstance(before, dict) else {}), language: target}
        new = {**entry, "subtitles": named}
        check_entry(new)
        changed = exchanged(text, number, new)
        take(file, self._folder / target)
        with self._undone(target):
            write_sheet(self._folder, changed)
        if isinstance(before, dict) and language in before:
            self._delete(str(before[language]), raw_items(changed))

    def _take_off(self, key: str) -> str:
        text = read_sheet(self._folder)
        number, entry = _entry(text, key)
        changed = exchanged(text, number, None)
        write_sheet(self._folder, changed)
        subtitles = entry.get("subtitles", {})
        named = subtitles.values() if isinstance(subtitles, dict) else ()
        for path in (entry.get("file", ""), *named):
            self._delete(str(path), raw_items(changed))
        return str(entry.get("title") or entry.get("file") or entry.get("link") or key)

    def _delete(self, path: str, left: list[Raw]) -> None:
        """A file no entry speaks of any more; one that leads out of the folder is not ours to delete."""
        if not path or path_fault(path) or path in {name for each in left for name in _files(each)}:
            return
        found = self._folder / path
        if found.resolve().is_relative_to(self._folder.resolve()) and not found.is_symlink():
            found.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _undone(self, target: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            (self._folder / target).unlink(missing_ok=True)
            raise


def _files(entry: Raw) -> Iterator[str]:
    yield str(entry.get("file", ""))
    subtitles = entry.get("subtitles", {})
    if isinstance(subtitles, Mapping):
        yield from map(str, subtitles.values())


def _entry(text: str, key: str) -> tuple[int, Raw]:
    """The entry of a key, right or wrong."""
    for number, each in enumerate(raw_items(text)):
        if key_of_name(str(each.get("link") or each.get("file") or "")) == key:
            return number, each
    raise FaultError("no_item", "it is not on the shelf any more")


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "tai-lieu"
