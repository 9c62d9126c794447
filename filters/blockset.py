"""The compiled lists: one immutable file, mapped by all workers, asked by name.

In: a generation's file (filters.compile writes it). Out: Match, one for each list line that covers a name.

Layout, little-endian: a header of 64 bytes (magic, version, sizes, checksum of all that follows), JSON about the
sources, then an open-addressed table in two columns: 64-bit fingerprints of names, and beside each 32 bits of `running
line
number << 1 | exact`. Sources number their lines one after another, so the line tells the source, and with it the
category and whether it blocks or allows: 12 bytes a slot say all of "why". A name on two lists has two slots.
Two different names share a fingerprint with a chance of names / 2^64 a look-up: never, for a library.
"""

import json
import mmap
import struct
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from filters.errors import FilterError
from filters.formats import Entry
from filters.names import suffixes
from filters.settings import Action

MAGIC = b"CONGSET\n"
VERSION = 1
_HEADER = struct.Struct("<8sIIQQ32s")
_LOAD = 0.66
_MAX_LINES = 2**31 - 1


class BadBlocksetError(FilterError):
    """A file that is no whole block set: cut off, damaged, or of another version."""


@dataclass(frozen=True, slots=True)
class CompiledSource:
    """One list as it stands in a generation."""

    name: str
    category: str
    action: Action
    location: str
    names: int
    format: str
    rejects: tuple[tuple[str, int, tuple[tuple[int, str], ...]], ...]
    """Reason, number of lines, and the first few of them with their line numbers."""


class Match(NamedTuple):
    """One line of a list that covers a name."""

    listed: str
    source: CompiledSource
    line: int
    exact: bool


def fingerprint(name: str) -> int:
    """64 bits that stand for a normal name; never 0, which marks an empty slot."""
    return int.from_bytes(blake2b(name.encode("ascii"), digest_size=8).digest(), "little") or 1


class Blockset:
    """The lists of one generation."""

    __slots__ = ("_bases", "_buffer", "_keys", "_slots", "_values", "about", "sources")

    def __init__(self, buffer: memoryview) -> None:
        """Reads the header only; open_blockset verifies. `buffer` is a whole file, mapped or in memory."""
        _, _, about_bytes, slots, _, _ = _HEADER.unpack_from(buffer)
        table = _HEADER.size + about_bytes
        self._buffer = buffer
        self._slots = slots
        self._keys = buffer[table : table + 8 * slots].cast("Q")
        self._values = buffer[table + 8 * slots : table + 12 * slots].cast("I")
        self.about: dict[str, Any] = json.loads(bytes(buffer[_HEADER.size : table]))
        self.sources = tuple(_source(each) for each in self.about["sources"])
        self._bases = [each["first_line"] for each in self.about["sources"]]

    @property
    def generation(self) -> int:
        """Number of this generation; 0 is a set that was never written to disk."""
        number: int = self.about["generation"]
        return number

    def matches(self, name: str) -> list[Match]:
        """Every list line that covers a normal name, the most specific listed name first."""
        keys, slots, found = self._keys, self._slots, []
        for suffix in suffixes(name):
            wanted = int.from_bytes(blake2b(suffix.encode("ascii"), digest_size=8).digest(), "little") or 1
            at = wanted % slots
            while key := keys[at]:
                if key == wanted:
                    value = self._values[at]
                    if not value & 1 or suffix is name:
                        found.append(self._match(suffix, value))
                at += 1
                if at == slots:
                    at = 0
        return found

    def _match(self, listed: str, value: int) -> Match:
        line = value >> 1
        index = bisect_right(self._bases, line) - 1
        return Match(listed, self.sources[index], line - self._bases[index] + 1, bool(value & 1))


class SourceLines(NamedTuple):
    """What goes into a block set for one list."""

    about: dict[str, Any]
    entries: Sequence[Entry]


def encode(lists: Sequence[SourceLines], about: dict[str, Any]) -> bytes:
    """A whole file's bytes; the inverse of Blockset. `about` is kept beside the sources."""
    total = sum(len(each.entries) for each in lists)
    slots = max(8, int(total / _LOAD) + 1)
    keys, values = array("Q", bytes(8 * slots)), array("I", bytes(4 * slots))
    sources: list[dict[str, Any]] = []
    probes: list[list[Any]] = []
    first_line = 1
    for source in lists:
        if first_line + (source.entries[-1].line if source.entries else 0) > _MAX_LINES:
            raise FilterError("the lists have more than 2^31 lines together", hint="take a list out of dns.lists")
        stored = _insert(source.entries, first_line, keys, values)
        sources.append({**source.about, "first_line": first_line, "names": stored})
        probes += [[entry.name, len(sources) - 1, entry.line] for entry in (*source.entries[:1], *source.entries[-1:])]
        first_line += max((entry.line for entry in source.entries), default=0)
    text = json.dumps({**about, "sources": sources, "probes": probes}, ensure_ascii=True).encode("ascii")
    text += b" " * (-len(text) % 8)
    body = b"".join((text, keys.tobytes(), values.tobytes()))
    return _HEADER.pack(MAGIC, VERSION, len(text), slots, total, blake2b(body, digest_size=32).digest()) + body


def open_blockset(path: Path) -> Blockset:
    """Map a generation and verify it whole (size, version, checksum, probe names), or BadBlocksetError."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    except (OSError, ValueError) as error:
        raise BadBlocksetError(f"can't be mapped: {error}", where=str(path), hint="run: cong lists update") from error
    return verified(memoryview(mapped), where=str(path))


def verified(buffer: memoryview, *, where: str) -> Blockset:
    """The block set in a buffer, or BadBlocksetError."""
    fault = _fault(buffer)
    if fault is None:
        blockset = Blockset(buffer)
        if all(_finds(blockset, *probe) for probe in blockset.about["probes"]):
            return blockset
        fault = "a probe name is not found"
    raise BadBlocksetError(f"is no valid block set: {fault}", where=where, hint="run: cong lists update")


def _fault(buffer: memoryview) -> str | None:
    if len(buffer) < _HEADER.size:
        return "shorter than its header"
    magic, version, about_bytes, slots, _, checksum = _HEADER.unpack_from(buffer)
    if magic != MAGIC:
        return "not this kind of file"
    if version != VERSION:
        return f"version {version}, this program reads {VERSION}"
    if slots == 0 or len(buffer) != _HEADER.size + about_bytes + 12 * slots:
        return "cut off"
    if blake2b(buffer[_HEADER.size :], digest_size=32).digest() != checksum:
        return "checksum differs"
    return None


def _finds(blockset: Blockset, name: str, source: int, line: int) -> bool:
    wanted = blockset.sources[source]
    return any(match.source is wanted and match.listed == name for match in blockset.matches(name))


def _source(about: dict[str, Any]) -> CompiledSource:
    return CompiledSource(
        name=about["name"],
        category=about["category"],
        action=Action(about["action"]),
        location=about["location"],
        names=about["names"],
        format=about["format"],
        rejects=tuple(
            (reason, count, tuple((line, text) for line, text in first)) for reason, count, first in about["rejects"]
        ),
    )


def _insert(entries: Sequence[Entry], first_line: int, keys: "array[int]", values: "array[int]") -> int:
    """Put a list's names into the table; how many there are without its own repetitions."""
    slots, stored, own = len(keys), 0, first_line << 1
    to_int = int.from_bytes
    for name, line, exact in entries:
        wanted = to_int(blake2b(name.encode("ascii"), digest_size=8).digest(), "little") or 1
        at = wanted % slots
        while key := keys[at]:
            if key == wanted and values[at] >= own and values[at] & 1 <= exact:
                break  # the same list said so before: its first line is the one to show
            at = at + 1 if at + 1 < slots else 0
        else:
            keys[at] = wanted
            values[at] = (first_line + line - 1) << 1 | exact
            stored += 1
    return stored
