"""Router advertisements: the prefix devices form their addresses in, this box as their resolver, and the portal.

dnsmasq can't send option 37 (RFC 8910 section 2.3), so the few lines stand here. Packets per RFC 4861 section 4.2,
options per RFC 4861 section 4.6.2 (prefix), RFC 8106 section 5.1 (resolver), RFC 8910 section 2.3 (captive portal).
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

_ALL_NODES, _ALL_ROUTERS = "ff02::1", "ff02::2"
_ROUTER_SOLICIT, _ROUTER_ADVERT = 133, 134
_ICMP6_FILTER = 1
_ROUTER_LIFE_S = 1800
_OTHER_CONFIGURATION = 0x40  # O, without M: addresses are the devices' own, options come by DHCPv6 (RFC 4861 4.2)
_EVERY_S = 200  # RFC 4861 section 6.2.1: at most 1/3 of the router's life, well under it for lossy Wi-Fi


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What is told to the library network."""

    prefix: IPv6Network
    resolver: IPv6Address
    portal_api: str | None
    """The RFC 8908 API's https URL; None when there is no certificate: then the option is not sent."""


def packet(told: Advertisement) -> bytes:
    """The ICMPv6 message without its checksum, which the kernel fills in."""
    head = struct.pack("!BBHBBHII", _ROUTER_ADVERT, 0, 0, 64, _OTHER_CONFIGURATION, _ROUTER_LIFE_S, 0, 0)
    on_link_and_autonomous = 0xC0
    prefix = struct.pack("!BBIII", told.prefix.prefixlen, on_link_and_autonomous, 86400, 14400, 0)
    options = _option(3, prefix + told.prefix.network_address.packed)
    options += _option(25, struct.pack("!HI", 0, _ROUTER_LIFE_S) + told.resolver.packed)
    if told.portal_api:
        options += _option(37, told.portal_api.encode("ascii"))
    return head + options


async def advertise(interface: str, now: Callable[[], Advertisement]) -> None:
    """Advertise what `now` says, at once, every few minutes, and to whoever asks, until cancelled.

    No farewell is sent: the kernel goes on routing for admitted clients while the daemon is away.
    """
    index = socket.if_nametoindex(interface)
    loop = asyncio.get_running_loop()
    with _open(interface, index) as link:
        while True:
            await loop.sock_sendto(link, packet(now()), (_ALL_NODES, 0, 0, index))
            await _answer_for(_EVERY_S, link, now, index)


async def _answer_for(span_s: float, link: socket.socket, now: Callable[[], Advertisement], index: int) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(span_s):
            while True:
                # the ICMPv6 filter lets only solicitations through (RFC 4861 section 6.1.1 asks no more of their body)
                _, source = await loop.sock_recvfrom(link, 2048)
                target = _ALL_NODES if source[0].partition("%")[0] == "::" else source[0]
                await loop.sock_sendto(link, packet(now()), (target, 0, 0, index))
    except TimeoutError:
        return


def _open(interface: str, index: int) -> socket.socket:
    link = socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_ICMPV6)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    group = socket.inet_pton(socket.AF_INET6, _ALL_ROUTERS) + struct.pack("@I", index)
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    blocked = bytearray(b"\xff" * 32)  # a set bit blocks the type (RFC 3542 section 3.2)
    struct.pack_into("@I", blocked, 4 * (_ROUTER_SOLICIT >> 5), 0xFFFFFFFF & ~(1 << (_ROUTER_SOLICIT & 31)))
    link.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, bytes(blocked))
    link.setblocking(False)
    return link


def _option(kind: int, body: bytes) -> bytes:
    padded = body + b"\0" * (-(len(body) + 2) % 8)
    return bytes([kind, (len(padded) + 2) // 8]) + padded
