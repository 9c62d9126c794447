"""What a CoA-Request changes in a session: the limits an Access-Accept can set (pure; RFC 5176 3.2).

As there, Session-Timeout and the bytes are those of the whole session, from its start.
"""

from collections.abc import Iterator

from gateway.access.quota import Narrowing
from gateway.radius.granted import BYTES_HIGH, BYTES_LOW, RATE_DOWN, RATE_UP, limits_of
from gateway.radius.values import CHILLISPOT, WISPR, parts_of, vendor_number
from gateway.radius.wire import Packet, Type

CHANGING = {Type.SESSION_TIMEOUT, Type.IDLE_TIMEOUT, Type.VENDOR_SPECIFIC}
_VENDORS_OWN = {(WISPR, RATE_UP), (WISPR, RATE_DOWN), (CHILLISPOT, BYTES_LOW), (CHILLISPOT, BYTES_HIGH)}
_MAY_BE_NOTHING = {(CHILLISPOT, BYTES_LOW), (CHILLISPOT, BYTES_HIGH)}


def has_unknown(packet: Packet) -> bool:
    """Is there a vendor's attribute that is none of a limit's?"""
    given = [parts_of(value) for value in packet.all_of(Type.VENDOR_SPECIFIC)]
    return any(not parts or any(kind not in _VENDORS_OWN for kind in parts) for parts in given)


def changes_of(packet: Packet) -> Narrowing:
    """ValueError for a value that means nothing: not four bytes, said twice, or no time and no rate at all."""
    if any(value is None or (value == 0 and kind not in _MAY_BE_NOTHING) for kind, value in _given(packet)):
        raise ValueError("a limit is not a number, or 0")
    kinds = [kind for kind, _ in _given(packet)]
    if len(kinds) != len(set(kinds)):
        raise ValueError("a limit is said twice")
    return limits_of(packet)


def _given(packet: Packet) -> Iterator[tuple[object, int | None]]:
    for named in (Type.SESSION_TIMEOUT, Type.IDLE_TIMEOUT):
        for value in packet.all_of(named):
            yield named, int.from_bytes(value, "big") if len(value) == 4 else None
    for value in packet.all_of(Type.VENDOR_SPECIFIC):
        for vendor, kind in parts_of(value):
            yield (vendor, kind), vendor_number(packet, vendor, kind)
