"""EDNS compliance (the table of ISC's tester and RFC 8906 section 8), by true packets over UDP and TCP: 11 of 11."""

import struct
from collections.abc import Callable, Iterator

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord, EDNSOption

from tests.edge.filters_upstream import Running, ScriptedUpstream, receive_framed, running, settings_for

_BIG = "\n".join(f"big.example 60 TXT {'x' * 100}{n}" for n in range(9))  # over 512 bytes, under 1232
Exchange = Callable[[bytes], DNSRecord]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ScriptedUpstream() as upstream:
        upstream.says("big.example", "TXT", _BIG)
        upstream.says("odd.example", "TYPE62000", "odd.example 60 TYPE62000 \\# 4 01020304")
        with running(settings_for(tmp_path_factory.mktemp("dns"), [upstream.port])) as started:
            yield started


@pytest.fixture(params=["udp", "tcp"])
def exchange(request: pytest.FixtureRequest, server: Running) -> Exchange:
    def by_udp(packet: bytes) -> DNSRecord:
        return DNSRecord.parse(server.exchange(packet))

    def by_tcp(packet: bytes) -> DNSRecord:
        with server.tcp() as connection:
            connection.sendall(struct.pack("!H", len(packet)) + packet)
            return DNSRecord.parse(receive_framed(connection))

    return by_udp if request.param == "udp" else by_tcp


def _packet(name: str = "www.example", qtype: str = "A", edns: EDNS0 | None = None) -> bytes:
    query = DNSRecord.question(name, qtype)
    if edns is not None:
        query.add_ar(edns)
    return bytes(query.pack())


def test_1_plain_dns_gets_plain_dns(exchange: Exchange) -> None:
    reply = exchange(_packet())
    assert (reply.header.rcode, len(reply.rr), reply.ar) == (RCODE.NOERROR, 1, [])


def test_2_edns0_gets_edns0(exchange: Exchange) -> None:
    reply = exchange(_packet(edns=EDNS0(udp_len=4096)))
    assert (reply.header.rcode, len(reply.rr), len(reply.ar)) == (RCODE.NOERROR, 1, 1)
    assert (reply.ar[0].edns_ver, reply.ar[0].ttl, reply.ar[0].rclass) == (0, 0, 1232)


@pytest.mark.parametrize("option", [(), (EDNSOption(100, b"x"),)])
def test_3_edns1_gets_badvers(exchange: Exchange, option: tuple[EDNSOption, ...]) -> None:
    reply = exchange(_packet(edns=EDNS0(version=1, opts=list(option))))
    assert (reply.ar[0].ttl >> 24, reply.header.rcode, reply.ar[0].edns_ver) == (1, 0, 0)  # 16 = BADVERS
    assert not reply.rr


def test_4_an_unknown_option_is_ignored(exchange: Exchange) -> None:
    reply = exchange(_packet(edns=EDNS0(opts=[EDNSOption(100, b"what is it"), EDNSOption(3, b"")])))
    assert (reply.header.rcode, len(reply.rr), reply.ar[0].rdata) == (RCODE.NOERROR, 1, [])


def test_5_unknown_flags_are_cleared(exchange: Exchange) -> None:
    packet = bytearray(_packet(edns=EDNS0(udp_len=1232)))
    packet[-4] |= 0x40  # a flag of EDNS nobody has defined
    packet[3] |= 0x40  # the Z bit of the header
    reply = exchange(bytes(packet))
    assert (len(reply.rr), reply.ar[0].ttl, reply.header.z) == (1, 0, 0)


def test_6_do_is_echoed(exchange: Exchange) -> None:
    reply = exchange(_packet(edns=EDNS0(flags="do", udp_len=1232)))
    assert (len(reply.rr), reply.ar[0].ttl) == (1, 0x8000)


def test_7_too_much_for_512_bytes_is_truncated_and_comes_by_tcp(exchange: Exchange, server: Running) -> None:
    by_udp = DNSRecord.parse(server.exchange(_packet("big.example", "TXT")))
    assert (by_udp.header.tc, by_udp.rr) == (1, [])
    small = DNSRecord.parse(server.exchange(_packet("big.example", "TXT", EDNS0(udp_len=512))))
    assert (small.header.tc, len(small.ar)) == (1, 1)
    assert len(exchange(_packet("big.example", "TXT", EDNS0(udp_len=1232))).rr) == 9
    with server.tcp() as connection:
        packet = _packet("big.example", "TXT")
        connection.sendall(struct.pack("!H", len(packet)) + packet)
        assert len(DNSRecord.parse(receive_framed(connection)).rr) == 9


def test_8_an_unknown_type_passes(exchange: Exchange) -> None:  # RFC 3597
    packet = _packet("odd.example")
    reply = exchange(packet[:-4] + struct.pack("!HH", 62000, 1))
    assert [(rr.rtype, bytes(rr.rdata.data)) for rr in reply.rr] == [(62000, b"\1\2\3\4")]


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 5, 6, 15])  # 6 is DSO: RFC 8490 section 5.1
def test_9_opcodes_but_query_are_not_implemented(exchange: Exchange, opcode: int) -> None:
    packet = _packet(edns=EDNS0())
    reply = exchange(packet[:2] + bytes([opcode << 3]) + packet[3:])
    assert (reply.header.rcode, reply.header.opcode, reply.rr) == (RCODE.NOTIMP, opcode, [])


def test_10_two_questions_are_a_format_error(exchange: Exchange) -> None:
    packet = _packet()
    reply = exchange(packet[:4] + b"\0\2" + packet[6:] + packet[12:])
    assert (reply.header.rcode, reply.rr) == (RCODE.FORMERR, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p[:-1],
        lambda p: p + b"\0",
        lambda p: p[:12],
        lambda p: p[:12] + b"\xc0\x0c" + p[-4:],  # a name that leads to itself
        lambda p: p[:12] + b"\x40" + p[13:],  # a label of a kind that never was
        lambda p: p[:6] + b"\0\1" + p[8:],  # an answer that is not there
        lambda p: p[:10] + b"\0\1" + p[12:],  # an OPT that is not there
    ],
)
def test_11_malformed_questions_are_never_answered_with_data(
    exchange: Exchange, change: Callable[[bytes], bytes]
) -> None:
    reply = exchange(change(_packet()))
    assert (reply.header.rcode, reply.rr) == (RCODE.FORMERR, [])


def test_two_opts_or_a_cut_option_are_a_format_error(exchange: Exchange) -> None:  # RFC 6891 section 6.1.1
    opt = b"\0" + struct.pack("!HHIH", QTYPE.OPT, 1232, 0, 0)
    plain = _packet()
    assert exchange(plain[:10] + b"\0\2" + plain[12:] + opt + opt).header.rcode == RCODE.FORMERR
    cut = b"\0" + struct.pack("!HHIH", QTYPE.OPT, 1232, 0, 5) + b"\0\x0a\0\x08x"
    assert exchange(plain[:10] + b"\0\1" + plain[12:] + cut).header.rcode == RCODE.FORMERR
    short_cookie = b"\0" + struct.pack("!HHIH", QTYPE.OPT, 1232, 0, 7) + b"\0\x0a\0\x03abc"
    assert exchange(plain[:10] + b"\0\1" + plain[12:] + short_cookie).header.rcode == RCODE.FORMERR
