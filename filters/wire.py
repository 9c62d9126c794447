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
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
PAYLOAD = 1232
"""What we offer and send at most by UDP: no fragments on any path (RFC 9715)."""


class BadPacketError(Exception):
    """A packet that is not as RFC 1035 and 6891 have it; the text says where it fails."""


class Edns(NamedTuple):
    """What a query's OPT record says (RFC 6891)."""

    payload: int
    version: int
    dnssec_ok: bool
    has_options: bool


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

    @property
    def dnssec_ok(self) -> bool:
        """Are DNSSEC records wanted?"""
        return self.edns is not None and self.edns.dnssec_ok

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
    at = record.data_at
    while at < record.end:
        if at + 4 > record.end:
            raise BadPacketError("an EDNS option is cut off")
        at += 4 + QUESTION_TAIL.unpack_from(packet, at)[1]
    if at != record.end:
        raise BadPacketError("an EDNS option is cut off")
    version = record.ttl >> 16 & 0xFF
    return Edns(record.rclass, version, bool(record.ttl & DO), record.end > record.data_at)
