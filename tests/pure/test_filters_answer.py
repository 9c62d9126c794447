"""Answers as a strict reader (dnslib) sees them."""

import struct

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord

from filters.answer import (
    Ede,
    any_body,
    badvers_body,
    bare_error,
    error_body,
    failure_body,
    forwarded_body,
    truncated_body,
    verdict_body,
)
from filters.policy import Outcome, Step, Verdict
from filters.wire import Query, read_query

_CATEGORY = Verdict(Outcome.REFUSE, Step.CATEGORY, "why", "games", "games-vn", 38, "napthe.vn")


def _query(qtype: str = "A", *, edns: EDNS0 | None = None, name: str = "NapThe.vn") -> Query:
    question = DNSRecord.question(name, qtype)
    if edns is not None:
        question.add_ar(edns)
    return read_query(bytes(question.pack()))


def _parse(body: bytes | bytearray) -> DNSRecord:
    return DNSRecord.parse(b"\x12\x34" + bytes(body))


def _refuse(query: Query, verdict: Verdict = _CATEGORY) -> DNSRecord:
    return _parse(verdict_body(query, verdict, block_ttl_s=30))


def _ede(record: DNSRecord) -> tuple[int, str] | None:
    for extra in record.ar:
        for option in extra.rdata:
            if option.code == 15:
                return struct.unpack("!H", option.data[:2])[0], option.data[2:].decode()
    return None


@pytest.mark.parametrize(("qtype", "address"), [("A", "0.0.0.0"), ("AAAA", "::")])
def test_a_refusal_of_addresses_leads_nowhere(qtype: str, address: str) -> None:
    reply = _refuse(_query(qtype))
    assert reply.header.rcode == RCODE.NOERROR
    assert [(str(rr.rname), rr.ttl, str(rr.rdata)) for rr in reply.rr] == [("NapThe.vn.", 30, address)]
    assert reply.header.ra
    assert reply.header.rd
    assert not reply.header.aa
    assert not reply.ar


@pytest.mark.parametrize("qtype", ["HTTPS", "TXT", "MX", "ANY", "TYPE64", "NS"])
def test_every_other_type_of_a_refused_name_is_empty(qtype: str) -> None:
    reply = _refuse(_query(qtype))
    assert reply.header.rcode == RCODE.NOERROR
    assert not reply.rr
    assert [QTYPE[rr.rtype] for rr in reply.auth] == ["SOA"]
    assert reply.auth[0].ttl == 30
    assert reply.auth[0].rdata.times[4] == 30


@pytest.mark.parametrize(
    ("verdict", "ede"),
    [
        (_CATEGORY, (15, "category games")),
        (Verdict(Outcome.REFUSE, Step.ALIAS, "", "threats"), (15, "category threats (by alias)")),
        (Verdict(Outcome.REFUSE, Step.LOCAL_RULE, "", "own"), (17, "closed by this library")),
        (Verdict(Outcome.REFUSE, Step.REBINDING, ""), (15, "public name with a private address")),
        (Verdict(Outcome.NXDOMAIN, Step.CANARY, ""), None),
    ],
)
def test_a_refusal_tells_its_reason_to_those_who_can_read_it(verdict: Verdict, ede: tuple[int, str] | None) -> None:
    reply = _refuse(_query(edns=EDNS0(flags="do", udp_len=4096)), verdict)
    assert _ede(reply) == ede
    assert len(reply.ar) == 1
    assert reply.ar[0].rclass == 1232
    assert reply.ar[0].ttl == 0x8000  # DO echoed, nothing else
    assert _ede(_refuse(_query(), verdict)) is None


def test_a_canary_does_not_exist() -> None:
    reply = _refuse(_query(), Verdict(Outcome.NXDOMAIN, Step.CANARY, ""))
    assert reply.header.rcode == RCODE.NXDOMAIN
    assert [QTYPE[rr.rtype] for rr in reply.auth] == ["SOA"]


def test_local_records_have_a_short_life() -> None:
    verdict = Verdict(Outcome.ADDRESSES, Step.LOCAL_RECORD, "", addresses=("fd00::1", "fd00::2"))
    reply = _refuse(_query("AAAA"), verdict)
    assert [(str(rr.rdata), rr.ttl) for rr in reply.rr] == [("fd00::1", 30), ("fd00::2", 30)]


def test_any_is_answered_small() -> None:
    reply = _parse(any_body(_query("ANY", edns=EDNS0(udp_len=1232))))
    assert [QTYPE[rr.rtype] for rr in reply.rr] == ["HINFO"]
    assert len(reply.ar) == 1


def test_an_unknown_edns_version_is_badvers() -> None:
    reply = _parse(badvers_body(_query(edns=EDNS0(version=1))))
    assert reply.header.rcode == 0
    assert reply.ar[0].ttl >> 24 == 1
    assert reply.ar[0].ttl >> 16 & 0xFF == 0
    assert not reply.rr


def test_errors_mirror_the_question() -> None:
    reply = _parse(failure_body(_query(edns=EDNS0()), Ede(22, "no upstream answers")))
    assert reply.header.rcode == RCODE.SERVFAIL
    assert str(reply.q.qname) == "NapThe.vn."
    assert _ede(reply) == (22, "no upstream answers")
    assert _parse(error_body(_query(), 5)).header.rcode == RCODE.REFUSED


def test_what_can_not_be_read_gets_a_header_only() -> None:
    packet = b"\x12\x34\x29\x10\0\2\0\0\0\0\0\0garbage"  # opcode 5, RD, CD
    body = bare_error(packet, 4)
    assert len(body) == 10
    reply = _parse(body)
    assert (reply.header.rcode, reply.header.opcode, reply.header.qr) == (RCODE.NOTIMP, 5, 1)


def test_too_long_for_the_asker_is_truncated_whole() -> None:
    query = _query()
    message = struct.pack("!HHHHHH", 0, 0x8080, 1, 1, 0, 0) + query.question + b"x" * 500
    body = forwarded_body(query, message, 12 + len(query.question), query.udp_limit())
    assert bytes(body) == truncated_body(query)
    reply = _parse(body)
    assert reply.header.tc
    assert not reply.rr
