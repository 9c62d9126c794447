"""List text -> names with their line numbers, and what was not used, by reason.

In: a list's bytes, as they came. Out: Listing. Understood line by line: hosts lines (`0.0.0.0 a b c`: exact) and plain
domains (`example.com`, `*.example.com`, `.example.com`: the name and all below). Other syntaxes are counted,
not guessed at: a blocking rule half understood blocks the wrong thing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from filters.errors import FilterError
from filters.names import BadNameError, normal_form

REJECTS_KEPT = 5
MAX_LINE = 4096

_SIMPLE = re.compile(rb"(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,63}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_ADBLOCK = re.compile(r"^(?:@@|\|)|##|#@#|#\?#|\^|\$")
_NOT_NAMES = frozenset({"localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"})


class Format(StrEnum):
    """How most used lines of a list are written."""

    HOSTS = "hosts"
    PLAIN = "plain"
    NONE = "none"


class Entry(NamedTuple):
    """One name of a list; `exact`: only this name (hosts lines), else it and all below (plain)."""

    name: str
    line: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Rejects:
    """Lines not used for one reason; a few are kept as examples."""

    reason: str
    count: int
    first: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that was read out of one list."""

    entries: tuple[Entry, ...]
    format: Format
    rejects: tuple[Rejects, ...]


@dataclass(slots=True)
class _Reading:
    entries: list[Entry] = field(default_factory=list)
    hosts_lines: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def reject(self, reason: str, line: int, text: str) -> None:
        self.counts[reason] += 1
        kept = self.first.setdefault(reason, [])
        if len(kept) < REJECTS_KEPT:
            kept.append((line, text[:80]))


def read_listing(content: bytes, *, where: str) -> Listing:
    """Read a list; FilterError when it is junk: a web page, nothing usable, or more rubbish than names.

    `where` names the list in the error. Never fails on odd bytes: byte-order marks, CR LF, NUL, invalid UTF-8 and
    endless lines are lines like others, used or counted.
    """
    _refuse_web_page(content, where)
    reading = _Reading()
    entries = reading.entries
    for number, raw in enumerate(_lines(content), 1):
        if _SIMPLE.fullmatch(raw) and len(raw) <= 253:
            entries.append(Entry(raw.decode("ascii"), number, False))  # nearly every line of a big plain list
        elif raw:
            _read_line(raw, number, reading)
    _refuse_junk(reading, where)
    hosts = reading.hosts_lines * 2 > len(entries)
    rejects = tuple(
        Rejects(reason, count, tuple(reading.first[reason])) for reason, count in sorted(reading.counts.items())
    )
    return Listing(tuple(entries), Format.HOSTS if hosts else Format.PLAIN if entries else Format.NONE, rejects)


def _lines(content: bytes) -> Iterator[bytes]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return map(bytes.strip, content.split(b"\n"))


def _read_line(raw: bytes, number: int, reading: _Reading) -> None:
    if raw[:1] in b"#!;" or (raw[:1] == b"[" and raw[-1:] == b"]"):
        if raw[:2] == b"##" and len(raw) > 2 and raw[2:3] not in b"# \t=-*":
            reading.reject("adblock", number, raw.decode("utf-8", "replace"))  # a cosmetic rule, not a heading
        return
    if len(raw) > MAX_LINE:
        reading.reject("line-too-long", number, raw[:80].decode("utf-8", "replace"))
        return
    line = raw.decode("utf-8", "replace")
    head, mark, _ = line.partition("#")
    if mark and (not head or head[-1] in " \t" or _ADBLOCK.search(line) is None):
        line = head
    words = line.split()
    if len(words) > 1 and _is_address(words[0]):
        reading.hosts_lines += 1
        for word in words[1:]:
            _take(word, number, True, reading)
    elif len(words) == 1:
        _read_word(words[0], number, reading)
    elif words:
        reading.reject("adblock" if _ADBLOCK.search(line) else "several-words", number, line)


def _read_word(word: str, number: int, reading: _Reading) -> None:
    if len(word) > 1 and word[0] == "/" == word[-1]:
        reading.reject("regular-expression", number, word)
    elif _ADBLOCK.search(word):
        reading.reject("adblock", number, word)
    elif "=" in word and "/" in word:
        reading.reject("dnsmasq", number, word)
    elif "/" in word:
        reading.reject("address-with-path", number, word)
    elif _is_address(word):
        reading.reject("ip-address", number, word)
    else:
        _take(word.removeprefix("*").removeprefix(".") if word[0] in "*." else word, number, False, reading)


def _take(word: str, number: int, exact: bool, reading: _Reading) -> None:
    try:
        name = normal_form(word)
    except BadNameError as bad:
        reading.reject(bad.reason, number, word)
        return
    if name in _NOT_NAMES or name.startswith("ip6-"):
        reading.reject("name-of-this-machine", number, name)
    elif _IPV4.fullmatch(name):
        reading.reject("ip-address", number, name)
    else:
        reading.entries.append(Entry(name, number, exact))


def _is_address(word: str) -> bool:
    return _IPV4.fullmatch(word) is not None or (word.count(":") > 1 and not word.strip("0123456789abcdefABCDEF:.%"))


def _refuse_web_page(content: bytes, where: str) -> None:
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<html" in head or b"<head>" in head:
        raise FilterError(
            "is a web page, not a list of names",
            where=where,
            hint="fetch the list's raw text; a login or error page may have been saved in its place",
        )


def _refuse_junk(reading: _Reading, where: str) -> None:
    counts = reading.counts
    known_syntax = ("adblock", "dnsmasq", "regular-expression", "ip-address", "name-of-this-machine")
    rubbish = sum(count for reason, count in counts.items() if reason not in known_syntax)
    if reading.entries and rubbish <= len(reading.entries):
        return
    if not counts and not reading.entries:
        raise FilterError("is empty: no name in it", where=where, hint="fetch it again, or take it out of dns.lists")
    first_line, first_text = min(example for kept in reading.first.values() for example in kept)
    told = ", ".join(f"{reason} {count}" for reason, count in counts.most_common(3))
    hint = "lists are hosts lines (0.0.0.0 name) or one domain a line"
    if counts["adblock"] > rubbish:
        hint += "; adblock syntax is not read yet: take the list's hosts or plain form"
    raise FilterError(
        f"is no list of names: {len(reading.entries)} good lines, {counts.total()} not used ({told});"
        f" the first is line {first_line}: {first_text!r}",
        where=where,
        hint=hint,
    )
