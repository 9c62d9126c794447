"""Records as lists write them -> type and data in wire form, uncompressed (filters.special.Rewrite.records).

In: the type's name and its words. ValueError for what is wrong or of a type nobody answers out of a list.
"""

import struct
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

from filters.names import normal_form, to_wire

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "RP": 17, "AFSDB": 18,
    "AAAA": 28, "LOC": 29, "SRV": 33, "NAPTR": 35, "DNAME": 39, "DS": 43, "SSHFP": 44, "RRSIG": 46, "NSEC": 47,
    "DNSKEY": 48, "TLSA": 52, "SVCB": 64, "HTTPS": 65, "SPF": 99, "ANY": 255, "URI": 256, "CAA": 257,
}  # fmt: skip
"""Numbers of record types (IANA, DNS parameters)."""
_SERVICE_KEYS = {"alpn": 1, "port": 3, "ipv4hint": 4, "ipv6hint": 6}


def type_number(text: str) -> int:
    """The number of a record type by its name, or by TYPEnnn (RFC 3597 section 5)."""
    name = text.upper()
    if name.startswith("TYPE") and name[4:].isascii() and name[4:].isdigit() and len(name) <= 9:
        number = int(name[4:])
        if number > 65535:
            raise ValueError("no type has such a number")
        return number
    try:
        return TYPES[name]
    except KeyError:
        raise ValueError("no known record type") from None


def record(rtype: str, words: Sequence[str], absolute: Callable[[str], str] = normal_form) -> tuple[int, bytes]:
    """One record; `absolute` makes a normal name of one as written (relative to an origin, in zone files)."""
    rtype = rtype.upper()
    if rtype == "TXT":
        return TYPES[rtype], _texts(words)
    if rtype in ("SVCB", "HTTPS"):
        return TYPES[rtype], _service(words, absolute)
    numbers = {"A": 0, "AAAA": 0, "CNAME": 0, "PTR": 0, "NS": 0, "MX": 1, "SRV": 3}.get(rtype)
    if numbers is None or len(words) != numbers + 1:
        raise ValueError("not a record lists can answer with")
    if rtype in ("A", "AAAA"):
        return TYPES[rtype], (IPv4Address if rtype == "A" else IPv6Address)(words[0]).packed
    return TYPES[rtype], b"".join(map(_number, words[:-1])) + _name(words[-1], absolute)


def _number(word: str) -> bytes:
    if not (word.isascii() and word.isdigit() and len(word) <= 5 and int(word) <= 65535):
        raise ValueError("no number of 16 bits")
    return struct.pack("!H", int(word))


def _name(word: str, absolute: Callable[[str], str]) -> bytes:
    return to_wire("" if word == "." else absolute(word))


def _texts(words: Sequence[str]) -> bytes:
    pieces = []
    for word in words:
        data = word.encode("utf-8")
        pieces += [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    if not pieces or sum(map(len, pieces)) > 4000:
        raise ValueError("no text, or more than an answer holds")
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def _service(words: Sequence[str], absolute: Callable[[str], str]) -> bytes:
    """RFC 9460 section 2.2, the parameters that mean something for a list's answer."""
    if len(words) < 2:
        raise ValueError("no priority or no target")
    parameters: dict[int, bytes] = {}
    for word in words[2:]:
        key, _, value = word.partition("=")
        parameters[_SERVICE_KEYS.get(key.lower(), 0)] = _parameter(key.lower(), value.strip('"').split(","))
    packed = [struct.pack("!HH", key, len(value)) + value for key, value in sorted(parameters.items())]
    return _number(words[0]) + _name(words[1], absolute) + b"".join(packed)


def _parameter(key: str, values: Sequence[str]) -> bytes:
    if key == "alpn":
        protocols = [value.encode("ascii") for value in values]
        if not all(0 < len(protocol) < 256 for protocol in protocols):
            raise ValueError("no protocol's name")
        return b"".join(bytes([len(protocol)]) + protocol for protocol in protocols)
    if key == "port" and len(values) == 1:
        return _number(values[0])
    if key in ("ipv4hint", "ipv6hint"):
        return b"".join((IPv4Address if key == "ipv4hint" else IPv6Address)(value).packed for value in values)
    raise ValueError("a parameter lists can't answer with")
