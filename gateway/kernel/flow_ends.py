"""Who talks to whom: the ends of a connection, read from the kernel's answer about it (pure).

A table holds thousands, and each is looked at whenever somebody signs in. Source and destination are at the same place
in all of a family, so they are read there, and attribute by attribute only where the kernel writes them otherwise.
Layout: linux/netfilter/nfnetlink_conntrack.h, ctnetlink_dump_tuples of net/netfilter/nf_conntrack_netlink.c.
"""

import struct
from socket import AF_INET, AF_INET6
from typing import NamedTuple

from gateway.kernel.nfnetlink import attributes

_TUPLE_ORIGIN, _TUPLE_IP, _TUPLE_PROTOCOL, _TO_PORT = 1, 1, 2, 3
_FROM_TO: dict[int, tuple[int, int]] = {AF_INET: (1, 2), AF_INET6: (3, 4)}
_FAMILY_BYTES = 4
_NESTED = 0x8000
_PORT_HEAD = struct.pack("=HH", 6, _TO_PORT)


class Ends(NamedTuple):
    """Of the direction that began the connection."""

    source: bytes
    destination: bytes
    port: bytes
    """Of the destination; b"" where the protocol has none."""


class _Places:
    """Where the ends stand in an entry that begins as all of this family do."""

    def __init__(self, width: int, from_kind: int) -> None:
        """`width`: bytes of an address."""
        # nested IP attribute, source's head, source, destination's head, destination, nested protocol, number, ports
        self.begin = struct.pack("=HHHH", 12 + 2 * width, _TUPLE_IP | _NESTED, 4 + width, from_kind)
        self.source = slice(16, 16 + width)
        self.destination = slice(20 + width, 20 + 2 * width)
        port = 40 + 2 * width
        self.port_head, self.port = slice(port, port + 4), slice(port + 4, port + 6)


_PLACES = {places.begin: places for places in (_Places(4, 1), _Places(16, 3))}


def ends_of(body: bytes) -> Ends:
    """Of one entry, as a dump has it."""
    places = _PLACES.get(body[8:16])
    if places is None:
        return parsed_ends(body)
    port = body[places.port] if body[places.port_head] == _PORT_HEAD else b""
    return Ends(body[places.source], body[places.destination], port)


def parsed_ends(body: bytes) -> Ends:
    """The same, whatever the order of its parts."""
    parts = {kind: dict(attributes(value)) for kind, value in attributes(origin_of(body))}
    ip, protocol = parts.get(_TUPLE_IP, {}), parts.get(_TUPLE_PROTOCOL, {})
    from_kind, to_kind = _FROM_TO.get(body[0], (0, 0))
    return Ends(ip.get(from_kind, b""), ip.get(to_kind, b""), protocol.get(_TO_PORT, b""))


def origin_of(body: bytes) -> bytes:
    """The attribute that names the connection: of the direction that began it."""
    return next((value for kind, value in attributes(body[_FAMILY_BYTES:]) if kind == _TUPLE_ORIGIN), b"")
