"""Ends of connections: read at their places as they are read part by part."""

import struct
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP

import pytest

from gateway.kernel.flow_ends import Ends, ends_of, origin_of, parsed_ends
from gateway.kernel.nfnetlink import attribute


def entry(source: str, destination: str, protocol: int, *, turned: bool = False) -> bytes:
    """As ctnetlink writes it: family, origin, reply, mark; `turned`: the destination first, as no kernel yet does."""
    first, second = ip_address(source), ip_address(destination)
    kinds = (1, 2) if first.version == 4 else (3, 4)
    addresses = [attribute(kind, each.packed) for kind, each in zip(kinds, (first, second), strict=True)]
    if turned:
        addresses.reverse()
    number = attribute(1, bytes([protocol]))
    if protocol == IPPROTO_ICMP:
        parts = attribute(4, b"\x12\x34") + attribute(5, b"\x08") + attribute(6, b"\x00")
    else:
        parts = attribute(2, struct.pack("!H", 40000)) + attribute(3, struct.pack("!H", 443))
    origin = attribute(1, b"".join(addresses), nested=True) + attribute(2, number + parts, nested=True)
    family = AF_INET if first.version == 4 else AF_INET6
    return (
        struct.pack("!BBH", family, 0, 0)
        + attribute(1, origin, nested=True)
        + attribute(2, origin, nested=True)
        + attribute(8, struct.pack("!I", 7))
    )


PAIRS = [("10.77.0.5", "198.18.0.1"), ("2001:db8:77::5", "2001:db8::1")]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("protocol", [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP])
def test_ends_of_both_families(pair: tuple[str, str], protocol: int, turned: bool) -> None:
    body = entry(*pair, protocol, turned=turned)
    port = b"" if protocol == IPPROTO_ICMP else struct.pack("!H", 443)
    wanted = Ends(ip_address(pair[0]).packed, ip_address(pair[1]).packed, port)
    assert ends_of(body) == parsed_ends(body) == wanted


def test_what_is_no_entry_has_no_ends() -> None:
    assert ends_of(b"\x02\0\0\0") == Ends(b"", b"", b"")
    assert origin_of(b"\x02\0\0\0") == b""
