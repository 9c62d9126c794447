"""The compiled lists: one immutable file, mapped by all workers, asked by name.

In: a generation's file (filters.table lays it out). Out: Match, one for each list line that covers a name.

Layout, little-endian: a header of 64 bytes (magic, version, sizes, digest of all that follows), JSON about the sources,
a table in two columns, and the special lines. A row of the table is a fingerprint of 64 bits (filters.fingerprint) and
32 bits of `running line number << 2 | reach`. Sources number their lines one after another, so the line tells the
source, and with it the category and whether it blocks or allows: 12 bytes a row say all of "why". Rows are sorted; each
stands at its home (fingerprint scaled to the number of homes) or as near behind it as is free, so a search ends at the
first greater one. A name on two lists has two rows.
"""

import json
import mmap
import re
import struct
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from filters.errors import FilterError
from filters.fingerprint import HOME_BITS, fingerprint
from filters.names import suffixes
from filters.settings import Action
from filters.special import Reach, Special
from filters.special_json import from_json

MAGIC = b"CONGSET\n"
VERSION = 2
HEADER = struct.Struct("<8s7I28s")
"""Magic, version, bytes about the sources, homes, rows, names, specials, bytes of specials, digest of all the rest."""
DIGEST_BYTES = 28
SIZES_BYTES = HEADER.size - DIGEST_BYTES
MAX_LINES = 2**30 - 1
_KEPT_SPECIALS = 4096
_HINT = "run: cong lists update"


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
    specials: int = 0


class Match(NamedTuple):
    """One line of a list that covers a name."""

    listed: str
    """The name or pattern as the list has it, in normal form."""
    source: CompiledSource
    line: int
    reach: Reach
    special: Special | None = None


class Blockset:
    """The lists of one generation."""

    def __init__(self, buffer: memoryview, mapped: mmap.mmap | None = None) -> None:
        """Reads what is said about the sources only; verified() checks. `buffer` is a whole file."""
        self._mapped = mapped
        _, _, about_bytes, self._homes, rows, _, specials, _, _ = HEADER.unpack_from(buffer)
        at = HEADER.size
        self.about: dict[str, Any] = json.loads(bytes(buffer[at : at + about_bytes]))
        at += about_bytes
        self._keys = buffer[at : at + 8 * rows].cast("Q")
        at += 8 * rows
        self._values = buffer[at : at + 4 * rows].cast("I")
        at += 4 * rows
        self._special_lines = buffer[at : at + 4 * specials].cast("I")
        at += 4 * specials
        self._special_ends = buffer[at : at + 4 * specials].cast("I")
        self._special_text = buffer[at + 4 * specials :]
        self._known: dict[int, Special] = {}  # no lru_cache of a method: the cycle would keep an old file mapped
        self.sources = tuple(_source(each) for each in self.about["sources"])
        self._bases = [each["first_line"] for each in self.about["sources"]]
        self._patterns = [(line, re.compile(self._special(line).pattern)) for line in self.about["patterns"]]

    @property
    def generation(self) -> int:
        """Number of this generation; 0 is a set that was never written to disk."""
        number: int = self.about["generation"]
        return number

    def give_back(self) -> None:
        """Let go of the file's pages that look-ups have touched: they stay in the system's cache, and count nowhere."""
        if self._mapped is not None:
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def matches(self, name: str) -> list[Match]:
        """Every list line that covers a normal name, the most specific listed name first."""
        return [
            match
            for suffix in suffixes(name)
            for value in self.values(fingerprint(suffix))
            if (match := self._match(suffix, value, itself=suffix is name))
        ]

    def values(self, wanted: int) -> list[int]:
        """What stands beside a fingerprint: `running line number << 2 | reach`, of each row that has it."""
        keys, found = self._keys, []
        at = (wanted >> HOME_BITS) * self._homes >> HOME_BITS
        while 0 < (key := keys[at]) <= wanted:
            if key == wanted:
                found.append(self._values[at])
            at += 1
        return found

    def patterns(self, name: str) -> list[Match]:
        """Every pattern of a list that fits a normal name."""
        return [self._special_match(line) for line, pattern in self._patterns if pattern.search(name)]

    def _match(self, listed: str, value: int, *, itself: bool) -> Match | None:
        line, reach = value >> 2, Reach(value & 3)
        if reach is Reach.SPECIAL:
            match = self._special_match(line)
            reach = match.reach
        else:
            source, local = self._place(line)
            match = Match(listed, source, local, reach)
        return None if reach is (Reach.BELOW if itself else Reach.EXACT) else match

    def _special_match(self, line: int) -> Match:
        special = self._special(line)
        source, local = self._place(line)
        return Match(special.name or special.pattern, source, local, special.reach, special)

    def _place(self, line: int) -> tuple[CompiledSource, int]:
        index = bisect_right(self._bases, line) - 1
        return self.sources[index], line - self._bases[index] + 1

    def _special(self, line: int) -> Special:
        if line not in self._known:
            if len(self._known) >= _KEPT_SPECIALS:
                self._known.clear()
            self._known[line] = self._read_special(line)
        return self._known[line]

    def _read_special(self, line: int) -> Special:
        at = bisect_left(self._special_lines, line)
        start = self._special_ends[at - 1] if at else 0
        return from_json(bytes(self._special_text[start : self._special_ends[at]]))


def open_blockset(path: Path, *, whole: bool = True) -> Blockset:
    """Map a generation and verify it (size, version, digest, probe names), or BadBlocksetError.

    Not `whole`: without the digest, for a worker that is told of a file its builder has just read again from the disk:
    the pages it never asks for then never count as its memory.
    """
    try:
        with path.open("rb") as file:
            digest = _digest_of(file) if whole else None
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    except (OSError, ValueError) as error:
        raise BadBlocksetError(f"can't be mapped: {error}", where=str(path), hint=_HINT) from error
    mapped.madvise(mmap.MADV_RANDOM)  # one page a look-up: reading ahead would fill memory with what nobody asks for
    blockset = _checked(memoryview(mapped), digest, where=str(path), mapped=mapped)
    blockset.give_back()  # what the probes touched, and 64 kB around each: nearly all of it
    return blockset


def verified(buffer: memoryview, *, where: str) -> Blockset:
    """The block set in a buffer, or BadBlocksetError."""
    digest = blake2b(buffer[:SIZES_BYTES], digest_size=DIGEST_BYTES)
    digest.update(buffer[HEADER.size :])
    return _checked(buffer, digest.digest(), where=where)


def _digest_of(file: BinaryIO) -> bytes:
    digest = blake2b(file.read(SIZES_BYTES), digest_size=DIGEST_BYTES)
    file.seek(HEADER.size)
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.digest()


def _checked(buffer: memoryview, digest: bytes | None, *, where: str, mapped: mmap.mmap | None = None) -> Blockset:
    fault = _fault(buffer, digest)
    if fault is None:
        blockset = Blockset(buffer, mapped)
        if all(value in blockset.values(wanted) for wanted, value in blockset.about["probes"]):
            return blockset
        fault = "a probe name is not found"
    raise BadBlocksetError(f"is no valid block set: {fault}", where=where, hint=_HINT)


def _fault(buffer: memoryview, digest: bytes | None) -> str | None:
    if len(buffer) < HEADER.size:
        return "shorter than its header"
    magic, version, about_bytes, homes, rows, _, specials, special_bytes, stated = HEADER.unpack_from(buffer)
    if magic != MAGIC:
        return "not this kind of file"
    if version != VERSION:
        return f"version {version}, this program reads {VERSION}"
    if rows <= homes or len(buffer) != HEADER.size + about_bytes + 12 * rows + 8 * specials + special_bytes:
        return "cut off"
    if digest not in (None, stated):
        return "digest differs"
    return None


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
        specials=about["specials"],
    )
