"""The names the DNS bench asks for: all names of a folder of lists, by category, and the queries of a replay.

In: a folder of lists (plain and hosts files, .xz or not; the other formats repeat the same names). Out: the names of
each category, whole and without doubles; queries as dnsperf and bench/native/pace.c read them. The same names go to
every server; each holds for the name and all below it. Names are strings here: nothing asks the world for them.
"""

import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

# what permits instead of refusing, addresses, and formats that say again what a plain file beside them says
_NOT_NAMES = re.compile(
    r"(^|/)(child|liste_bu|liste_blanche|sexual_education)/|/bypass/.*ip|/usage$|/urls$|expression|global_usage|LICENSE"
    r"|dnsmasq|dnscrypt|-filter|-ags|abpvn|ABP|UBL|RPZ|v2fly|exceptions|README"
)
_LINE = re.compile(
    rb"^(?:(?:0\.0\.0\.0|127\.0\.0\.1|::1?)[ \t]+)?((?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{1,62})[ \t\r]*(?:#.*)?$",
    re.MULTILINE | re.IGNORECASE,
)
# a library's categories, by what stands in a list's path; the first that fits
_CATEGORIES = (
    ("adult|lingerie|shock|snuff|dating", "adult"),
    ("gambling|arjel", "gambling"),
    ("games|pay-to-play|topup", "games"),
    ("malware|phishing|threat|ransom|scam|chongluadao|crypto|stalker|ddos|hacking|typo", "threats"),
    ("vpn|prox|doh|dns|tunnel|redirect|remote|bypass", "bypass"),
    ("tracking|ads|hostsvn|cname|nordic", "ads"),
    ("piracy|torrent|warez|filehosting|download", "downloads"),
    ("drug|drogue|dangerous", "drugs"),
    ("social", "social"),
    ("shorten", "shorteners"),
)
TYPES = {"A": 1, "AAAA": 28, "HTTPS": 65, "TXT": 16, "SRV": 33, "PTR": 12}


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a replay."""

    name: str
    type: str


def read_folder(folder: Path) -> dict[str, list[str]]:
    """Category -> its names in the lists' order; a name stands in the first category that has it."""
    seen: set[str] = set()
    categories: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if not _NOT_NAMES.search(f"/{path.relative_to(folder)}"):
            _add(categories, seen, category_of(str(path.relative_to(folder))), _content(path))
    return {category: names for category, names in categories.items() if names}


def read_shipped() -> dict[str, list[str]]:
    """The same of the lists that come with the program: for a clone without the big lists."""
    seen: set[str] = set()
    categories: dict[str, list[str]] = {}
    for each in sorted(resources.files("filters").joinpath("shipped").iterdir(), key=lambda each: each.name):
        if each.name.endswith(".txt") and not _NOT_NAMES.search(each.name):
            _add(categories, seen, category_of(each.name), each.read_bytes())
    return {category: names for category, names in categories.items() if names}


def first(categories: dict[str, list[str]], most: int) -> dict[str, list[str]]:
    """About `most` of the names, the same share of every category."""
    share = min(1.0, most / sum(map(len, categories.values())))
    return {category: names[: max(1, round(len(names) * share))] for category, names in categories.items()}


def _add(categories: dict[str, list[str]], seen: set[str], category: str, content: bytes) -> None:
    names = categories.setdefault(category, [])
    for match in _LINE.finditer(content):
        name = match[1].lower().decode()
        if name not in seen and len(name) <= 253:
            seen.add(name)
            names.append(name)


def category_of(path: str) -> str:
    """What a library would call it; the folders and files of the lists say it in their own ways."""
    return next((category for words, category in _CATEGORIES if re.search(words, path.lower())), "other")


def _content(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


class Listed:
    """Is a name, or one above it, on the lists?"""

    def __init__(self, categories: dict[str, list[str]]) -> None:
        self._names = {name for names in categories.values() for name in names}

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        name = name.lower().rstrip(".")
        while name:
            if name in self._names:
                return True
            name = name.partition(".")[2]
        return False


def read_replay(path: Path) -> list[Query]:
    """Lines "name TYPE", .xz or not."""
    lines = (line.split() for line in _content(path).decode().splitlines())
    return [Query(words[0], words[1]) for words in lines if len(words) == 2 and words[1] in TYPES]


def made_replay(categories: dict[str, list[str]], count: int) -> list[Query]:
    """A replay for a clone without one: one listed name in eight, the others open; few of them most of the time."""
    listed = [name for names in categories.values() for name in names]
    types = ("A", "A", "A", "AAAA", "HTTPS")
    return [
        Query(listed[n * 7919 % len(listed)], types[n % 5])
        if n % 8 == 0
        else Query(f"www.open{(n * n) % (n % 997 + 1)}.example", types[n % 5])
        for n in range(count)
    ]


def spread(items: Sequence[Query], most: int) -> list[Query]:
    """At most so many, from the whole length."""
    step = max(1, len(items) // most)
    return list(items[::step][:most])


def blocked_queries(categories: dict[str, list[str]], most: int) -> list[Query]:
    """Questions for the address of listed names, from all over the lists."""
    return spread([Query(name, "A") for names in categories.values() for name in names], most)


def write_dnsperf(path: Path, queries: Iterable[Query]) -> None:
    """The form of dnsperf -d."""
    path.write_text("".join(f"{query.name} {query.type}\n" for query in queries), encoding="ascii")


def write_paced(path: Path, queries: Iterable[Query], listed: Listed) -> None:
    """The form of bench/native/pace.c."""
    path.write_bytes(b"".join(_paced(queries, listed)))


def _paced(queries: Iterable[Query], listed: Listed) -> Iterator[bytes]:
    for query in queries:
        labels = (label.encode() for label in query.name.rstrip(".").split("."))
        question = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
        packet = b"\0\0\1\0\0\1\0\0\0\0\0\0" + question + TYPES[query.type].to_bytes(2, "big") + b"\0\1"
        yield bytes((query.name in listed,)) + len(packet).to_bytes(2, "big") + packet
