"""The simple lines of a list, a million at a time: where their names stand, how far they reach, their fingerprints.

In: a list's bytes. Out: Scanned: arrays for lines that hold one name and nothing else (`example.com` and
`||example.com^`: tree) or one hosts entry (`0.0.0.0 example.com`: exact), and the other lines as they are, for
filters.formats. A line is simple only where the line reader would say the very same of it (tested); whatever is
doubtful is left to that. Builder only: needs numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from filters.fingerprint import MULTIPLIER, P1, P2
from filters.special import Reach

Numbers = NDArray[np.uint64]
_CHUNK = 1 << 19
_INVERSE = pow(P1, -1, P2)
_HOSTS = tuple(head + blank for head in (b"0.0.0.0", b"127.0.0.1", b"::", b"::1") for blank in (b" ", b"\t"))
_LONGEST_HOSTS = max(map(len, _HOSTS))
_SPARE = 253
"""Zeros before the text, so that a name near its beginning can be read right-aligned."""
_LEAST, _MOST = 4, 63
"""Sizes of a simple name: none longer than a label may be, so that no label can be too long."""


def _table(*ranges: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, dtype=bool)
    for pair in ranges:
        table[pair[0] : pair[-1] + 1] = True
    return table


_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:91] += 32
_OF_NAMES = _table(b"az", b"09", b"-", b".", b"_")
_LETTERS = _table(b"az")


@dataclass(frozen=True, slots=True)
class Scanned:
    """One list's text, taken apart."""

    fingerprints: Numbers
    lines: NDArray[np.uint32]
    """From 1."""
    reaches: NDArray[np.uint8]
    adblock: int
    """How many of them were written as adblock rules."""
    others: list[tuple[int, bytes]]
    """Number and bytes of each line that is not simple nor empty; its end is stripped, what stands before is not."""


def scan(content: bytes) -> Scanned:
    """Take a list's text apart, some megabytes at a time."""
    parts: list[Scanned] = []
    line = 1
    rules = b"badfilter" not in content  # such a rule takes others of its list back: the line reader sees to both
    for chunk in _chunks(content):
        found, count = _scan_chunk(chunk, line, rules=rules)
        parts.append(found)
        line += count
    return Scanned(
        np.concatenate([part.fingerprints for part in parts] or [np.empty(0, np.uint64)]),
        np.concatenate([part.lines for part in parts] or [np.empty(0, np.uint32)]),
        np.concatenate([part.reaches for part in parts] or [np.empty(0, np.uint8)]),
        sum(part.adblock for part in parts),
        [other for part in parts for other in part.others],
    )


def fingerprints_of(text: NDArray[np.uint8], ends: NDArray[np.int64], sizes: NDArray[np.int64]) -> Numbers:
    """Fingerprints (filters.fingerprint) of the names text[end - size : end], sizes 1.._SPARE, ends at least _SPARE."""
    order = np.argsort(-sizes, kind="stable")  # longest first: whoever has a k-th word from the end is a prefix
    ends, sizes = ends[order], sizes[order]
    wide = text.astype(np.uint32)
    words = wide[:-3] << 24 | wide[1:-2] << 16 | wide[2:-1] << 8 | wide[3:]
    one, two = np.zeros(len(ends), np.uint64), np.zeros(len(ends), np.uint64)
    for k in range((int(sizes[0]) - 1) // 4 if len(sizes) else -1, -1, -1):
        having = int(np.searchsorted(-sizes, -4 * k, side="left"))
        word = words[ends[:having] - 4 * (k + 1)].astype(np.uint64)
        rest = sizes[:having] - 4 * k
        short = rest < 4
        word[short] &= (np.uint64(1) << (8 * rest[short]).astype(np.uint64)) - np.uint64(
            1
        )  # the bytes before are others'
        for remainder, prime in ((one, P1), (two, P2)):
            remainder[:having] = (remainder[:having] << np.uint64(32) | word) % np.uint64(prime)
    one = one * np.uint64(MULTIPLIER % P1) % np.uint64(P1)
    two = two * np.uint64(MULTIPLIER % P2) % np.uint64(P2)
    factor = (two + np.uint64(2 * P2) - one) % np.uint64(P2) * np.uint64(_INVERSE) % np.uint64(P2)
    joined = np.empty(len(ends), np.uint64)
    joined[order] = one + np.uint64(P1) * factor + np.uint64(1)
    return joined


def _chunks(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        end = content.rfind(b"\n", at, at + _CHUNK)
        if end < 0:
            end = content.find(b"\n", at + _CHUNK)
        if end < 0 or len(content) - at <= _CHUNK:
            end = len(content)
        yield content[at:end]
        at = end + 1


def _scan_chunk(chunk: bytes, first_line: int, *, rules: bool) -> tuple[Scanned, int]:
    """What a chunk holds, and how many lines it has."""
    text = np.zeros(_SPARE + len(chunk) + _LONGEST_HOSTS + 4, np.uint8)
    text[_SPARE : _SPARE + len(chunk)] = _LOWER[np.frombuffer(chunk, np.uint8)]
    breaks = np.flatnonzero(text[_SPARE : _SPARE + len(chunk)] == 10) + _SPARE
    starts = np.concatenate(([_SPARE], breaks + 1))
    ends = _stripped(text, starts, np.concatenate((breaks, [_SPARE + len(chunk)])))
    bodies, name_ends = _after_hosts(text, starts, ends), ends
    ruled = np.zeros(len(starts), bool)
    if rules:
        ruled = (ends - starts > _LEAST) & (text[starts] == 124) & (text[starts + 1] == 124) & (text[ends - 1] == 94)
        bodies[ruled] += 2
        name_ends = ends - ruled
    simple = _are_simple(text, bodies, name_ends)
    rest = np.flatnonzero(~simple & (ends > starts))
    where = zip(rest.tolist(), (starts[rest] - _SPARE).tolist(), (ends[rest] - _SPARE).tolist(), strict=True)
    index = np.flatnonzero(simple)
    hosts = (bodies[index] > starts[index]) & ~ruled[index]
    found = Scanned(
        fingerprints_of(text, name_ends[index], (name_ends - bodies)[index]),
        (index + first_line).astype(np.uint32),
        np.where(hosts, Reach.EXACT, Reach.TREE).astype(np.uint8),
        int(np.count_nonzero(ruled & simple)),
        [(first_line + at, chunk[start:end]) for at, start, end in where],
    )
    return found, len(starts)


def _stripped(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Line ends without blanks and carriage returns before them."""
    ends = ends.copy()
    at = np.flatnonzero(ends > starts)
    while len(at):
        last = text[ends[at] - 1]
        at = at[(last == 32) | (last == 9) | (last == 13) | (last == 11) | (last == 12)]
        ends[at] -= 1
        at = at[ends[at] > starts[at]]
    return ends


def _after_hosts(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the name of a hosts line begins; the line's own start where it is none."""
    bodies = starts.copy()
    first = text[starts]
    at = np.flatnonzero(((first == 48) | (first == 49) | (first == 58)) & (ends - starts > _LEAST))
    if not len(at):
        return bodies
    heads = text[starts[at, None] + np.arange(_LONGEST_HOSTS)]
    for head in _HOSTS:
        fits = at[(heads[:, : len(head)] == np.frombuffer(head, np.uint8)).all(axis=1)]
        bodies[fits] = starts[fits] + len(head)
    return bodies


def _are_simple(text: NDArray[np.uint8], bodies: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Is it one name with a dot in it, with nothing to look at twice?"""
    sizes = ends - bodies
    odd = ~_OF_NAMES[text]
    dots = text == 46
    odd[1:] |= dots[1:] & dots[:-1]
    odd_before = np.cumsum(odd, dtype=np.int32)
    dots_before = np.cumsum(dots, dtype=np.int32)
    simple: NDArray[np.bool_] = (sizes >= _LEAST) & (sizes <= _MOST)
    bodies, last = np.where(simple, bodies, _SPARE), np.where(simple, ends - 1, _SPARE)
    first = text[bodies]
    simple &= (odd_before[last] == odd_before[bodies - 1]) & (dots_before[last] > dots_before[bodies - 1])
    simple &= (first != 46) & _LETTERS[text[last]]
    # names of this machine (localhost.localdomain, ip6-...) are told by the line reader
    second = text[bodies + 1]
    simple &= ~((first == 108) & (second == 111) & (text[bodies + 2] == 99))
    simple &= ~((first == 105) & (second == 112) & (text[bodies + 2] == 54))
    return simple
