"""The shelf's sheet, shelf.toml -> its entries (pure). Every problem is told, and costs its own entry alone."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.errors import Fault
from gateway.ports_shelf import Kind

SHEET = "shelf.toml"
MOST_ITEMS = 2000
LARGEST_BYTES = 2 * 1024 * 1024
MEDIA: Mapping[str, tuple[Kind, str]] = {
    "pdf": (Kind.DOCUMENT, "application/pdf"),
    "epub": (Kind.DOCUMENT, "application/epub+zip"),
    "txt": (Kind.DOCUMENT, "text/plain; charset=utf-8"),
    "doc": (Kind.DOCUMENT, "application/msword"),
    "docx": (Kind.DOCUMENT, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "odt": (Kind.DOCUMENT, "application/vnd.oasis.opendocument.text"),
    "xls": (Kind.DOCUMENT, "application/vnd.ms-excel"),
    "xlsx": (Kind.DOCUMENT, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": (Kind.DOCUMENT, "application/vnd.oasis.opendocument.spreadsheet"),
    "ppt": (Kind.DOCUMENT, "application/vnd.ms-powerpoint"),
    "pptx": (Kind.DOCUMENT, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "odp": (Kind.DOCUMENT, "application/vnd.oasis.opendocument.presentation"),
    "zip": (Kind.DOCUMENT, "application/zip"),
    "jpg": (Kind.DOCUMENT, "image/jpeg"),
    "jpeg": (Kind.DOCUMENT, "image/jpeg"),
    "png": (Kind.DOCUMENT, "image/png"),
    "mp4": (Kind.FILM, "video/mp4"),
    "m4v": (Kind.FILM, "video/mp4"),
    "webm": (Kind.FILM, "video/webm"),
    "ogv": (Kind.FILM, "video/ogg"),
    "mp3": (Kind.SOUND, "audio/mpeg"),
    "m4a": (Kind.SOUND, "audio/mp4"),
    "ogg": (Kind.SOUND, "audio/ogg"),
    "opus": (Kind.SOUND, "audio/ogg"),
    "wav": (Kind.SOUND, "audio/wav"),
}
"""By the name's ending. What a browser would run (html, svg) is not among them: it would speak as the portal."""

_LONGEST = {"title": 160, "title_en": 160, "author": 100, "licence": 60, "section": 60, "language": 20}
_KEYS = {*_LONGEST, "file", "link", "kind", "order", "subtitles"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#][!-~]*)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One [[item]] of the sheet; nothing of the disk is known yet."""

    file: str
    """Below the folder; "" for a link."""
    link: str
    kind: Kind
    title: str
    title_en: str
    language: str
    author: str
    licence: str
    section: str
    order: int
    subtitles: Mapping[str, str]


def parse_sheet(text: str) -> tuple[list[Entry], list[Fault]]:
    """Entries and problems; ValueError when it is no TOML at all."""
    tree = tomllib.loads(text)
    problems = [
        Fault("sheet_table", f'"{key}" is not known: every entry begins with [[item]]', {"part": key})
        for key in tree
        if key != "item"
    ]
    told = tree.get("item", [])
    if not isinstance(told, list) or any(not isinstance(each, dict) for each in told):
        return [], [*problems, Fault("sheet_brackets", "an entry begins with [[item]], in double brackets")]
    if len(told) > MOST_ITEMS:
        message = f"{len(told)} entries: only the first {MOST_ITEMS} are shown"
        problems.append(Fault("sheet_many", message, {"count": len(told), "most": MOST_ITEMS}))
    entries: list[Entry] = []
    taken: set[str] = set()
    for number, each in enumerate(told[:MOST_ITEMS], 1):
        found = list(_faults(each))
        if not found:
            entry = _entry(each)
            same = entry.file or entry.link
            found = [Fault("sheet_twice", f'"{same}" stands here twice')] if _same(entry) in taken else []
            taken.add(_same(entry))
        problems += [_of_item(fault, number, each) for fault in found]
        if not found:
            entries.append(entry)
    return entries, problems


def _of_item(fault: Fault, number: int, told: Mapping[str, object]) -> Fault:
    name = str(told.get("file") or told.get("link") or told.get("title") or "empty")
    of = told.get("file") or told.get("link")
    values: dict[str, str | int] = {"item": number, "name": name, "of": key_of_name(of) if isinstance(of, str) else ""}
    return replace(fault, values={**fault.values, **values}, where=f"item {number} ({name})")


def key_of_name(name: str) -> str:
    """The part of the address of a file or a link."""
    return hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:10]


def media_of(name: str) -> tuple[Kind, str] | None:
    """What a file of this name is; None when the shelf does not serve such files."""
    return MEDIA.get(name.rpartition(".")[2].lower()) if "." in name.lstrip(".") else None


def path_fault(path: str) -> str:
    """Why a path may not stand in the sheet; "" when it may."""
    parts = path.split("/")
    if len(path) > 240 or any(unicodedata.category(letter)[0] == "C" or letter == "\\" for letter in path):
        return f"{path!r} is no plain file name"
    if any(not part or part.startswith(".") for part in parts):
        return f'"{path}" does not lead into the shelf\'s folder: write "name.pdf" or "part/name.pdf"'
    return ""


def _faults(told: Mapping[str, object]) -> Iterator[Fault]:
    if unknown := sorted(set(told) - _KEYS):
        message = f'"{unknown[0]}" is not known; known: {", ".join(sorted(_KEYS))}'
        yield Fault("sheet_key", message, {"part": unknown[0]})
    for key, longest in _LONGEST.items():
        value = told.get(key, "")
        if not isinstance(value, str) or any(unicodedata.category(letter)[0] == "C" for letter in value):
            yield Fault("sheet_line", f"{key} is one line of text", {"part": key})
        elif len(value) > longest:
            message = f"{key} has {len(value)} letters: at most {longest}"
            yield Fault("sheet_long", message, {"part": key, "letters": len(value), "most": longest})
    title, language = told.get("title", ""), told.get("language", "")
    if isinstance(title, str) and not title.strip():
        yield Fault("sheet_title", "title is missing")
    if isinstance(language, str) and language and not _LANGUAGE.fullmatch(language):
        yield _no_tag(language, f'language "{language}" is no tag such as "vi", "en", "jra"')
    if type(told.get("order", 0)) is not int:
        yield Fault("sheet_order", "order is a whole number")
    if ("file" in told) == ("link" in told):
        yield Fault("sheet_either", "give either file or link")
    elif "file" in told:
        yield from _file_faults(told)
    elif not isinstance(told["link"], str) or len(told["link"]) > 500 or not _LINK.fullmatch(told["link"]):
        yield Fault("sheet_link", "link is an address such as https://opac.example.vn/")


def _file_faults(told: Mapping[str, object]) -> Iterator[Fault]:
    file, kind, subtitles = told["file"], told.get("kind"), told.get("subtitles", {})
    if not isinstance(file, str) or not file:
        yield Fault("sheet_file", "file is the name of a file in the folder")
        return
    if fault := path_fault(file):
        yield Fault("sheet_path", fault)
    elif media_of(file) is None:
        known = ", ".join(MEDIA)
        yield Fault("sheet_kind_of_file", f"files of this kind are not served; known: {known}", {"known": known})
    if kind is not None and kind not in (Kind.DOCUMENT, Kind.FILM, Kind.SOUND):
        yield Fault("sheet_kind", f'kind "{kind}" is none of document, film, sound')
    if not isinstance(subtitles, dict) or not all(isinstance(path, str) for path in subtitles.values()):
        yield Fault("sheet_subtitles", 'subtitles is a table such as { vi = "film.vi.srt" }')
        return
    for language, path in subtitles.items():
        if not _LANGUAGE.fullmatch(language):
            yield _no_tag(language, f'subtitles: "{language}" is no tag such as "vi"')
        if fault := path_fault(path):
            yield Fault("sheet_path", f"subtitles: {fault}")
        elif not path.lower().endswith((".srt", ".vtt")):
            yield Fault("sheet_subtitles", f'subtitles: "{path}" is neither .vtt nor .srt')


def _no_tag(language: str, message: str) -> Fault:
    return Fault("sheet_language", message, {"language": language})


def _entry(told: Mapping[str, object]) -> Entry:
    def said(key: str) -> str:
        return unicodedata.normalize("NFC", str(told.get(key, "")).strip())

    file, order, subtitles = str(told.get("file", "")), told.get("order", 0), told.get("subtitles", {})
    assert isinstance(order, int) and isinstance(subtitles, dict)
    media = media_of(file) if file else None
    kind = Kind(str(told.get("kind", media[0]))) if media else Kind.LINK
    texts = {key: said(key) for key in _LONGEST}
    return Entry(file, str(told.get("link", "")), kind, order=order, subtitles=subtitles, **texts)


def _same(entry: Entry) -> str:
    return entry.link or unicodedata.normalize("NFC", entry.file)
