"""DNS packets, read and checked by hand: a question on the fast side, an upstream's answer on the other.

Everything a packet claims (counts, lengths, pointers) is checked before use; BadPacketError is the only failure.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from filters.names import text_of_labels

HEADER = struct.Struct("!HHHHHH")
QUESTION_TAIL = struct.Struct("!HH")
RECORD_TAIL = struct.Struct("!HHIH")

QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
OPCODE = 0x7800
DO = 0x8000

TYPE_CNAME, TYPE_SOA, TYPE_OPT, TYPE_SVCB, TYPE_HTTPS, TYPE_ANY = 5, 6, 41, 64, 65, 255
CLASS_IN = 1
OPTION_COOKIE, OPTION_KEEPALIVE, OPTION_PADDING, OPTION_EDE = 10, 11, 12, 15
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
# where names stand in the data of types that may be compressed (RFC 3597 section 4): bytes before, names
NAMES_IN = {2: (0, 1), 5: (0, 1), 6: (0, 2), 12: (0, 1), 15: (2, 1), 18: (2, 1), 33: (6, 1), 39: (0, 1)}
PAYLOAD = 1232
"""What we offer and send at most by UDP: no fragments on any path (RFC 9715)."""


class BadPacketError(Exception):
    """A packet that is not as RFC 1035 and 6891 have it; the text says where it fails."""


class Edns(NamedTuple):
    """What a query's OPT record says (RFC 6891); options that are not here are ignored."""

    payload: int
    version: int
    dnssec_ok: bool
    has_options: bool
    cookie: bytes = b""
    """The client's eight bytes (RFC 7873)."""
    keepalive: bool = False
    """It asks how long a connection may stay (RFC 7828)."""
    structured: bool = False
    """It reads structured error texts (draft-ietf-dnsop-structured-dns-error, section 5.1)."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question with what its answer must mirror."""

    id: int
    flags: int
    question: bytes
    """The question section as asked, spelling kept."""
    name: str
    """Normal text."""
    qtype: int
    qclass: int
    edns: Edns | None
    options: bytes = b""
    """EDNS options every answer to it carries (a cookie, a keepalive), in wire form."""

    @property
    def dnssec_ok(self) -> bool:
        """Are DNSSEC records wanted?"""
        return self.edns is not None and self.edns.dnssec_ok

    @property
    def wants_ad(self) -> bool:
        """Does it understand AD in an answer (RFC 6840 section 5.7)?"""
        return bool(self.flags & AD) or self.dnssec_ok

    def udp_limit(self) -> int:
        """Bytes an answer by UDP may have: 512 without EDNS, never above our own limit."""
        return 512 if self.edns is None else min(max(self.edns.payload, 512), PAYLOAD)


class Record(NamedTuple):
    """Where a record stands in its packet."""

    section: int
    """1 answer, 2 authority, 3 additional."""
    start: int
    rtype: int
    rclass: int
    ttl: int
    ttl_at: int
    data_at: int
    end: int


def read_query(packet: bytes) -> Query:
    """A well-formed query with one question; BadPacketError is answered FORMERR by the caller.

    The caller has looked at length, QR and opcode.
    """
    ident, flags, questions, answers, authorities, additional = HEADER.unpack_from(packet)
    if questions != 1 or answers or authorities:
        raise BadPacketError("a query has one question and nothing else")
    labels, at = _labels(packet, 12)
    if at + 4 > len(packet):
        raise BadPacketError("the question is cut off")
    qtype, qclass = QUESTION_TAIL.unpack_from(packet, at)
    edns: Edns | None = None
    end = at + 4
    for record in _records(packet, end, ((3, additional),)):
        end = record.end
        if record.rtype == TYPE_OPT:
            if edns is not None or packet[record.start] != 0:
                raise BadPacketError("OPT stands twice or has an owner (RFC 6891 section 6.1.1)")
            edns = _edns(packet, record)
    if end != len(packet):
        raise BadPacketError("bytes after the last record")
    return Query(ident, flags, packet[12 : at + 4], text_of_labels(labels), qtype, qclass, edns)


def read_records(packet: bytes) -> tuple[int, list[Record]]:
    """Where the records of an answer with one question begin, and each of them; every length is checked."""
    _, _, questions, *counts = HEADER.unpack_from(packet)
    if questions != 1:
        raise BadPacketError("an answer to one question repeats it")
    start = skip_name(packet, 12) + 4
    if start > len(packet):
        raise BadPacketError("the question is cut off")
    return start, list(_records(packet, start, tuple(zip((1, 2, 3), counts, strict=True))))


def read_name(packet: bytes, at: int) -> str:
    """Normal text of a name that may be compressed; pointers only lead back, so the walk ends."""
    labels: list[bytes] = []
    limit, length = at, 0
    while True:
        if at >= len(packet):
            raise BadPacketError("a name is cut off")
        size = packet[at]
        if size >= 0xC0:
            if at + 1 >= len(packet):
                raise BadPacketError("a pointer is cut off")
            at = (size & 0x3F) << 8 | packet[at + 1]
            if at >= limit:
                raise BadPacketError("a pointer leads forward")
            limit = at
            continue
        if size > 63:
            raise BadPacketError("a label of unknown kind")
        if size == 0:
            return text_of_labels(labels)
        length += size + 1
        if length > 254 or at + 1 + size > len(packet):
            raise BadPacketError("a name is too long or cut off")
        labels.append(packet[at + 1 : at + 1 + size])
        at += 1 + size


def whole_name(packet: bytes, at: int) -> bytes:
    """A name that may be compressed, in wire form without pointers, spelling kept."""
    pieces: list[bytes] = []
    limit = at
    while True:
        end = at
        while end < len(packet) and 0 < packet[end] < 64:
            end += 1 + packet[end]
        if end + 1 > len(packet) or sum(map(len, pieces)) + end - at > 254:
            raise BadPacketError("a name is too long or cut off")
        pieces.append(packet[at:end])
        if packet[end] == 0:
            return b"".join(pieces) + b"\0"
        if packet[end] < 0xC0 or end + 2 > len(packet):
            raise BadPacketError("a label of unknown kind, or a pointer that is cut off")
        at = (packet[end] & 0x3F) << 8 | packet[end + 1]
        if at >= limit:
            raise BadPacketError("a pointer leads forward")
        limit = at


def check_names(packet: bytes, record: Record) -> None:
    """BadPacketError when a reader could lose its way in the record: in its owner, or a compressed name in its data."""
    whole_name(packet, record.start)
    before, names = NAMES_IN.get(record.rtype, (0, 0))
    at = record.data_at + before
    for _ in range(names):
        whole_name(packet, at)
        at = skip_name(packet, at)
    if names and at > record.end:
        raise BadPacketError("a name reaches past its record")


def options_of(packet: bytes, opt: Record) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option in an OPT record (RFC 6891 section 6.1.2)."""
    at = opt.data_at
    while at < opt.end:
        if at + 4 > opt.end:
            raise BadPacketError("an EDNS option is cut off")
        code, size = QUESTION_TAIL.unpack_from(packet, at)
        if at + 4 + size > opt.end:
            raise BadPacketError("an EDNS option is cut off")
        yield code, packet[at + 4 : at + 4 + size]
        at += 4 + size


def skip_name(packet: bytes, at: int) -> int:
    """Where the bytes after a name begin."""
    start = at
    while at < len(packet):
        size = packet[at]
        if size == 0:
            return at + 1
        if size >= 0xC0:
            return at + 2
        if size > 63 or at - start > 254:
            break
        at += 1 + size
    raise BadPacketError("a name is too long, cut off or of unknown kind")


def _labels(packet: bytes, at: int) -> tuple[list[bytes], int]:
    """Labels of an uncompressed name (a question has nothing to point at) and where it ends."""
    labels: list[bytes] = []
    start, whole = at, len(packet)
    while at < whole:
        size = packet[at]
        at += 1
        if size == 0:
            return labels, at
        if size > 63 or at + size - start > 254 or at + size > whole:
            break
        labels.append(packet[at : at + size])
        at += size
    raise BadPacketError("the asked name is too long, cut off or compressed")


def _records(packet: bytes, at: int, sections: tuple[tuple[int, int], ...]) -> Iterator[Record]:
    for section, count in sections:
        for _ in range(count):
            start = at
            at = skip_name(packet, at)
            if at + 10 > len(packet):
                raise BadPacketError("a record is cut off")
            rtype, rclass, ttl, size = RECORD_TAIL.unpack_from(packet, at)
            end = at + 10 + size
            if end > len(packet):
                raise BadPacketError("a record's data is cut off")
            yield Record(section, start, rtype, rclass, ttl, at + 4, at + 10, end)
            at = end


def _edns(packet: bytes, record: Record) -> Edns:
    cookie, keepalive, structured = b"", False, False
    for code, value in options_of(packet, record):
        if code == OPTION_COOKIE:
            if len(value) != 8 and not 16 <= len(value) <= 40:
                raise BadPacketError("a cookie of a wrong length (RFC 7873 section 5.2.2)")
            cookie = value[:8]
        elif code == OPTION_KEEPALIVE:
            keepalive = True
        elif code == OPTION_EDE:
            structured = structured or value == b"\0\0"  # "other error" without text: the sign of the draft
    version = record.ttl >> 16 & 0xFF
    has_options = record.end > record.data_at
    return Edns(record.rclass, version, bool(record.ttl & DO), has_options, cookie, keepalive, structured)
