"""A DHCP client's packets (RFC 2131, RFC 2132): IP, UDP and BOOTP in one, for a device that has no address yet. Pure.

Frames go without the Ethernet head, as a packet socket of kind SOCK_DGRAM takes them.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

DISCOVER, OFFER, REQUEST, ACK, NAK, RELEASE = 1, 2, 3, 5, 6, 7
_COOKIE = b"\x63\x82\x53\x63"
_BOOTP = struct.Struct("!BBBBIHHIIII16s64s128s4s")
_ASKED = bytes([1, 3, 6, 51, 114])  # mask, router, resolver, lease time, captive portal


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server said."""

    kind: int
    address: str
    server: str
    mask: str
    router: str
    resolver: str
    portal: str
    """Option 114 (RFC 8910); empty: none."""


def packet(kind: int, mac: bytes, number: int, offer: Offer | None = None) -> bytes:
    """A message of the client. `offer`: what it takes, or gives back."""
    options = bytes([53, 1, kind])
    ours = 0
    if offer:
        options += bytes([54, 4]) + IPv4Address(offer.server).packed
        if kind == RELEASE:
            ours = int(IPv4Address(offer.address))
        else:
            options += bytes([50, 4]) + IPv4Address(offer.address).packed
    if kind != RELEASE:
        options += bytes([55, len(_ASKED)]) + _ASKED
    body = _BOOTP.pack(1, 1, 6, 0, number, 0, 0, ours, 0, 0, 0, mac, b"", b"", _COOKIE) + options + b"\xff"
    body = body.ljust(300, b"\0")  # some servers pass over shorter ones (RFC 1542 section 2.1)
    udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
    to = int(IPv4Address(offer.server)) if offer and kind == RELEASE else 0xFFFFFFFF
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, ours, to)
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + udp


def read(frame: bytes, mac: bytes, number: int) -> Offer | None:
    """The server's answer to this exchange; None for any other packet."""
    size = (frame[0] & 15) * 4 if frame else 0
    if len(frame) < size + 8 + _BOOTP.size or frame[9] != 17 or frame[size : size + 4] != b"\x00\x43\x00\x44":
        return None
    body = frame[size + 8 :]
    operation, _, _, _, exchange, _, _, _, yours, _, _, hardware, _, _, cookie = _BOOTP.unpack_from(body)
    if (operation, exchange, cookie, hardware[:6]) != (2, number, _COOKIE, mac):
        return None
    options = _options(body[_BOOTP.size :])
    kind = (options.get(53) or b"\0")[0]
    server, mask, router, resolver = (_address(options.get(code, b"")) for code in (54, 1, 3, 6))
    portal = options.get(114, b"").rstrip(b"\0").decode("ascii", "replace")
    return Offer(kind, str(IPv4Address(yours)), server, mask, router, resolver, portal)


def _options(text: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 1 < len(text) and text[at] != 255:
        if text[at] == 0:
            at += 1
            continue
        size = text[at + 1]
        found[text[at]] = found.get(text[at], b"") + text[at + 2 : at + 2 + size]
        at += 2 + size
    return found


def _address(value: bytes) -> str:
    return str(IPv4Address(value[:4])) if len(value) >= 4 else ""


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
