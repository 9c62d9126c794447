"""Packets from anybody: read as the RFCs have them, or refused; nothing else ever happens."""

import struct

import pytest
from dnslib import EDNS0, RR, DNSRecord, EDNSOption
from hypothesis import given
from hypothesis import strategies as st

from filters.wire import BadPacketError, read_name, read_query, read_records, skip_name, whole_name


def _query(name: str = "Example.com", qtype: str = "A", edns: EDNS0 | None = None) -> bytes:
    question = DNSRecord.question(name, qtype)
    if edns is not None:
        question.add_ar(edns)
    return bytes(question.pack())


def test_a_plain_query() -> None:
    packet = _query("WWW.Example.com", "AAAA")
    query = read_query(packet)
    assert (query.name, query.qtype, query.qclass, query.edns) == ("www.example.com", 28, 1, None)
    assert query.question == packet[12:]
    assert query.udp_limit() == 512
    assert not query.dnssec_ok


@pytest.mark.parametrize(("payload", "limit"), [(4096, 1232), (1232, 1232), (900, 900), (512, 512), (0, 512)])
def test_edns_tells_size_and_wishes(payload: int, limit: int) -> None:
    query = read_query(_query(edns=EDNS0(flags="do", udp_len=payload)))
    assert query.edns is not None
    assert query.udp_limit() == limit
    assert query.dnssec_ok
    assert not query.edns.has_options
    with_cookie = read_query(_query(edns=EDNS0(opts=[EDNSOption(10, b"12345678")])))
    assert with_cookie.edns is not None
    assert with_cookie.edns.has_options


def test_the_root_is_a_name() -> None:
    assert read_query(_query(".", "NS")).name == ""


_GOOD = _query()
_OPT = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)


@pytest.mark.parametrize(
    "packet",
    [
        _GOOD[:4] + b"\0\2" + _GOOD[6:],
        _GOOD[:4] + b"\0\0" + _GOOD[6:],
        _GOOD[:6] + b"\0\1" + _GOOD[8:],
        _GOOD[:10] + b"\0\1" + _GOOD[12:],
        _GOOD + b"x",
        _GOOD[:-1],
        _GOOD[:12],
        _GOOD[:12] + b"\xc0\x0c\0\1\0\1",
        _GOOD[:12] + b"\x40" + b"a" * 64 + b"\0\0\1\0\1",
        _GOOD[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1",
        _GOOD[:10] + b"\0\2" + _GOOD[12:] + _OPT + _OPT,
        _GOOD[:10] + b"\0\1" + _GOOD[12:] + b"\1a" + _OPT,
        _GOOD[:10] + b"\0\1" + _GOOD[12:] + _OPT[:-2] + b"\0\3" + b"\0\1\0",
        _GOOD[:10] + b"\0\1" + _GOOD[12:] + _OPT[:-2] + b"\0\5" + b"\0\1\0\2\0",
    ],
)
def test_what_is_malformed_is_refused(packet: bytes) -> None:
    with pytest.raises(BadPacketError):
        read_query(packet)


@given(st.binary(min_size=12, max_size=600))
def test_any_bytes_are_a_query_or_refused(packet: bytes) -> None:
    for candidate in (packet, b"\0\1\1\0\0\1\0\0\0\0" + packet[10:]):
        try:
            query = read_query(candidate)
        except BadPacketError:
            continue
        assert query.question == candidate[12 : 12 + len(query.question)]


@given(st.binary(min_size=12, max_size=300), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_any_bytes_are_an_answer_or_refused(body: bytes, answers: int, authorities: int, additional: int) -> None:
    packet = struct.pack("!HHHHHH", 1, 0x8180, 1, answers, authorities, additional) + body
    try:
        _, records = read_records(packet)
    except BadPacketError:
        return
    assert len(records) == answers + authorities + additional
    assert all(record.end <= len(packet) for record in records)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_names_end_wherever_they_begin(packet: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(packet) - 1))
    for read in (read_name, skip_name):
        try:
            read(packet, at)
        except BadPacketError:
            continue


@pytest.mark.parametrize("packet", [b"\xc0\x00", b"\1a\xc0\x00", b"\1a\xc0\x04\xc0\x02"])
def test_pointers_that_never_end_are_refused(packet: bytes) -> None:
    with pytest.raises(BadPacketError):
        read_name(packet, 0)


def test_a_compressed_name_is_read() -> None:
    reply = DNSRecord.question("www.example.com").reply()
    reply.add_answer(*RR.fromZone("www.example.com 60 CNAME cdn.example.com"))
    packet = bytes(reply.pack())
    _, records = read_records(packet)
    assert read_name(packet, records[0].data_at) == "cdn.example.com"


@pytest.mark.parametrize(
    ("packet", "at", "name"),
    [
        (b"\x01a\x02VN\0", 0, b"\x01a\x02VN\0"),
        (b"\x02vn\0\x01a\xc0\0", 4, b"\x01a\x02vn\0"),
        (b"\0", 0, b"\0"),
        (b"\x01a", 0, None),
        (b"\x01a\xc0", 0, None),
        (b"\x01a\xc0\0", 2, None),  # leads back to itself for ever
        (b"\xc0\x02\x01a\0", 0, None),  # forward
        (b"\x01a\x40\0", 0, None),
        (bytes([63]) + 63 * b"a", 0, None),
        (4 * (bytes([63]) + 63 * b"a") + b"\0", 0, None),  # 257 bytes
    ],
)
def test_a_compressed_name_is_written_whole_or_refused(packet: bytes, at: int, name: bytes | None) -> None:
    if name is None:
        with pytest.raises(BadPacketError):
            whole_name(packet, at)
    else:
        assert whole_name(packet, at) == name
