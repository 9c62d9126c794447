"""An answer -> the addresses it leads to, and the answer with lives the kernel can keep up with (pure).

Addresses are those of A, AAAA, and the hints of HTTPS and SVCB records (RFC 9460 section 7.3), whatever the name: an
alias' target stands in the same answer.
"""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

from filters.wire import (
    TYPE_HTTPS,
    TYPE_OPT,
    TYPE_SVCB,
    BadPacketError,
    Record,
    read_records,
    skip_name,
)

MOST_TTL_S = 600
"""A strict client asks again after this long; its kernel element outlives that (kernel.learned)."""
MOST_ADDRESSES = 64
_A, _AAAA = 1, 28
_SIZES = {_A: 4, _AAAA: 16}
_HINT_SIZES = {4: 4, 6: 16}
"""SvcParamKeys ipv4hint and ipv6hint."""


def taught(answer: bytes) -> tuple[list[str], bytes]:
    """Addresses the answer leads to, and the answer as the client is to have it; one that is no DNS teaches nothing."""
    try:
        if len(answer) < 12:
            return [], answer
        _, records = read_records(answer)
        addresses = [text for record in records if record.section != 2 for text in _addresses(answer, record)]
    except (BadPacketError, struct.error):
        return [], answer
    shown = bytearray(answer)
    for record in records:
        if record.rtype != TYPE_OPT and record.ttl > MOST_TTL_S:
            struct.pack_into("!I", shown, record.ttl_at, MOST_TTL_S)
    return list(dict.fromkeys(addresses))[:MOST_ADDRESSES], bytes(shown)


def _addresses(answer: bytes, record: Record) -> list[str]:
    data = answer[record.data_at : record.end]
    if record.rtype in _SIZES and len(data) == _SIZES[record.rtype]:
        found = [ip_address(data)]
    elif record.rtype in (TYPE_HTTPS, TYPE_SVCB):
        found = _hints(answer, record)
    else:
        found = []
    return [str(address) for address in found if not address.is_unspecified]


def _hints(answer: bytes, record: Record) -> list[IPv4Address | IPv6Address]:
    found: list[IPv4Address | IPv6Address] = []
    at = skip_name(answer, record.data_at + 2)
    while at + 4 <= record.end:
        key, size = struct.unpack_from("!HH", answer, at)
        value = answer[at + 4 : min(at + 4 + size, record.end)]
        step = _HINT_SIZES.get(key)
        if step:
            found += [ip_address(value[i : i + step]) for i in range(0, len(value) - step + 1, step)]
        at += 4 + size
    return found
