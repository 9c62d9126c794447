"""JPEG (ITU-T T.81 annex B): tables, frame and scans are kept, with the colour profile and which side is up.

A phone's place, time, maker and preview stand in APP1; its second picture or film stands behind the end of the first.
"""

import re
import struct
from collections.abc import Iterator

from gateway.photos.cleaned import Cleaned, NoPhotoError, of_size

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive: what browsers show."""
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_EXIF, _ICC, _ADOBE = 0xE1, 0xE2, 0xEE
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In a scan: a byte 0xFF is followed by 0, and restarts are part of it (B.1.1.5)."""
_ORIENTATION = 0x0112


def clean_jpeg(photo: bytes) -> Cleaned:
    """The picture alone; NoPhotoError."""
    kept, size, upright, has_scan = [b"\xff\xd8"], None, 1, False
    for marker, body, scan in _segments(photo):
        if marker in _FRAMES:
            if size or len(body) < 6:
                raise NoPhotoError("damaged")
            size = struct.unpack(">HH", body[1:5])
        elif marker in _OTHER_FRAMES:
            raise NoPhotoError("kind")
        elif marker == _EXIF and body.startswith(b"Exif\0\0"):
            upright = _orientation(body[6:]) or upright
        is_profile = marker == _ICC and body.startswith(b"ICC_PROFILE\0")
        is_colour = marker == _ADOBE and body.startswith(b"Adobe") and len(body) == 12
        if marker in _FRAMES or marker in _TABLES or marker == _SOS or is_profile or is_colour:
            kept += [bytes((0xFF, marker)), struct.pack(">H", len(body) + 2), body, scan]
        has_scan = has_scan or marker == _SOS
    if not size or not has_scan:
        raise NoPhotoError("damaged")
    if upright != 1:
        kept.insert(1, _upright(upright))
    height, width = size
    return of_size("image/jpeg", ".jpg", b"".join([*kept, b"\xff\xd9"]), width, height)


def _segments(photo: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, body, and the scan behind it; up to the first end of a picture."""
    at = 2
    while True:
        if photo[at : at + 1] != b"\xff":
            raise NoPhotoError("damaged")
        while photo[at : at + 1] == b"\xff":  # any number of fill bytes (B.1.1.2)
            at += 1
        marker = photo[at] if at < len(photo) else 0
        if marker == _EOI:
            return
        if marker in (0, 1, _SOI) or 0xD0 <= marker <= 0xD7 or at + 3 > len(photo):
            raise NoPhotoError("damaged")
        length = int.from_bytes(photo[at + 1 : at + 3])
        body = photo[at + 3 : at + 1 + length]
        if length < 2 or len(body) != length - 2:
            raise NoPhotoError("damaged")
        at += 1 + length
        scan = b""
        if marker == _SOS:
            found = _NEXT_MARKER.search(photo, at)
            if not found:
                raise NoPhotoError("damaged")
            scan, at = photo[at : found.start()], found.start()
        yield marker, body, scan


def _orientation(tiff: bytes) -> int:
    """Which side is up, 1 to 8 (Exif 4.6.4); 0 when it isn't told."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if not order:
            return 0
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for n in range(min(count, 100)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * n)
            if (tag, kind) == (_ORIENTATION, 3):
                return int(value) if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _upright(orientation: int) -> bytes:
    """An APP1 segment that says this and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
