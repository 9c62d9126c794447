"""Lines of v2fly's domain lists and match patterns of uBlacklist: both name domains in a wrapping of their own.

In: one line. Out: Entries, Specials for keywords and expressions; what points elsewhere or at paths is counted.
"""

import re

from filters.formats.entry import SHOWN_RULE, Format, Reading
from filters.formats.regex import BadPatternError, translated
from filters.settings import Action
from filters.special import Reach, Special

V2FLY = re.compile(r"(domain|full|keyword|regexp|include):(\S+)(?:\s+[@&].*)?")
UBLACKLIST = re.compile(r"@?(?:\*|https?)://(\*\.)?([^/*:]+)(?::\d{1,5})?(/.*)?")
_LEAST_KEYWORD = 4
"""A shorter one hits half the world by chance."""


def read_v2fly(line: str, number: int, reading: Reading) -> None:
    """Read one line that fits V2FLY; attributes (@cn) are for those who choose among them."""
    fitting = V2FLY.fullmatch(line)
    if fitting is None:
        reading.reject("v2fly-line", number, line)
        return
    kind, value = fitting.groups()
    if kind in ("domain", "full"):
        reading.take(value, number, Reach.TREE if kind == "domain" else Reach.EXACT, Format.V2FLY)
    elif kind == "include":
        reading.reject("v2fly-include", number, line)
    elif kind == "keyword" and len(value) < _LEAST_KEYWORD:
        reading.reject("v2fly-short-keyword", number, line)
    else:
        read_pattern(re.escape(value) if kind == "keyword" else value, line, number, reading, Format.V2FLY)


def read_pattern(pattern: str, line: str, number: int, reading: Reading, shape: Format) -> None:
    """Take a regular expression, or count why not."""
    try:
        reading.add(Special(number, line[:SHOWN_RULE], pattern=translated(pattern)), shape)
    except BadPatternError as bad:
        reading.reject(str(bad), number, line)


def read_ublacklist(line: str, number: int, reading: Reading) -> None:
    """Read one line that fits UBLACKLIST: `*://*.d/*` is d and all below."""
    fitting = UBLACKLIST.fullmatch(line)
    if fitting is None or fitting[3] not in (None, "/", "/*"):
        reading.reject("url-path", number, line)
        return
    reach = Reach.TREE if fitting[1] else Reach.EXACT
    if not line.startswith("@"):
        reading.take(fitting[2], number, reach, Format.UBLACKLIST)
    elif name := reading.name(fitting[2], number):
        exception = Special(number, line[:SHOWN_RULE], name, reach, action=Action.ALLOW, outranks=True)
        reading.add(exception, Format.UBLACKLIST)
