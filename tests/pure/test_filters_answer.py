"""Answers as a strict reader (dnslib) sees them."""

import json
import struct

import pytest
from dnslib import EDNS0, QTYPE, RCODE, RR, DNSRecord, EDNSOption

from filters.answer import (
    TYPE_RESINFO,
    Manner,
    any_body,
    badvers_body,
    bare_error,
    error_body,
    failure_body,
    forwarded_body,
    resolver_info_body,
    truncated_body,
    verdict_body,
)
from filters.ede import Ede
from filters.kept import cleaned
from filters.policy import Outcome, Step, Verdict
from filters.settings import Refusal
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
    return _parse(verdict_body(query, verdict, Manner(30)))


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
    reply = _parse(failure_body(_query(edns=EDNS0()), [Ede(22, "no upstream answers")]))
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


def _manner(refusal: Refusal, *page: str) -> Manner:
    return Manner(30, refusal=refusal, page=page, info_url="https://wifi.example/dns")


@pytest.mark.parametrize("qtype", ["A", "HTTPS"])
def test_a_profile_may_refuse_by_saying_that_there_is_no_such_name(qtype: str) -> None:
    reply = _parse(verdict_body(_query(qtype), _CATEGORY, _manner(Refusal.NXDOMAIN)))
    assert reply.header.rcode == RCODE.NXDOMAIN
    assert not reply.rr
    assert reply.auth[0].rdata.times[4] == 30  # RFC 2308: for how long


@pytest.mark.parametrize(
    ("qtype", "records"),
    [("A", ["10.77.0.2"]), ("AAAA", ["::"]), ("HTTPS", [])],  # a page at IPv4 alone: nothing elsewhere
)
def test_a_profile_may_lead_to_the_block_page(qtype: str, records: list[str]) -> None:
    reply = _parse(verdict_body(_query(qtype, edns=EDNS0()), _CATEGORY, _manner(Refusal.PAGE, "10.77.0.2")))
    assert [str(rr.rdata) for rr in reply.rr] == records
    assert _ede(reply) == (15, "category games")


def test_answers_that_a_list_line_makes() -> None:
    alias = Verdict(Outcome.RECORDS, Step.CATEGORY, "", records=((1, b"\1\2\3\4"), (16, b"\1x")))
    reply = _parse(verdict_body(_query("A", edns=EDNS0()), alias, Manner(30)))
    assert [(QTYPE[rr.rtype], str(rr.rdata)) for rr in reply.rr] == [("A", "1.2.3.4")]
    assert _ede(reply) == (4, "an answer of a list")
    nothing = _parse(verdict_body(_query("MX"), alias, Manner(30)))
    assert (nothing.header.rcode, nothing.rr, len(nothing.auth)) == (RCODE.NOERROR, [], 1)
    refused = _parse(verdict_body(_query(), Verdict(Outcome.NOT_SERVED, Step.CATEGORY, "", "x"), Manner(30)))
    assert refused.header.rcode == RCODE.REFUSED
    truncated = _parse(verdict_body(_query(), Verdict(Outcome.TRUNCATE, Step.CATEGORY, "", "x"), Manner(30)))
    assert (truncated.header.tc, truncated.rr) == (1, [])


def test_structured_errors_only_for_those_who_ask_for_them() -> None:  # draft-ietf-dnsop-structured-dns-error
    signal = EDNS0(opts=[EDNSOption(15, b"\0\0")])
    found = _ede(_parse(verdict_body(_query(edns=signal), _CATEGORY, _manner(Refusal.ZERO))))
    assert found is not None
    assert (found[0], json.loads(found[1])) == (15, {"c": ["https://wifi.example/dns"], "j": "category games", "s": 5})
    without_page = _ede(_parse(verdict_body(_query(edns=signal), _CATEGORY, Manner(30))))
    assert without_page == (15, "category games")


def test_the_resolver_tells_of_itself() -> None:  # RFC 9606
    query = _query("TYPE261", name="resolver.arpa")
    reply = _parse(resolver_info_body(query, "https://wifi.example/dns"))
    assert reply.rr[0].rtype == TYPE_RESINFO
    data = reply.rr[0].rdata.data
    words = []
    while data:
        words.append(data[1 : 1 + data[0]].decode())
        data = data[1 + data[0] :]
    assert words == ["exterr=0,3-4,13,15,17-19,22-23", "infourl=https://wifi.example/dns"]
    plain = _parse(resolver_info_body(query, "http://wifi.example"))  # infourl is https or nothing
    assert b"infourl" not in plain.rr[0].rdata.data


@pytest.mark.parametrize(("flags", "edns", "ad"), [(0x0120, None, 1), (0x0100, "do", 1), (0x0100, None, 0)])
def test_ad_goes_to_those_who_know_it(flags: int, edns: str | None, ad: int) -> None:  # RFC 6840 section 5.8
    question = DNSRecord.question("a.vn")
    if edns:
        question.add_ar(EDNS0(flags=edns))
    packet = bytes(question.pack())
    query = read_query(packet[:2] + struct.pack("!H", flags) + packet[4:])
    answer = DNSRecord.question("a.vn").reply()
    answer.header.ad = 1
    answer.add_answer(*RR.fromZone("a.vn 60 A 203.0.113.1"))
    kept = cleaned(bytes(answer.pack()), 0.0, believed=True)
    assert _parse(forwarded_body(query, kept.message, kept.question_end, 1232)).header.ad == ad


def test_what_the_upstream_said_of_its_answer_goes_on() -> None:  # RFC 8914 section 3
    answer = DNSRecord.question("a.vn").reply()
    answer.add_answer(*RR.fromZone("a.vn 60 A 203.0.113.1"))
    answer.add_ar(EDNS0(opts=[EDNSOption(15, b"\0\x06" + "hỏng\n".encode()), EDNSOption(15, b"")]))
    kept = cleaned(bytes(answer.pack()), 0.0)
    assert kept.edes == (Ede(6, "hỏng"),)
    body = forwarded_body(_query(edns=EDNS0(), name="a.vn"), kept.message, kept.question_end, 1232, kept.edes)
    assert _ede(_parse(body)) == (6, "hỏng")
