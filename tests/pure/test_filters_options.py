"""EDNS options of answers: cookies and keepalives."""

import struct

from dnslib import EDNS0, DNSRecord, EDNSOption

from filters.options import Options
from filters.wire import Edns, read_query

_CLIENT = b"\xc0\x00\x02\x01"


def _edns(*options: tuple[int, bytes]) -> Edns | None:
    question = DNSRecord.question("a.vn")
    question.add_ar(EDNS0(opts=[EDNSOption(code, value) for code, value in options]))
    return read_query(bytes(question.pack())).edns


def _told(options: Options, edns: Edns | None, client: bytes = _CLIENT) -> bytes:
    return options.reply_to(edns, client, by_udp=True)


def test_a_cookie_comes_back_with_the_servers_half() -> None:  # RFC 7873 section 5.2.3, RFC 9018 section 4
    told = _told(Options(b"key" * 6, lambda: 77.9), _edns((10, b"12345678")))
    assert struct.unpack("!HH", told[:4]) == (10, 24)
    assert told[4:20] == b"12345678" + b"\x01\0\0\0" + b"\0\0\0\x4d"
    assert len(told) == 28


def test_the_servers_half_is_of_the_client_the_key_and_the_asked() -> None:
    edns, other = _edns((10, b"12345678")), _edns((10, b"12345679"))
    options = Options(b"key", lambda: 1.0)
    whole = {
        _told(options, edns),
        _told(options, edns, b"\xc0\x00\x02\x02"),
        _told(options, other),
        _told(Options(b"another", lambda: 1.0), edns),
    }
    assert len(whole) == 4
    assert _told(Options(b"key", lambda: 1.0), edns) in whole  # another worker, the same cookie
    assert _told(options, _edns((10, b"12345678" + b"s" * 16))) in whole  # with a half of ours, or of an old key


def test_a_keepalive_is_told_by_tcp_alone() -> None:  # RFC 7828 section 3.2.1
    options, edns = Options(b"key", lambda: 1.0), _edns((11, b""))
    assert options.reply_to(edns, _CLIENT, by_udp=False) == b"\0\x0b\0\2\0\x64"
    assert options.reply_to(edns, _CLIENT, by_udp=True) == b""
    assert options.reply_to(None, _CLIENT, by_udp=False) == b""
