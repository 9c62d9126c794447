"""An upstream's message: cleaned, its life, where it leads."""

import struct

import pytest
from dnslib import EDNS0, RCODE, RR, DNSRecord

from filters.kept import cleaned, key_of
from filters.wire import BadPacketError, read_query


def _message(
    zone: str = "", authority: str = "", *, rcode: int = 0, edns: bool = True, name: str = "a.vn", qtype: str = "A"
) -> bytes:
    reply = DNSRecord.question(name, qtype).reply(aa=1)
    reply.header.ad = 1
    reply.header.rcode = rcode
    reply.add_answer(*RR.fromZone(zone))
    reply.add_auth(*RR.fromZone(authority))
    if edns:
        reply.add_ar(EDNS0(udp_len=4096))
    return bytes(reply.pack())


_SOA = "vn 900 SOA ns.vn. root.vn. 1 2 3 4 60"
_SIGNATURE = "RRSIG CNAME 13 2 900 20300101000000 20200101000000 1 vn. AAAA"


def test_a_message_is_cleaned_of_what_is_the_hops_own() -> None:
    kept = cleaned(_message("a.vn 300 A 203.0.113.1"), 10.0)
    reply = DNSRecord.parse(kept.message)
    assert (reply.header.id, reply.header.aa, reply.header.ad, reply.header.ra) == (0, 0, 0, 1)
    assert not reply.ar
    assert [str(rr.rdata) for rr in reply.rr] == ["203.0.113.1"]
    assert kept.life_s == 300


@pytest.mark.parametrize(
    ("message", "life_s"),
    [
        (_message("a.vn 300 A 203.0.113.1\na.vn 20 A 203.0.113.2"), 20),
        (_message("a.vn 0 A 203.0.113.1"), 0),
        (_message("a.vn 999999 A 203.0.113.1"), 86400),
        (_message("a.vn 300 A 203.0.113.1").replace(struct.pack("!I", 300), struct.pack("!I", 0x80000001)), 0),
        (_message("", _SOA, rcode=RCODE.NXDOMAIN), 60),  # the SOA's minimum, not its TTL
        (_message("", _SOA), 60),
        (_message("a.vn 30 CNAME b.vn", _SOA), 30),
        (
            _message(f"a.vn 900 CNAME b.vn\na.vn 900 {_SIGNATURE}", _SOA),
            60,
        ),  # the alias is signed, its end is not there
        (_message("a.vn 30 CNAME b.vn", qtype="CNAME"), 30),  # what was asked for, and no word on an end
        (_message("", "vn 9999999 SOA ns.vn. root.vn. 1 2 3 4 9999999"), 3600),
        (_message("", "", rcode=RCODE.NXDOMAIN), 0),  # no SOA: nobody said for how long
        (_message("", "vn 900 NS ns.vn."), 0),
        (_message("a.vn 300 A 203.0.113.1", rcode=RCODE.SERVFAIL), 0),
    ],
)
def test_the_life_of_an_answer(message: bytes, life_s: int) -> None:
    assert cleaned(message, 0.0).life_s == life_s


def test_ttls_are_counted_down() -> None:
    kept = cleaned(_message("a.vn 300 A 203.0.113.1\na.vn 20 A 203.0.113.2"), 100.0)
    aged = DNSRecord.parse(bytes(kept.aged(107.9)))
    assert [rr.ttl for rr in aged.rr] == [293, 13]


def test_the_soa_of_a_negative_answer_shows_its_minimum() -> None:
    aged = DNSRecord.parse(bytes(cleaned(_message("", _SOA), 0.0).aged(5.0)))
    assert aged.auth[0].ttl == 55


def test_where_an_answer_leads() -> None:
    kept = cleaned(
        _message("a.vn 9 CNAME b.vn\nb.vn 9 CNAME c.vn\nc.vn 9 A 10.0.0.1\nc.vn 9 AAAA fd00::1\nc.vn 9 A 8.8.8.8"), 0.0
    )
    assert kept.targets == ("b.vn", "c.vn")
    assert [str(address) for address in kept.telling] == ["10.0.0.1", "fd00::1"]


def test_an_https_record_leads_on_by_target_and_hints() -> None:
    question = bytes(DNSRecord.question("a.vn", "HTTPS").pack())[12:]
    rdata = b"\0\1\3cdn\2vn\0" + b"\0\4\0\4\x0a\0\0\1" + b"\0\6\0\x10" + b"\xfd" + bytes(15)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 65, 1, 60, len(rdata)) + rdata
    kept = cleaned(struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0) + question + record, 0.0)
    assert kept.targets == ("cdn.vn",)
    assert [str(address) for address in kept.telling] == ["10.0.0.1", "fd00::"]


@pytest.mark.parametrize(
    "message",
    [
        _message("a.vn 9 A 203.0.113.1", edns=False)[:-2],
        _message("a.vn 9 A 203.0.113.1")[:4] + b"\0\2" + _message("a.vn 9 A 203.0.113.1")[6:],
        _message("", "vn 900 SOA ns.vn. root.vn. 1 2 3 4 60", edns=False).replace(b"\0\0\0\x3c", b"\0\0\0\x3c")[:-1],
    ],
)
def test_a_malformed_message_is_refused(message: bytes) -> None:
    with pytest.raises(BadPacketError):
        cleaned(message, 0.0)


@pytest.mark.parametrize(
    ("owner", "rtype", "data"),
    [
        (b"\xc0\x16", 1, b"\xcb\0\x71\1"),  # leads to itself
        (b"\xc0\xff", 1, b"\xcb\0\x71\1"),  # leads past the end
        (b"\xc0\x01", 1, b"\xcb\0\x71\1"),  # leads into the header, which is each answer's own
        (b"\xc0\x1a", 1, b"\xcb\0\x71\1"),  # leads into its TTL, which counts down
        (b"\xc0\x0c", 15, b"\0\1\xc0\x24"),
        (b"\xc0\x0c", 2, b"\3ns"),
        (b"\xc0\x0c", 6, b"\xc0\x0c\xc0\xff" + bytes(20)),
        (b"\xc0\x0c", 33, b"\0\0\0\0\0\x35\xc0\x28"),
    ],
)
def test_a_name_that_leads_nowhere_never_reaches_a_client(owner: bytes, rtype: int, data: bytes) -> None:
    question = b"\1a\2vn\0\0\1\0\1"
    record = owner + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data
    with pytest.raises(BadPacketError):
        cleaned(struct.pack("!HHHHHH", 1, 0x8180, 1, 1, 0, 0) + question + record, 0.0)


def _key(name: str, qtype: str = "A") -> tuple[bytes, bool, bool]:
    return key_of(read_query(bytes(DNSRecord.question(name, qtype).pack())))


def test_the_key_is_the_question_in_any_spelling() -> None:
    assert _key("A.vn") == _key("a.VN")
    assert _key("a.vn", "HTTPS") != _key("a.vn", "TYPE97")  # 65 is "A": only the name is lowered
