"""Where Liberation Serif 2 is, and which letters it has: the one font of PDFs (counting 4.3, trap 1).

Version 1 lacks 93 of the Vietnamese letters, so a folder's version is looked at before it is used.
"""

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from gateway.errors import GatewayError

_FOLDERS = (
    Path("/usr/share/fonts/truetype/liberation2"),  # Debian 12
    Path("/usr/share/fonts/truetype/liberation"),  # Debian 13
    Path("/usr/share/fonts/liberation-serif"),
    Path("/usr/share/fonts/liberation-fonts"),
)
_FILE = "LiberationSerif-Regular.ttf"
_PLATFORM_WINDOWS = 3


def font_folder(folders: tuple[Path, ...] = _FOLDERS) -> Path:
    """The folder of version 2; GatewayError when there is none."""
    for folder in folders:
        if (folder / _FILE).is_file() and _version(_tables((folder / _FILE).read_bytes())) >= 2:
            return folder
    raise GatewayError(
        "the font Liberation Serif 2 is missing: PDFs have no other", hint="apt install fonts-liberation2 brings it"
    )


@lru_cache(maxsize=4)
def letters(folder: Path) -> Callable[[int], bool]:
    """Says of a code point whether the font has it; in all four styles alike."""
    table = _tables((folder / _FILE).read_bytes())["cmap"]
    count = struct.unpack_from(">H", table, 2)[0]
    known: set[int] = set()
    for n in range(count):
        platform, _, offset = struct.unpack_from(">HHI", table, 4 + 8 * n)
        if platform == _PLATFORM_WINDOWS and struct.unpack_from(">H", table, offset)[0] == 4:
            known.update(_segments(table, offset))
    return known.__contains__


def _tables(font: bytes) -> dict[str, bytes]:
    """The tables of a font file by their tags."""
    count = struct.unpack_from(">H", font, 4)[0]
    rows = (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))
    return {tag.decode("latin-1"): font[offset : offset + length] for tag, _, offset, length in rows}


def _version(tables: dict[str, bytes]) -> int:
    return int(struct.unpack_from(">i", tables["head"], 4)[0]) >> 16


def _segments(table: bytes, offset: int) -> Iterator[int]:
    """Code points of a cmap of format 4; a range whose glyph is 0 is none."""
    twice = struct.unpack_from(">H", table, offset + 6)[0]
    at = offset + 14
    ends = struct.unpack_from(f">{twice // 2}H", table, at)
    starts = struct.unpack_from(f">{twice // 2}H", table, at + twice + 2)
    deltas = struct.unpack_from(f">{twice // 2}h", table, at + 2 * twice + 2)
    places = at + 3 * twice + 2
    for n, (start, end, delta) in enumerate(zip(starts, ends, deltas, strict=True)):
        ranged = struct.unpack_from(">H", table, places + 2 * n)[0]
        for code in range(start, min(end, 0xFFFE) + 1):
            if ranged:
                glyph = struct.unpack_from(">H", table, places + 2 * n + ranged + 2 * (code - start))[0]
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            else:
                glyph = (code + delta) & 0xFFFF
            if glyph:
                yield code
