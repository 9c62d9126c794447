"""Attributes' values: texts, integers, addresses, vendors' own (RFC 2865 5, 5.26). Pure."""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from gateway.access.client import AccessKind, Mac
from gateway.radius.wire import LONGEST_VALUE, Attribute, Packet, Type
from gateway.units import epoch_s

WISPR, CHILLISPOT = 14122, 14559
WIRELESS, ETHERNET = 19, 15


def text(kind: Type, value: str) -> Attribute:
    """A text; what is past 253 bytes is cut off between characters."""
    return Attribute(kind, value.encode()[:LONGEST_VALUE].decode(errors="ignore").encode())


def integer(kind: Type, value: int) -> Attribute:
    """Four bytes; what does not fit stands at the most that does."""
    return Attribute(kind, min(max(value, 0), 0xFFFFFFFF).to_bytes(4, "big"))


def instant(at: datetime) -> Attribute:
    """Event-Timestamp (RFC 2869 5.3)."""
    return integer(Type.EVENT_TIMESTAMP, epoch_s(at))


def octets(up_bytes: int, down_bytes: int) -> tuple[Attribute, ...]:
    """Bytes from the device are Input, to it Output (RFC 2866 5.3, 5.4); Gigawords above 2^32 (RFC 2869 5.1, 5.2)."""
    return (
        integer(Type.ACCT_INPUT_OCTETS, up_bytes & 0xFFFFFFFF),
        integer(Type.ACCT_OUTPUT_OCTETS, down_bytes & 0xFFFFFFFF),
        integer(Type.ACCT_INPUT_GIGAWORDS, up_bytes >> 32),
        integer(Type.ACCT_OUTPUT_GIGAWORDS, down_bytes >> 32),
    )


def nas_address(address: str) -> Attribute:
    """The box's own address towards the server (RFC 2865 5.4, RFC 3162 2.1)."""
    ip = ip_address(address.partition("%")[0])
    return Attribute(Type.NAS_IP_ADDRESS if ip.version == 4 else Type.NAS_IPV6_ADDRESS, ip.packed)


def framed(addresses: tuple[str, ...]) -> Iterator[Attribute]:
    """A device's addresses: one of IPv4, all global ones of IPv6 (RFC 2865 5.8, RFC 6911 3.1)."""
    found = [ip_address(each.partition("%")[0]) for each in addresses]
    yield from (Attribute(Type.FRAMED_IP_ADDRESS, ip.packed) for ip in found if isinstance(ip, IPv4Address))
    for ip in found:
        if isinstance(ip, IPv6Address) and not ip.is_link_local:
            yield Attribute(Type.FRAMED_IPV6_ADDRESS, ip.packed)


def station(mac: Mac) -> str:
    """A MAC as RFC 3580 3.21 writes it: 02-00-5E-10-00-01."""
    return mac.upper().replace(":", "-")


def port_type(kind: AccessKind) -> Attribute:
    """NAS-Port-Type: wireless, or Ethernet for the library's own PCs."""
    return integer(Type.NAS_PORT_TYPE, WIRELESS if kind is AccessKind.WIFI else ETHERNET)


def number_of(packet: Packet, kind: int) -> int | None:
    """An integer attribute; None when it is not there or not four bytes."""
    value = packet.first(kind)
    return int.from_bytes(value, "big") if value is not None and len(value) == 4 else None


def text_of(packet: Packet, kind: int) -> str | None:
    """A text attribute; None when it is not there or no UTF-8."""
    value = packet.first(kind)
    try:
        return value.decode() if value else None
    except UnicodeDecodeError:
        return None


def vendor_number(packet: Packet, vendor: int, kind: int) -> int | None:
    """An integer of a vendor's own attribute; a malformed one is not there."""
    for value in packet.all_of(Type.VENDOR_SPECIFIC):
        if len(value) >= 4 and int.from_bytes(value[:4], "big") == vendor:
            for inner, held in _inner(value[4:]):
                if inner == kind and len(held) == 4:
                    return int.from_bytes(held, "big")
    return None


def parts_of(value: bytes) -> list[tuple[int, int]]:
    """Which attributes stand in one of vendors' own: (vendor, kind) of each."""
    vendor = int.from_bytes(value[:4], "big")
    return [(vendor, kind) for kind, _ in _inner(value[4:])]


def _inner(body: bytes) -> Iterator[tuple[int, bytes]]:
    while len(body) >= 2 and 2 <= body[1] <= len(body):
        yield body[0], body[2 : body[1]]
        body = body[body[1] :]
