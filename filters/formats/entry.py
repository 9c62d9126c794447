"""What comes out of a list's text: values, and the Reading that collects them line by line."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from filters.names import BadNameError, normal_form
from filters.special import MAX_PATTERNS, MAX_SPECIALS, Reach, Special

REJECTS_KEPT = 5
SHOWN = 80
"""Characters kept of a line that is an example of what was not used."""
SHOWN_RULE = 200
"""Characters kept of a line that is a Special."""

TOO_MANY = "too-many-rules"

_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NOT_NAMES = frozenset({"localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"})


class Format(StrEnum):
    """How most used lines of a list are written."""

    HOSTS = "hosts"
    PLAIN = "plain"
    ADBLOCK = "adblock"
    DNSMASQ = "dnsmasq"
    RPZ = "rpz"
    V2FLY = "v2fly"
    UBLACKLIST = "ublacklist"
    EXPRESSIONS = "expressions"
    NONE = "none"


class Entry(NamedTuple):
    """One name of a list."""

    name: str
    line: int
    reach: Reach


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
    specials: tuple[Special, ...]
    format: Format
    rejects: tuple[Rejects, ...]


@dataclass(slots=True)
class Zone:
    """Where a reader stands in a zone file (RFC 1035 section 5.1)."""

    origin: str = ""
    """What names are relative to, normal form; empty: the root."""
    apex: str = ""
    """The zone's own name, the owner of its SOA: triggers stand under it. Empty before it was seen."""
    owner: str = ""
    """The last owner, absolute; a line that begins with a blank means it again."""
    open: bool = False
    """A parenthesis is open: the record goes on."""


@dataclass(slots=True)
class Reading:
    """A list being read."""

    entries: list[Entry] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    patterns: int = 0
    """How many of them have no name."""
    shapes: Counter[Format] = field(default_factory=Counter)
    """Used lines by the syntax they are written in."""
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    zone: Zone | None = None
    """Set once the list is known to be a zone file."""
    cancelled: list[Special] = field(default_factory=list)
    """Rules with $badfilter, without it: their twins in the same list are taken out at its end."""
    kept_answers: list[Special] = field(default_factory=list)
    """`@@...$dnsrewrite` rules: answers of the same list they take out at its end."""

    def reject(self, reason: str, line: int, text: str) -> None:
        """Count a line, or a part of it, that is not used."""
        self.counts[reason] += 1
        kept = self.first.setdefault(reason, [])
        if len(kept) < REJECTS_KEPT:
            kept.append((line, text[:SHOWN]))

    def take(self, word: str, line: int, reach: Reach, shape: Format) -> None:
        """A name as somebody wrote it: normalised and taken, or counted with why not."""
        name = self.name(word, line)
        if name:
            self.shapes[shape] += 1
            self.entries.append(Entry(name, line, reach))

    def name(self, word: str, line: int) -> str:
        """The normal form of a listed name; empty when it is none a list may hold, which is counted."""
        try:
            name = normal_form(word)
        except BadNameError as bad:
            self.reject(bad.reason, line, word)
            return ""
        if name in _NOT_NAMES or name.startswith("ip6-"):
            self.reject("name-of-this-machine", line, name)
        elif is_address(name):
            self.reject("ip-address", line, name)
        else:
            return name
        return ""

    def add(self, special: Special, shape: Format) -> None:
        """A rule with conditions or an answer of its own; those no generation has room for are not gathered."""
        if len(self.specials) >= MAX_SPECIALS or (not special.name and self.patterns >= MAX_PATTERNS):
            self.reject(TOO_MANY, special.line, special.text)
            return
        self.shapes[shape] += 1
        self.patterns += not special.name
        self.specials.append(special)


def is_address(word: str) -> bool:
    """Does the word look like an IP address?"""
    if _IPV4.fullmatch(word):
        return True
    address = word.partition("%")[0]  # a scope may follow (RFC 4007 section 11)
    return address.count(":") > 1 and not address.strip("0123456789abcdefABCDEF:.")
