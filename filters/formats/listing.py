"""A list's bytes -> Listing: the entrance of the package.

Syntaxes are told line by line, so that a list may mix them; the one most used lines are written in is the list's.
Never fails on odd bytes: byte-order marks, CR LF, NUL, invalid UTF-8 and endless lines are lines like others.
"""

import re

from filters.errors import FilterError
from filters.formats import adblock, rpz
from filters.formats.entry import TOO_MANY, Entry, Format, Listing, Reading, Rejects
from filters.formats.lines import read_line
from filters.formats.v2fly import read_pattern
from filters.special import Reach

_SIMPLE = re.compile(rb"(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,63}")
_KNOWN = frozenset({"ip-address", "name-of-this-machine", TOO_MANY})
"""Reasons that speak for a list, not against it: its syntax is known, the line is of no use to DNS."""
_KNOWN_SYNTAX = ("adblock-", "dnsmasq-", "rpz-", "regex-", "v2fly-", "url-")


def read_listing(content: bytes, *, where: str, form: Format | None = None) -> Listing:
    """Read a list; FilterError when it is junk: a web page, nothing usable, or more rubbish than names.

    `where` names the list in the error. `form`: EXPRESSIONS is a list of bare regular expressions, which no line can
    be told by; every other is told by its lines.
    """
    reading = Reading()
    for number, raw in enumerate(map(bytes.rstrip, plain_text(content, where).split(b"\n")), 1):
        if form is Format.EXPRESSIONS:
            _read_expression(raw.decode("utf-8", "replace").strip(), number, reading)
        elif _SIMPLE.fullmatch(raw) and len(raw) <= 253:
            reading.shapes[Format.PLAIN] += 1  # nearly every line of a big plain list
            reading.entries.append(Entry(raw.decode("ascii"), number, Reach.TREE))
        elif raw:
            read_line(raw.decode("utf-8", "replace"), number, reading)
    return listing_of(reading, where)


def plain_text(content: bytes, where: str) -> bytes:
    """The list in UTF-8 with line feeds alone; FilterError when it is a web page."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    _refuse_web_page(content, where)
    return content


def _read_expression(line: str, number: int, reading: Reading) -> None:
    if line and line[0] != "#":
        read_pattern(line, line, number, reading, Format.EXPRESSIONS)


def listing_of(reading: Reading, where: str, simple: int = 0) -> Listing:
    """What was read, once all lines are; FilterError when it is junk. `simple`: names filters.scan has taken."""
    adblock.settle(reading)
    rpz.settle(reading)
    _refuse_junk(reading, where, simple)
    shape = reading.shapes.most_common(1)[0][0] if reading.shapes else Format.NONE
    rejects = tuple(
        Rejects(reason, count, tuple(reading.first[reason])) for reason, count in sorted(reading.counts.items())
    )
    return Listing(tuple(reading.entries), tuple(reading.specials), shape, rejects)


def _refuse_web_page(content: bytes, where: str) -> None:
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<html" in head or b"<head>" in head:
        raise FilterError(
            "is a web page, not a list of names",
            where=where,
            hint="fetch the list's raw text; a login or error page may have been saved in its place",
        )


def _refuse_junk(reading: Reading, where: str, simple: int) -> None:
    counts = reading.counts
    used = simple + len(reading.entries) + len(reading.specials)
    rubbish = sum(
        count for reason, count in counts.items() if reason not in _KNOWN and not reason.startswith(_KNOWN_SYNTAX)
    )
    if used and rubbish <= used:
        return
    if not counts and not used:
        raise FilterError("is empty: no name in it", where=where, hint="fetch it again, or take it out of dns.lists")
    first_line, first_text = min(example for kept in reading.first.values() for example in kept)
    told = ", ".join(f"{reason} {count}" for reason, count in counts.most_common(3))
    raise FilterError(
        f"is no list of names: {used} good lines, {counts.total()} not used ({told});"
        f" the first is line {first_line}: {first_text!r}",
        where=where,
        hint="lists are hosts lines (0.0.0.0 name), one domain a line, or adblock, dnsmasq, RPZ, v2fly rules for DNS",
    )
