"""Where lists come from -> their bytes, and what tells one version of a list from the next.

In: a Source and the directory of fetched copies (filters.fetch fills it). Out: one text a list, unpacked and bounded;
for lists of addresses the networks themselves.
"""

import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any

from filters.errors import FilterError
from filters.formats.entry import REJECTS_KEPT, SHOWN, Rejects
from filters.packing import PackingError, folder_of, is_archive, plain
from filters.settings import Action, FilterSettings, Kind, Source

Network = IPv4Network | IPv6Network

_PACKAGE = "package:"
_PARTS = ("domains", "urls", "expressions")
"""The files of a UT1 folder that hold entries, in the order they are read."""
_USAGE = "usage"
_READING = ("names", "packing", "scan", "segments", "sources", "special")
_PACKINGS = ("", ".gz", ".xz", ".bz2")
_WIDEST = {4: 8, 6: 16}
_LEAST_SHARE = 0.5
_SMALL = 20
# Documentation ranges are left out: they lead nowhere, and laboratories use them as the outside.
_INSIDE = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/8", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)


@dataclass(frozen=True, slots=True)
class AddressListing:
    """What was read out of lists of addresses."""

    networks: tuple[Network, ...]
    """Sorted, IPv4 first; none overlaps another."""
    rejects: tuple[Rejects, ...] = ()
    skipped: tuple[FilterError, ...] = ()
    """Lists that could not be read."""


def fetched_directory(settings: FilterSettings) -> Path:
    """Where the copies of fetched lists are."""
    return settings.blockset_directory / "fetched"


def is_shipped(source: Source) -> bool:
    """Does the list come with the program?"""
    return source.location.startswith(_PACKAGE)


def is_fetched(source: Source) -> bool:
    """Does the list come by HTTP?"""
    return source.location.startswith(("https://", "http://"))


def fetched_copy(source: Source, fetched: Path) -> Path:
    """Where the copy of a fetched list is, or would be; another address of the same list has another copy."""
    return fetched / f"{source.name}-{blake2b(source.location.encode(), digest_size=6).hexdigest()}.list"


def where_of(source: Source) -> str:
    """How messages name a list."""
    return f"list {source.name} ({source.location})"


def read_source(source: Source, fetched: Path) -> bytes:
    """A list's text; FilterError when there is none, or more than `max_bytes` of it.

    A folder as UT1 has them is one text: its domains, urls and expressions one after another, numbered through.
    """
    if is_shipped(source):
        return _shipped(source)
    path = fetched_copy(source, fetched) if is_fetched(source) else Path(source.location)
    if path.is_dir():
        return _text_of(_folder(path, source), source)
    if is_fetched(source) and not path.exists():
        raise FilterError("was not fetched yet", where=where_of(source), hint="run: cong lists update")
    return text_of(_read(path, source), source)


def text_of(content: bytes, source: Source) -> bytes:
    """The text in a list's bytes as they were fetched or stand in a file; FilterError as read_source has it."""
    content = _plain(content, source)
    if not is_archive(content):
        return content
    try:
        return _text_of(folder_of(content, frozenset({*_PARTS, _USAGE})), source)
    except PackingError as bad:
        raise FilterError(str(bad), where=where_of(source), hint="name an archive with one list in it") from bad


def stamp(source: Source, fetched: Path) -> list[Any]:
    """What tells one version of a list, of what is said of it, and of its reader from the next: JSON values, no big
    file is read.
    """
    said = [source.name, source.category, source.location, source.action.value, source.match.value, source.max_bytes]
    said.append(_readers())
    try:
        if is_shipped(source):
            return [*said, blake2b(_shipped(source), digest_size=16).hexdigest()]
        about = [path.stat() for path in files_of(source, fetched)]
        return [*said, *(value for each in about for value in (each.st_size, each.st_mtime_ns))]
    except (OSError, FilterError):
        return [*said, "missing"]


def files_of(source: Source, fetched: Path) -> list[Path]:
    """The files a list that is not shipped is read from; the one it would be read from when there is none."""
    path = fetched_copy(source, fetched) if is_fetched(source) else Path(source.location)
    return [each for name in (*_PARTS, _USAGE) if (each := _part(path, name))] if path.is_dir() else [path]


def has_shrunk(before: int, now: int) -> bool:
    """Has a list lost so many of its entries that it is a fault more often than a wish?

    More than half of them; but a list of a few is somebody's own, and may.
    """
    return before > _SMALL and now < _LEAST_SHARE * before


def read_addresses(sources: Iterable[Source], fetched: Path) -> AddressListing:
    """The networks of all lists of addresses among the sources; lists that can't be read are left out and told."""
    found: list[AddressListing] = []
    rejects: dict[str, Rejects] = {}
    skipped: list[FilterError] = []
    for source in sources:
        if source.kind is not Kind.ADDRESSES:
            continue
        try:
            listing = addresses_in(read_source(source, fetched))
        except FilterError as bad:
            skipped.append(bad)
            continue
        found.append(listing)
        for each in listing.rejects:
            before = rejects.get(each.reason, Rejects(each.reason, 0, ()))
            first = (*before.first, *each.first)[:REJECTS_KEPT]
            rejects[each.reason] = Rejects(each.reason, before.count + each.count, first)
    return AddressListing(networks_of(found), tuple(rejects[key] for key in sorted(rejects)), tuple(skipped))


def networks_of(listings: Iterable[AddressListing]) -> tuple[Network, ...]:
    """Of several lists, each once and none within another; one list's come so."""
    lists = [each.networks for each in listings]
    return lists[0] if len(lists) == 1 else _collapsed([network for each in lists for network in each])


def addresses_in(content: bytes) -> AddressListing:
    """The networks of one list: an address or a network a line, `#` before what is only said of it.

    Networks that would cut the library off are refused: its own, multicast, and any wider than /8 (IPv6: /16).
    """
    networks: set[Network] = set()
    counts: Counter[str] = Counter()
    first: dict[str, list[tuple[int, str]]] = {}
    for number, raw in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line or line[0] in ";!":
            continue
        try:
            network = ip_network(line, strict=False)
        except ValueError:
            reason = "not-an-address"
        else:
            reason = _why_not(network)
            if not reason:
                networks.add(network)
                continue
        counts[reason] += 1
        if len(kept := first.setdefault(reason, [])) < REJECTS_KEPT:
            kept.append((number, line[:SHOWN]))
    rejects = tuple(Rejects(reason, counts[reason], tuple(first[reason])) for reason in sorted(counts))
    return AddressListing(_collapsed(networks), rejects)


@cache
def _readers() -> str:
    """The program's own text that reads lists: after an upgrade that changes it, all are read anew."""
    here = Path(__file__).parent
    digest = blake2b(digest_size=8)
    for path in sorted((*here.glob("formats/*.py"), *(here / f"{room}.py" for room in _READING))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _why_not(network: Network) -> str:
    if network.prefixlen < _WIDEST[network.version]:
        return "network-too-wide"
    if any(network.version == inside.version and network.overlaps(inside) for inside in _INSIDE):
        return "private-or-multicast"
    return ""


def _collapsed(networks: Iterable[Network]) -> tuple[Network, ...]:
    v4 = [each for each in networks if isinstance(each, IPv4Network)]
    v6 = [each for each in networks if isinstance(each, IPv6Network)]
    return (*collapse_addresses(v4), *collapse_addresses(v6))


def _shipped(source: Source) -> bytes:
    name = source.location.removeprefix(_PACKAGE)
    try:
        return resources.files("filters").joinpath("shipped", f"{name}.txt").read_bytes()
    except OSError as error:
        raise _unreadable(source, error) from error


def _folder(path: Path, source: Source) -> dict[str, bytes]:
    parts = {name: part for name in (*_PARTS, _USAGE) if (part := _part(path, name))}
    if not parts.keys() & set(_PARTS):
        hint = "name a folder with a file `domains` in it, or a list's file"
        raise FilterError(f"is a folder without any of: {', '.join(_PARTS)}", where=where_of(source), hint=hint)
    return {name: _plain(_read(part, source), source) for name, part in parts.items()}


def _part(folder: Path, name: str) -> Path | None:
    """One file of a folder, packed or not."""
    return next((path for ending in _PACKINGS if (path := folder / (name + ending)).is_file()), None)


def _text_of(parts: dict[str, bytes], source: Source) -> bytes:
    usage = parts.get(_USAGE, b"").split()
    if b"white" in usage and b"black" not in usage and source.action is Action.BLOCK:
        raise _misused(source, "names to keep open", "allow")
    if b"black" in usage and b"white" not in usage and source.action is Action.ALLOW:
        raise _misused(source, "names to refuse", "block")
    texts = [parts[name] for name in _PARTS[:2] if name in parts]
    texts.append(b"\n".join(_expression(line.strip()) for line in parts.get("expressions", b"").split(b"\n")))
    text = b"".join(each if each.endswith(b"\n") or not each else each + b"\n" for each in texts)
    if len(text) > source.max_bytes:
        raise _too_large(source)
    return text


def _expression(line: bytes) -> bytes:
    """A bare regular expression as readers of lists know one."""
    is_written_so = len(line) > 2 and line[:1] == b"/" == line[-1:]
    return line if not line or line[:1] == b"#" or is_written_so else b"/" + line + b"/"


def _misused(source: Source, holds: str, action: str) -> FilterError:
    hint = f'set action = "{action}" for it in dns.lists, or take it out'
    return FilterError(f"is a list of {holds}, by its file `usage`", where=where_of(source), hint=hint)


def _plain(content: bytes, source: Source) -> bytes:
    try:
        return plain(content, source.max_bytes)
    except PackingError as bad:
        hint = "raise its max_size in dns.lists if it is meant to be so, or fetch it again"
        raise FilterError(str(bad), where=where_of(source), hint=hint) from bad


def _read(path: Path, source: Source) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # to open a pipe would be to wait for ever
            raise FilterError("is no file", where=where_of(source), hint="name a file, a folder or a web address")
        if about.st_size > source.max_bytes:
            raise _too_large(source)
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(source, error) from error


def _too_large(source: Source) -> FilterError:
    hint = "raise its max_size in dns.lists if it is meant to be so"
    return FilterError(f"is larger than {source.max_bytes} bytes", where=where_of(source), hint=hint)


def _unreadable(source: Source, error: OSError) -> FilterError:
    hint = "correct its location in dns.lists, or take it out"
    return FilterError(f"can't be read: {error.strerror}", where=where_of(source), hint=hint)
