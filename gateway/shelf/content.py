"""What a file is, by its content: a name says what somebody would like it to be. Pure but for the archive's list."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

HEAD_BYTES = 8192
_OFFICE = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_MIME = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_PLAIN = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"ID3", "mp3"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENDINGS = ("doc", "xls", "ppt")
_MP4 = {b"M4A ": "m4a", b"M4B ": "m4a", b"M4V ": "m4v"}
_NO_MP4 = (b"qt  ", b"heic", b"heix", b"mif1", b"avif", b"3gp", b"3g2")


def ending_of(path: Path, name: str) -> str | None:
    """The ending of a kind the shelf serves; None when it is none. `name` decides where contents are alike.

    OSError when it can't be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _of_archive(path, head)
    known = next((ending for start, ending in _PLAIN if head.startswith(start)), None) or _of_sound_or_film(head)
    told = name.rpartition(".")[2].lower()
    if known:
        return told if known == "mp4" and told in ("m4a", "m4v") else known
    if head.startswith(_OLE):
        return told if told in _OLE_ENDINGS else None
    return "txt" if name.lower().endswith(".txt") and _is_text(path) else None


def _of_sound_or_film(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return None if brand.startswith(_NO_MP4) else _MP4.get(brand, "mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):  # EBML: WebM and Matroska; browsers play the first
        return "webm" if b"webm" in head[:64] else None
    if head.startswith(b"OggS"):
        first = head[28:40]
        return "ogv" if first.startswith(b"\x80theora") else "opus" if first.startswith(b"OpusHead") else "ogg"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    return "mp3" if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 else None  # MPEG layer III


def _of_archive(path: Path, head: bytes) -> str | None:
    # EPUB 3.3 section 4.3, ODF 1.3 part 2 section 3.3: the first member is called mimetype, and is not packed
    if head[26:38] == b"\x08\x00\x00\x00mimetype" or head[30:38] == b"mimetype":
        told = next((ending for mime, ending in _MIME.items() if head[38:].startswith(mime)), None)
        if told:
            return told
    try:
        with zipfile.ZipFile(path) as archive:
            return _by_members(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _by_members(names: Sequence[str]) -> str:
    if "[Content_Types].xml" in names:
        return next((ending for part, ending in _OFFICE.items() if any(n.startswith(part) for n in names)), "zip")
    return "zip"


def _is_text(path: Path) -> bool:
    """UTF-8 without signs that no text has; at most 20 MB of it."""
    if path.stat().st_size > 20_000_000:
        return False
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)
