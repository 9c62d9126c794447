"""Verdict -> wire: refusals with their reason, local answers, errors; and what each answer must mirror.

Bodies are whole packets without the two bytes of the id: the fast path puts each asker's own id before them.
"""

import struct
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, inet_pton

from filters.names import to_wire
from filters.policy import TYPE_A, TYPE_AAAA, Outcome, Step, Verdict
from filters.wire import (
    BADVERS,
    CD,
    DO,
    HEADER,
    NOERROR,
    NXDOMAIN,
    OPCODE,
    PAYLOAD,
    QR,
    RA,
    RD,
    SERVFAIL,
    TC,
    TYPE_SOA,
    Query,
)

LOCAL_TTL_S = 30
_POINTER = b"\xc0\x0c"
_ANY_ADDRESS = {TYPE_A: bytes(4), TYPE_AAAA: bytes(16)}
_TYPE_HINFO = 13
_MARGIN_S = 86400


@dataclass(frozen=True, slots=True)
class Ede:
    """An extended error (RFC 8914): a code and a few words for whoever debugs."""

    code: int
    text: str = ""


EDE_NO_REACHABLE_AUTHORITY, EDE_NETWORK_ERROR = 22, 23
_BLOCKED, _FILTERED = 15, 17


def verdict_body(query: Query, verdict: Verdict, *, block_ttl_s: int, address_ttl_s: int = LOCAL_TTL_S) -> bytes:
    """The answer of a verdict that asks nobody: every outcome but FORWARD."""
    question, qtype = query.question, query.qtype
    if verdict.outcome is Outcome.ADDRESSES:
        records = [_record(qtype, address_ttl_s, _packed(address)) for address in verdict.addresses]
        return _body(query, NOERROR, question, records, edns=_opt(query))
    ede = _reason(verdict)
    if verdict.outcome is Outcome.REFUSE and (unspecified := _ANY_ADDRESS.get(qtype)):
        return _body(query, NOERROR, question, [_record(qtype, block_ttl_s, unspecified)], edns=_opt(query, ede))
    rcode = NXDOMAIN if verdict.outcome is Outcome.NXDOMAIN else NOERROR
    return _body(query, rcode, question, [], [_soa(block_ttl_s)], edns=_opt(query, ede))


def any_body(query: Query) -> bytes:
    """ANY gets one small made-up record (RFC 8482 section 4.2)."""
    return _body(query, NOERROR, query.question, [_record(_TYPE_HINFO, 3600, b"\x07RFC8482\x00")], edns=_opt(query))


def error_body(query: Query, rcode: int, ede: Ede | None = None) -> bytes:
    """An error about a question that could be read; BADVERS and its kin go into the OPT (RFC 6891 section 6.1.3)."""
    return _body(query, rcode & 15, query.question, [], edns=_opt(query, ede, rcode))


def bare_error(packet: bytes, rcode: int) -> bytes:
    """An error about a packet whose question can't be read: the header alone, no data."""
    flags = struct.unpack_from("!H", packet, 2)[0]
    return HEADER.pack(0, QR | flags & (OPCODE | RD | CD) | rcode, 0, 0, 0, 0)[2:]


def truncated_body(query: Query) -> bytes:
    """TC: ask again by TCP. No records: half an answer is of no use (RFC 2181 section 9)."""
    return _body(query, TC, query.question, [], edns=_opt(query))


def forwarded_body(query: Query, message: bytes | bytearray, question_end: int, limit: int) -> bytes:
    """An upstream's message, cleaned (filters.cache), as this asker's answer; TC when over `limit`.

    The question goes in as asked; being as long as the one before, compression pointers still hold.
    """
    edns = _opt(query)
    if len(message) + len(edns) > limit:
        return truncated_body(query)
    _, flags, _, answers, authorities, additional = HEADER.unpack_from(message)
    flags |= query.flags & (RD | CD)
    head = HEADER.pack(0, flags, 1, answers, authorities, additional + bool(edns))
    return b"".join((head[2:], query.question, message[question_end:], edns))


def failure_body(query: Query, ede: Ede) -> bytes:
    """SERVFAIL with its why."""
    return error_body(query, SERVFAIL, ede)


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


def _opt(query: Query, ede: Ede | None = None, rcode: int = NOERROR) -> bytes:
    """OPT in every answer to an OPT query, and in no other (RFC 6891 section 7)."""
    if query.edns is None:
        return b""
    rdata = b""
    if ede is not None:
        text = ede.text.encode("utf-8")[:120]
        rdata = struct.pack("!HHH", 15, 2 + len(text), ede.code) + text
    flags = (rcode >> 4) << 24 | (DO if query.edns.dnssec_ok else 0)
    return b"\0" + struct.pack("!HHIH", 41, PAYLOAD, flags, len(rdata)) + rdata


def _reason(verdict: Verdict) -> Ede | None:
    if verdict.outcome is not Outcome.REFUSE:
        return None
    if verdict.step is Step.LOCAL_RULE:
        return Ede(_FILTERED, "closed by this library")
    if verdict.step is Step.REBINDING:
        return Ede(_BLOCKED, "public name with a private address")
    words = f"category {verdict.category}" if verdict.category else "closed by this library"
    return Ede(_BLOCKED, words + (" (by alias)" if verdict.step is Step.ALIAS else ""))


def _packed(address: str) -> bytes:
    return inet_pton(AF_INET6 if ":" in address else AF_INET, address)
