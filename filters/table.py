"""Segments -> the bytes of a block set: all names in one sorted table (filters.blockset says how it is laid out).

Builder only: needs numpy. No loop over names: rows are sorted, and a row's place is its home or, where that is taken,
the next free one: the running maximum of home minus rank, plus rank.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from filters.blockset import DIGEST_BYTES, HEADER, MAGIC, MAX_LINES, SIZES_BYTES, VERSION
from filters.errors import FilterError
from filters.fingerprint import HOME_BITS
from filters.formats.entry import REJECTS_KEPT, SHOWN, TOO_MANY
from filters.scan import Numbers
from filters.special import MAX_PATTERNS, MAX_SPECIALS, Reach, Special
from filters.special_json import to_json

_LOAD = 0.75


@dataclass(frozen=True, slots=True)
class Segment:
    """One list, compiled."""

    about: dict[str, Any]
    """name, category, action, location, format, rejects, last_line; what else there is goes into the block set, too."""
    fingerprints: Numbers
    """Ascending, each (fingerprint, reach) once, special lines apart."""
    values: NDArray[np.uint32]
    """`line << 2 | reach`, the line counted in this list from 1."""
    specials: tuple[Special, ...]


def encode(segments: Sequence[Segment], about: dict[str, Any]) -> list[bytes | memoryview]:
    """A whole file, in parts: joined, millions of names would take their memory once more.

    `about` is kept beside the sources. FilterError when there are too many lines.
    """
    segments = _within_bounds(segments)
    bases = _bases(segments)
    specials = [
        (base + special.line - 1, special)
        for base, segment in zip(bases, segments, strict=True)
        for special in segment.specials
    ]
    specials.sort(key=lambda pair: pair[0])
    keys, values, homes = _placed(segments, bases)
    sources = [_about_source(segment, base) for segment, base in zip(segments, bases, strict=True)]
    patterns = [line for line, special in specials if not special.name]
    probes = list(_probes(segments, bases))
    said = {**about, "sources": sources, "patterns": patterns, "probes": probes}
    text = json.dumps(said, ensure_ascii=True).encode("ascii")
    text += b" " * (-len(text) % 8)
    told = [to_json(special) for _, special in specials]
    lines = np.array([line for line, _ in specials], np.uint32)
    ends = np.cumsum([len(each) for each in told], dtype=np.uint32)
    names = sum(len(segment.fingerprints) for segment in segments)
    sizes = (len(text), homes, len(keys), names, len(specials), sum(map(len, told)))
    head = HEADER.pack(MAGIC, VERSION, *sizes, b"")[:SIZES_BYTES]
    parts: list[bytes | memoryview] = [text, keys.data, values.data, lines.data, ends.data, *told]
    digest = blake2b(head, digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(part)
    return [head, digest.digest(), *parts]


def _bases(segments: Iterable[Segment]) -> list[int]:
    bases, next_line = [], 1
    for segment in segments:
        bases.append(next_line)
        next_line += max(1, segment.about["last_line"])
    if next_line > MAX_LINES:
        raise FilterError("the lists have more than 2^30 lines together", hint="take a list out of dns.lists")
    return bases


def _within_bounds(segments: Iterable[Segment]) -> list[Segment]:
    """The segments with the specials there is room for; the first lists have theirs, the rest is counted."""
    room, patterns = MAX_SPECIALS, MAX_PATTERNS
    bounded: list[Segment] = []
    for segment in segments:
        kept: list[Special] = []
        dropped: list[Special] = []
        for special in segment.specials:
            if room and (special.name or patterns):
                kept.append(special)
                room -= 1
                patterns -= not special.name
            else:
                dropped.append(special)
        bounded.append(_without(segment, kept, dropped) if dropped else segment)
    return bounded


def _without(segment: Segment, kept: Sequence[Special], dropped: Sequence[Special]) -> Segment:
    """The segment with the specials kept; no row may lead to one that is dropped: it would find another's text."""
    rejects = {reason: (count, first) for reason, count, first in segment.about["rejects"]}
    count, first = rejects.get(TOO_MANY, (0, []))
    examples = [*first, *([each.line, each.text[:SHOWN]] for each in dropped)][:REJECTS_KEPT]
    rejects[TOO_MANY] = (count + len(dropped), examples)
    about = {**segment.about, "rejects": [[reason, *said] for reason, said in sorted(rejects.items())]}
    lines = np.array([each.line for each in dropped], np.uint32)
    leads = (segment.values & np.uint32(3) == Reach.SPECIAL) & np.isin(segment.values >> np.uint32(2), lines)
    return Segment(about, segment.fingerprints[~leads], segment.values[~leads], tuple(kept))


def _about_source(segment: Segment, base: int) -> dict[str, Any]:
    counts = {"names": len(segment.fingerprints), "specials": len(segment.specials), "first_line": base}
    return {**segment.about, **counts}


def _placed(segments: Sequence[Segment], bases: Sequence[int]) -> tuple[Numbers, NDArray[np.uint32], int]:
    """Both columns of the table, and its number of homes."""
    fingerprints = np.concatenate([segment.fingerprints for segment in segments] or [np.empty(0, np.uint64)])
    running = [segment.values + np.uint32(base - 1 << 2) for segment, base in zip(segments, bases, strict=True)]
    values = np.concatenate(running or [np.empty(0, np.uint32)])
    order = np.argsort(fingerprints, kind="stable")
    fingerprints, values = fingerprints[order], values[order]
    del order
    homes = max(8, int(len(fingerprints) / _LOAD) + 1)
    bits = np.uint64(HOME_BITS)
    place = ((fingerprints >> bits) * np.uint64(homes) >> bits).astype(np.int32)
    rank = np.arange(len(place), dtype=np.int32)
    place -= rank
    np.maximum.accumulate(place, out=place)
    place += rank
    rows = max(homes, int(place[-1]) + 1 if len(place) else 0) + 1  # an empty row ends every search
    keys, beside = np.zeros(rows, np.uint64), np.zeros(rows, np.uint32)
    keys[place] = fingerprints
    beside[place] = values
    return keys, beside, homes


def _probes(segments: Iterable[Segment], bases: Iterable[int]) -> Iterable[list[int]]:
    """The first and last row of each list: a file that finds them can be searched."""
    for segment, base in zip(segments, bases, strict=True):
        for at in (0, -1) if len(segment.fingerprints) else ():
            yield [int(segment.fingerprints[at]), int(segment.values[at]) + (base - 1 << 2)]
