"""One line of a list -> what it says, by the syntax it is written in.

In: the line's text, its number, the Reading that collects. Hosts lines and plain domains are read here, other syntaxes
in their own modules. What is not understood is counted, not guessed at: a rule half understood blocks the wrong thing.
"""

import re

from filters.formats import dnsmasq, rpz
from filters.formats.adblock import COSMETIC, read_rule
from filters.formats.entry import SHOWN, Format, Reading, is_address
from filters.formats.v2fly import UBLACKLIST, V2FLY, read_ublacklist, read_v2fly
from filters.special import Reach

MAX_LINE = 4096

_RULE = re.compile(r"(?:@@|\|)[^\s,]|[\^$*]|:/|^/.*/(?:\$|$)|/\$")
_URL = re.compile(r"(?:https?://)?([^/\s?#:]+)(?::\d+)?/?")


def read_line(text: str, number: int, reading: Reading) -> None:
    """Read one line; blanks before it matter in zone files, its end is stripped."""
    if reading.zone is not None and reading.zone.open:
        rpz.read_zone_line(text, number, reading)
        return
    line = text.strip()
    if not line or _is_comment(line):
        return
    if len(line) > MAX_LINE:
        reading.reject("line-too-long", number, line[:SHOWN])
        return
    if line[:2] in ("||", "@@") and " " not in line:  # most lines of a big list that is not plain
        read_rule(line, number, reading)
    elif " " in line or "\t" in line:
        _read_words(text, line, number, reading)
    else:
        _read_word(line, number, reading)


def _is_comment(line: str) -> bool:
    if line[0] in "#!;":
        return not (line[:2] == "##" and len(line) > 2 and line[2] not in "# \t=-*")  # else a cosmetic rule
    return line[0] == "[" and line[-1] == "]"


def _read_words(text: str, line: str, number: int, reading: Reading) -> None:
    if rpz.LINE.match(text):
        rpz.read_zone_line(text, number, reading)
        return
    head, mark, _ = line.partition("#")
    if mark and head[-1:] in (" ", "\t") and not any(each in line for each in COSMETIC):
        line = head.rstrip()
    words = line.split()
    if len(words) == 1:
        _read_word(words[0], number, reading)
    elif is_address(words[0]):
        _read_hosts(words[1:], number, reading)
    elif V2FLY.fullmatch(line):
        read_v2fly(line, number, reading)
    elif all(word[0] in "@&" for word in words[1:]):  # v2fly: a domain with attributes
        reading.take(words[0], number, Reach.TREE, Format.V2FLY)
    elif any(each in line for each in COSMETIC) or _RULE.match(line):
        read_rule(line, number, reading)
    else:
        reading.reject("several-words", number, line)


def _read_hosts(words: list[str], number: int, reading: Reading) -> None:
    for word in words:
        reach = Reach.BELOW if word.startswith("*.") else Reach.EXACT
        reading.take(word.removeprefix("*."), number, reach, Format.HOSTS)


def _read_word(word: str, number: int, reading: Reading) -> None:
    if is_address(word):
        reading.reject("ip-address", number, word)
    elif dnsmasq.LINE.fullmatch(word) and (word.partition("=")[2][:1] == "/" or "/" not in word):
        dnsmasq.read_option(word, number, reading)
    elif UBLACKLIST.match(word):
        read_ublacklist(word, number, reading)
    elif V2FLY.fullmatch(word):
        read_v2fly(word, number, reading)
    elif word.startswith("*.") and "*" not in word[2:] and "/" not in word and "^" not in word and "$" not in word:
        reading.take(word[2:], number, Reach.TREE, Format.PLAIN)  # a wildcard list: each means its domain, too
    elif _RULE.search(word) or any(each in word for each in COSMETIC):
        read_rule(word, number, reading)
    else:
        _read_plain(word, number, reading)


def _read_plain(word: str, number: int, reading: Reading) -> None:
    url = _URL.fullmatch(word.partition("#")[0])
    if url is None:
        reading.reject("url-path" if "/" in word else "bad-character", number, word)
    else:
        reach = Reach.EXACT if "//" in word else Reach.TREE
        reading.take(url[1].removeprefix("*").removeprefix("."), number, reach, Format.PLAIN)
