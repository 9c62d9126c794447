"""WebP (RFC 9649): the still image, its transparency and colour profile are kept; Exif, XMP and unknown chunks go."""

import struct
from collections.abc import Iterator

from gateway.photos.cleaned import Cleaned, NoPhotoError, of_size

_ANIMATED, _PROFILE, _ALPHA = 0x02, 0x20, 0x10
_ORDER = (b"ICCP", b"ALPH", b"VP8 ", b"VP8L")


def clean_webp(photo: bytes) -> Cleaned:
    """The picture alone; NoPhotoError."""
    found: dict[bytes, bytes] = {}
    for kind, body in _chunks(photo):
        found.setdefault(kind, body)  # a decoder takes the first of a kind, too (2.7.1.4)
    extended = found.get(b"VP8X", b"")
    if b"VP8X" in found and (len(extended) != 10 or extended[0] & _ANIMATED or b"ANIM" in found):
        raise NoPhotoError("kind")
    if (b"VP8 " in found) == (b"VP8L" in found):
        raise NoPhotoError("damaged")
    parts = [(kind, found[kind]) for kind in _ORDER if kind in found and (extended or kind.startswith(b"VP8"))]
    width, height = _lossy(found[b"VP8 "]) if b"VP8 " in found else _lossless(found[b"VP8L"])
    if extended:
        flags = (_PROFILE if b"ICCP" in found else 0) | extended[0] & _ALPHA
        parts.insert(0, (b"VP8X", bytes((flags, 0, 0, 0)) + extended[4:]))
    body = b"".join(kind + struct.pack("<I", len(chunk)) + chunk + b"\0" * (len(chunk) % 2) for kind, chunk in parts)
    return of_size("image/webp", ".webp", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, width, height)


def _chunks(photo: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(photo[4:8], "little")
    if end > len(photo):
        raise NoPhotoError("damaged")
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(photo[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise NoPhotoError("damaged")
        yield photo[at : at + 4], photo[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _lossy(body: bytes) -> tuple[int, int]:
    """Width and height of a key frame (RFC 6386 9.1)."""
    if len(body) < 10 or body[0] & 1 or body[3:6] != b"\x9d\x01\x2a":
        raise NoPhotoError("damaged")
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless(body: bytes) -> tuple[int, int]:
    """Width and height (RFC 9649 3.4)."""
    if len(body) < 5 or body[0] != 0x2F:
        raise NoPhotoError("damaged")
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
