"""An alias and its target's records in one answer, as a strict reader sees them."""

import os

import pytest
from dnslib import EDNS0, QTYPE, RCODE, RR, DNSRecord, EDNSOption
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.alias import aliased
from filters.answer import forwarded_body
from filters.kept import Kept, cleaned, edes_of
from filters.names import to_wire
from filters.wire import BadPacketError, read_query, read_records

_SOA = "vn 900 SOA ns.vn. root.vn. 1 2 3 4 60"


def _target(qtype: str, zone: str, authority: str = "", rcode: int = RCODE.NOERROR) -> Kept:
    reply = DNSRecord.question("safe.example.vn", qtype).reply()
    reply.header.rcode = rcode
    reply.add_answer(*RR.fromZone(zone))
    reply.add_auth(*RR.fromZone(authority))
    return cleaned(bytes(reply.pack()), 100.0)


def _led(kept: Kept, qtype: str = "A", now: float = 110.0) -> tuple[Kept, DNSRecord]:
    question = bytes(DNSRecord.question("Search.example.com", qtype).pack())[12:]
    led = aliased(kept, question, to_wire("safe.example.vn"), now, 30)
    return led, DNSRecord.parse(bytes(led.aged(now)))


def _records(record: DNSRecord) -> list[tuple[str, str, int, str]]:
    return [(str(rr.rname), QTYPE[rr.rtype], rr.ttl, str(rr.rdata)) for rr in record.rr]


def test_the_targets_addresses_follow_the_alias() -> None:
    zone = "safe.example.vn 300 CNAME e.cdn.vn\ne.cdn.vn 50 A 203.0.113.1\ne.cdn.vn 50 A 203.0.113.2"
    led, reply = _led(_target("A", zone))
    assert _records(reply) == [
        ("Search.example.com.", "CNAME", 30, "safe.example.vn."),
        ("safe.example.vn.", "CNAME", 290, "e.cdn.vn."),
        ("e.cdn.vn.", "A", 40, "203.0.113.1"),
        ("e.cdn.vn.", "A", 40, "203.0.113.2"),
    ]
    assert led.targets == ("safe.example.vn", "e.cdn.vn")
    assert (led.kept_at, led.life_s) == (100.0, 40)
    assert len(led.message) < 12 + 24 + 29 + 24 + 2 * 16  # owners seen before are pointers


def test_no_data_at_the_target_is_no_data_at_the_alias() -> None:
    led, reply = _led(_target("AAAA", "", _SOA), "AAAA")
    assert _records(reply) == [("Search.example.com.", "CNAME", 30, "safe.example.vn.")]
    assert [(QTYPE[rr.rtype], rr.ttl) for rr in reply.auth] == [("SOA", 50)]
    assert led.life_s == 40


def test_a_target_that_is_gone_is_told_as_gone() -> None:
    _, reply = _led(_target("A", "", _SOA, RCODE.NXDOMAIN))
    assert reply.header.rcode == RCODE.NXDOMAIN


@pytest.mark.parametrize(
    ("qtype", "rdata"), [("MX", "10 mx.safe.example.vn."), ("NS", "ns.example.vn."), ("TXT", '"as it is"')]
)
def test_names_in_other_types_are_written_whole(qtype: str, rdata: str) -> None:
    _, reply = _led(_target(qtype, f"safe.example.vn 60 {qtype} {rdata}"), qtype)
    assert str(reply.rr[1].rdata) == rdata


_ZONE = """safe.example.vn 300 CNAME e.cdn.vn
e.cdn.vn 50 A 203.0.113.1
e.cdn.vn 50 MX 10 mx.cdn.vn
e.cdn.vn 50 SRV 1 2 443 h.cdn.vn
e.cdn.vn 50 TXT "as it is"
e.cdn.vn 50 NS ns.cdn.vn"""


def _message() -> bytes:
    reply = DNSRecord.question("safe.example.vn").reply()
    reply.add_answer(*RR.fromZone(_ZONE))
    reply.add_auth(*RR.fromZone(_SOA))
    reply.add_ar(EDNS0(opts=[EDNSOption(15, b"\0\6text")]))
    return bytes(reply.pack())


@settings(max_examples=int(os.environ.get("CONG_FUZZ", "150")))
@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 30),
    more=st.binary(max_size=8),
)
def test_whatever_an_upstream_sends_is_kept_whole_or_refused(
    changes: list[tuple[int, int]], cut: int, more: bytes
) -> None:
    message = bytearray(_message())
    for at, byte in changes:
        message[at % len(message)] = byte
    sent = bytes(message[: len(message) - cut]) + more
    asked = read_query(bytes(DNSRecord.question("safe.example.vn").pack()))
    edes_of(sent)
    try:
        kept = cleaned(sent, 0.0)
        led = aliased(kept, asked.question, to_wire("safe.example.vn"), 5.0, 30)
    except BadPacketError:
        return
    for each in (kept, led):
        read_records(each.message)
        assert 0 <= each.life_s <= 86400
        assert len(each.aged(1e9)) == len(each.stale()) == len(each.message)
        body = forwarded_body(asked, each.aged(1.0), each.question_end, 1232, each.edes)
        assert len(body) <= 1230
