"""List lines that say more than "this name": modifiers of adblock rules, actions of RPZ, regular expressions.

They are few beside the millions of plain names, so they are kept as values, bounded in number, beside the big table.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from filters.names import is_under
from filters.settings import Action

MAX_SPECIALS = 20_000
MAX_PATTERNS = 500
"""In all lists together: each pattern is tried on every new name."""


class Reach(IntEnum):
    """How far a listed name reaches; two bits in the block set."""

    TREE = 0
    EXACT = 1
    BELOW = 2
    """All below it, not itself (RPZ and hosts-list wildcards)."""
    SPECIAL = 3
    """Its Special says."""


class Asker(NamedTuple):
    """Who asks, as list rules with conditions may name it: never a person, only what the network shows."""

    address: str = ""
    name: str = ""
    """The profile's name: what `$client='name'` means here."""
    tags: frozenset[str] = frozenset()


NOBODY = Asker()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An answer a list line gives in place of the refusal."""

    rcode: int = 0
    target: str = ""
    """Normal name the answer is an alias of (CNAME); it is resolved and its records are added.

    "*.d": the asked name below d (RPZ).
    """
    records: tuple[tuple[int, bytes], ...] = ()
    """Type and data in wire form, uncompressed."""
    drop: bool = False
    """RPZ's rpz-drop: answered REFUSED all the same (RFC 8906: no silent drops)."""
    tcp_only: bool = False
    """RPZ's rpz-tcp-only: TC by UDP, then answered as if not listed."""


@dataclass(frozen=True, slots=True)
class Special:
    """One line with conditions or an answer of its own."""

    line: int
    """In its list, from 1; no two have the same."""
    text: str
    """The line as it is written, at most 200 characters."""
    name: str = ""
    """Normal form; empty: the line has a pattern only, which is tried on every new name."""
    reach: Reach = Reach.TREE
    pattern: str = ""
    """Python regular expression searched in the whole normal name; with `name`: only in what that name reaches."""
    action: Action | None = None
    """None: what the list does with its names."""
    outranks: bool = False
    """An exception that holds against longer names, too (adblock's @@)."""
    important: bool = False
    types: frozenset[int] = frozenset()
    """Only these query types; empty: all but `not_types`."""
    not_types: frozenset[int] = frozenset()
    clients: tuple[str, ...] = ()
    """Addresses, networks or names of Asker; empty: all but `not_clients`."""
    not_clients: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    except_under: tuple[str, ...] = ()
    """$denyallow: names (with all below) the line does not hold for."""
    rewrite: Rewrite | None = None
    shadows: bool = False
    """Below its name it says nothing and hides what shorter names of its list say: a zone's name under a wildcard."""

    @property
    def asks_who(self) -> bool:
        """Does it depend on who asks?"""
        return bool(self.clients or self.not_clients or self.tags or self.not_tags)

    @property
    def conditions(self) -> int:
        """How many kinds of conditions it has: of two that hold, the one with more is the one to name."""
        said = (self.types, self.not_types, self.clients, self.not_clients, self.tags, self.not_tags, self.except_under)
        return sum(map(bool, said))


def holds(special: Special, qtype: int, asker: Asker, name: str) -> bool:
    """Does a line hold for this question: its reach, its types, its exceptions, and who it is for?"""
    return (
        _holds_for_type(special, qtype)
        and _reaches(special, name)
        and not any(is_under(name, each) for each in special.except_under)
        and (not special.asks_who or _holds_for_asker(special, asker))
    )


def _holds_for_type(special: Special, qtype: int) -> bool:
    return qtype not in special.not_types and (not special.types or qtype in special.types)


def _reaches(special: Special, name: str) -> bool:
    if not special.name:
        return True  # its pattern brought it here
    if special.reach is Reach.EXACT:
        reached = name == special.name
    else:
        reached = is_under(name, special.name) and not (special.reach is Reach.BELOW and name == special.name)
    return reached and (not special.pattern or re.search(special.pattern, name) is not None)


def _holds_for_asker(special: Special, asker: Asker) -> bool:
    if special.not_tags & asker.tags or (special.tags and not special.tags & asker.tags):
        return False
    address = _address(asker.address)
    if _is_among(special.not_clients, address, asker.name):
        return False
    return not special.clients or _is_among(special.clients, address, asker.name)


def _is_among(clients: Collection[str], address: IPv4Address | IPv6Address | None, name: str) -> bool:
    return any(client == name or _contains(client, address) for client in clients)


def _contains(client: str, address: IPv4Address | IPv6Address | None) -> bool:
    try:
        network = ip_network(client, strict=False)
    except ValueError:
        return False  # the name of somebody else
    return address is not None and address.version == network.version and address in network


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
