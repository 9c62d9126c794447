"""Verdict -> wire: refusals with their reason, local answers, errors; and what each answer must mirror.

Bodies are whole packets without the two bytes of the id: the fast path puts each asker's own id before them.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, inet_pton

from filters.ede import EVER_SAID, Ede, reason_of, structured
from filters.names import to_wire
from filters.policy import TYPE_A, TYPE_AAAA, Outcome, Verdict
from filters.settings import Refusal
from filters.wire import (
    AD,
    BADVERS,
    CD,
    DO,
    HEADER,
    NOERROR,
    NXDOMAIN,
    OPCODE,
    OPTION_EDE,
    PAYLOAD,
    QR,
    RA,
    RD,
    REFUSED,
    SERVFAIL,
    TC,
    TYPE_CNAME,
    TYPE_SOA,
    Query,
)

LOCAL_TTL_S = 30
TYPE_RESINFO = 261
_POINTER = b"\xc0\x0c"
_ANY_ADDRESS = {TYPE_A: bytes(4), TYPE_AAAA: bytes(16)}
_TYPE_HINFO = 13
_MARGIN_S = 86400


@dataclass(frozen=True, slots=True)
class Manner:
    """How one profile's refusals look, and for how long they are believed."""

    block_ttl_s: int
    address_ttl_s: int = LOCAL_TTL_S
    refusal: Refusal = Refusal.ZERO
    page: tuple[str, ...] = ()
    """Where Refusal.PAGE leads, IPv4 and IPv6."""
    info_url: str = ""


def verdict_body(query: Query, verdict: Verdict, manner: Manner) -> bytes:
    """The answer of a verdict that asks nobody: every outcome but FORWARD and REWRITE."""
    question, qtype, outcome = query.question, query.qtype, verdict.outcome
    ede = reason_of(verdict)
    if ede is not None and query.edns is not None and query.edns.structured:
        ede = structured(ede, manner.info_url)
    edns = _opt(query, (ede,) if ede else ())
    records: list[bytes] = []
    if outcome is Outcome.ADDRESSES:
        records = [_record(qtype, manner.address_ttl_s, _packed(address)) for address in verdict.addresses]
    elif outcome is Outcome.RECORDS:
        records = [_record(kind, manner.block_ttl_s, rdata) for kind, rdata in _asked_for(qtype, verdict.records)]
    elif outcome is Outcome.REFUSE and manner.refusal is not Refusal.NXDOMAIN and qtype in _ANY_ADDRESS:
        records = [_record(qtype, manner.block_ttl_s, rdata) for rdata in _refusing(qtype, manner)]
    if records:
        return _body(query, NOERROR, question, records, edns=edns)
    if outcome is Outcome.NOT_SERVED:
        return _body(query, REFUSED, question, [], edns=edns)
    if outcome is Outcome.TRUNCATE:
        return _body(query, TC, question, [], edns=edns)
    gone = outcome is Outcome.NXDOMAIN or (outcome is Outcome.REFUSE and manner.refusal is Refusal.NXDOMAIN)
    return _body(query, NXDOMAIN if gone else NOERROR, question, [], [_soa(manner.block_ttl_s)], edns=edns)


def resolver_info_body(query: Query, info_url: str) -> bytes:
    """What this resolver says of itself at resolver.arpa (RFC 9606 section 4): its errors, a page about it."""
    words = [f"exterr={EVER_SAID}"] + ([f"infourl={info_url}"] if info_url.startswith("https://") else [])
    texts = [word.encode("ascii", "ignore")[:255] for word in words]
    rdata = b"".join(bytes([len(text)]) + text for text in texts)
    return _body(query, NOERROR, query.question, [_record(TYPE_RESINFO, 3600, rdata)], edns=_opt(query))


def any_body(query: Query) -> bytes:
    """ANY gets one small made-up record (RFC 8482 section 4.2)."""
    return _body(query, NOERROR, query.question, [_record(_TYPE_HINFO, 3600, b"\x07RFC8482\x00")], edns=_opt(query))


def error_body(query: Query, rcode: int, edes: Iterable[Ede] = ()) -> bytes:
    """An error about a question that could be read; BADVERS and its kin go into the OPT (RFC 6891 section 6.1.3)."""
    return _body(query, rcode & 15, query.question, [], edns=_opt(query, edes, rcode))


def bare_error(packet: bytes, rcode: int) -> bytes:
    """An error about a packet whose question can't be read: the header alone, no data."""
    flags = struct.unpack_from("!H", packet, 2)[0]
    return HEADER.pack(0, QR | flags & (OPCODE | RD | CD) | rcode, 0, 0, 0, 0)[2:]


def truncated_body(query: Query) -> bytes:
    """TC: ask again by TCP. No records: half an answer is of no use (RFC 2181 section 9)."""
    return _body(query, TC, query.question, [], edns=_opt(query))


def forwarded_body(
    query: Query, message: bytes | bytearray, question_end: int, limit: int, edes: Iterable[Ede] = ()
) -> bytes:
    """An upstream's message, cleaned (filters.kept), as this asker's answer; TC when over `limit`.

    The question goes in as asked; being as long as the one before, compression pointers still hold.
    """
    edns = _opt(query, edes)
    if len(message) + len(edns) > limit:
        return truncated_body(query)
    _, flags, _, answers, authorities, additional = HEADER.unpack_from(message)
    flags = flags & (0xFFFF if query.wants_ad else ~AD) | query.flags & (RD | CD)
    head = HEADER.pack(0, flags, 1, answers, authorities, additional + bool(edns))
    return b"".join((head[2:], query.question, message[question_end:], edns))


def failure_body(query: Query, edes: Iterable[Ede]) -> bytes:
    """SERVFAIL with its why."""
    return error_body(query, SERVFAIL, edes)


def badvers_body(query: Query) -> bytes:
    """An EDNS version we do not speak."""
    return error_body(query, BADVERS)


def _body(
    query: Query,
    rcode: int,
    question: bytes,
    answers: list[bytes],
    authority: list[bytes] | None = None,
    *,
    edns: bytes,
) -> bytes:
    authority = authority or []
    flags = QR | RA | rcode | query.flags & (OPCODE | RD | CD)
    head = HEADER.pack(0, flags, 1, len(answers), len(authority), bool(edns))
    return b"".join((head[2:], question, *answers, *authority, edns))


def _record(rtype: int, ttl_s: int, rdata: bytes) -> bytes:
    return _POINTER + struct.pack("!HHIH", rtype, 1, ttl_s, len(rdata)) + rdata


def _soa(ttl_s: int) -> bytes:
    # RFC 2308 section 3: a negative answer is kept only with an SOA; its minimum is the life of the refusal
    names = to_wire("localhost") + to_wire("nobody.invalid")
    return _record(TYPE_SOA, ttl_s, names + struct.pack("!IIIII", 1, 3600, 600, _MARGIN_S, ttl_s))


def _opt(query: Query, edes: Iterable[Ede] = (), rcode: int = NOERROR) -> bytes:
    """OPT in every answer to an OPT query, and in no other (RFC 6891 section 7)."""
    if query.edns is None:
        return b""
    rdata = query.options
    for ede in edes:
        text = ede.text.encode("utf-8")
        rdata += struct.pack("!HHH", OPTION_EDE, 2 + len(text), ede.code) + text
    flags = (rcode >> 4) << 24 | (DO if query.edns.dnssec_ok else 0)
    return b"\0" + struct.pack("!HHIH", 41, PAYLOAD, flags, len(rdata)) + rdata


def _asked_for(qtype: int, records: Iterable[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    return [(kind, rdata) for kind, rdata in records if kind in (qtype, TYPE_CNAME)]


def _refusing(qtype: int, manner: Manner) -> list[bytes]:
    if manner.refusal is Refusal.PAGE:
        packed = [_packed(address) for address in manner.page]
        size = len(_ANY_ADDRESS[qtype])
        if fitting := [address for address in packed if len(address) == size]:
            return fitting
    return [_ANY_ADDRESS[qtype]]


def _packed(address: str) -> bytes:
    return inet_pton(AF_INET6 if ":" in address else AF_INET, address)
