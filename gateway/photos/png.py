"""PNG (ISO/IEC 15948): header, palette, transparency, colour space and image data are kept; text, time, Exif go."""

import struct
import zlib

from gateway.photos.cleaned import Cleaned, NoPhotoError, of_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND"})


def clean_png(photo: bytes) -> Cleaned:
    """The picture alone; NoPhotoError."""
    kept, at, size, has_image = [SIGNATURE], len(SIGNATURE), None, False
    while True:
        if at + 12 > len(photo):
            raise NoPhotoError("damaged")
        (length,) = struct.unpack_from(">I", photo, at)
        kind, end = photo[at + 4 : at + 8], at + 12 + length
        if end > len(photo) or zlib.crc32(photo[at + 4 : end - 4]) != int.from_bytes(photo[end - 4 : end]):
            raise NoPhotoError("damaged")
        if (kind == b"IHDR") == bool(size) or (kind == b"IHDR" and length != 13):
            raise NoPhotoError("damaged")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", photo, at + 8)
        if kind in _KEPT:
            kept.append(photo[at:end])
        elif kind[:1].isupper():  # a critical chunk that nobody knows (4.7.2)
            raise NoPhotoError("damaged")
        has_image = has_image or kind == b"IDAT"
        at = end
        if kind == b"IEND":
            break
    if not (size and has_image):
        raise NoPhotoError("damaged")
    return of_size("image/png", ".png", b"".join(kept), *size)
