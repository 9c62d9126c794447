"""Packed bytes -> plain ones, never more than allowed: gzip, xz, bzip2 and, within them or bare, one tar archive.

What is packed is told by its first bytes, not by a name: servers send one as the other. Nothing is written anywhere, so
no path of an archive leads out of it. PackingError is the only failure.
"""

import bz2
import lzma
import tarfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import Protocol

_MOST_LAYERS = 2
"""A packed file that its server packs once more for the way."""
_STEP = 1 << 16
_MOST_STREAMS = 20_000
"""Two gigabytes as bgzip cuts them; each costs a look at _STEP bytes."""
_XZ_MEMORY_BYTES = 100_000_000
"""What xz at its strongest (-9) asks for, and half as much again."""


class PackingError(Exception):
    """Packed bytes that are broken, too many, or not what a list is packed as; the text says which."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def plain(content: bytes, most_bytes: int) -> bytes:
    """The bytes without their packing; PackingError when they would be more than `most_bytes`."""
    for _ in range(_MOST_LAYERS):
        if _unpacker(content) is None:
            break
        content = _unpacked(content, most_bytes)
    if len(content) > most_bytes:
        raise PackingError(f"is larger than {most_bytes} bytes")
    return content


def is_archive(content: bytes) -> bool:
    """Is it a tar archive (POSIX ustar, GNU or pax)?"""
    return content[257:262] == b"ustar"


def folder_of(archive: bytes, wanted: frozenset[str]) -> dict[str, bytes]:
    """The wanted files, by base name, of the one folder of an archive that has any."""
    found: dict[str, dict[str, bytes]] = {}
    try:
        with tarfile.open(fileobj=BytesIO(archive), mode="r:") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                # a sparse member may claim any size: its holes are in no archive
                if path.name in wanted and member.isreg() and not member.issparse():
                    file = tar.extractfile(member)
                    found.setdefault(str(path.parent), {})[path.name] = file.read() if file else b""
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise PackingError(f"is a broken archive: {error}") from error
    if len(found) > 1:
        raise PackingError(f"is an archive of several lists ({', '.join(sorted(found)[:5])}); a source is one of them")
    if not found:
        raise PackingError(f"is an archive without any of: {', '.join(sorted(wanted))}")
    return next(iter(found.values()))


def _unpacked(content: bytes, most_bytes: int) -> bytes:
    pieces: list[bytes] = []
    left, at, streams = most_bytes + 1, 0, 0
    while unpacker := _unpacker(content[at : at + 6]):  # several packed streams one after another are one
        streams += 1
        if streams > _MOST_STREAMS:
            raise PackingError(f"is packed in more than {_MOST_STREAMS} pieces")
        while not unpacker.eof:
            if at >= len(content):
                raise PackingError("can't be unpacked: it is cut off")
            piece = content[at : at + _STEP]
            at += len(piece)
            try:
                pieces.append(unpacker.decompress(piece, left))
            except (zlib.error, lzma.LZMAError, OSError, ValueError) as error:
                raise PackingError(f"can't be unpacked: {error}") from error
            left -= len(pieces[-1])
            if left <= 0:
                raise PackingError(f"unpacks to more than {most_bytes} bytes")
        at -= len(unpacker.unused_data)
        while content[at : at + 1] == b"\0":  # padding
            at += 1
    return b"".join(pieces)


def _unpacker(content: bytes) -> _Unpacker | None:
    if content[:2] == b"\x1f\x8b":
        return zlib.decompressobj(wbits=31)  # gzip, RFC 1952
    if content[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    if content[:3] == b"BZh":
        return bz2.BZ2Decompressor()
    return None
