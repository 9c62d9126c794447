"""The garden resolver: a function of the packet, read back by dnslib."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.garden import Garden, GardenNames
from gateway.ports import IpAddress

SYNTHETIC4, SYNTHETIC6 = IPv4Network("198.18.0.0/15"), IPv6Network("2001:db8:ffff::/64")
GARDEN = Garden(
    GardenNames("wifi.internal", ("10.77.0.1", "2001:db8:77::1"), {1: SYNTHETIC4, 28: SYNTHETIC6}),
)


def ask(name: str, qtype: str = "A") -> dnslib.DNSRecord:
    answer = GARDEN.answer(dnslib.DNSRecord.question(name, qtype).pack())
    assert answer is not None
    return dnslib.DNSRecord.parse(answer)


def data(answer: dnslib.DNSRecord) -> list[tuple[str, int]]:
    return [(str(record.rdata), record.ttl) for record in answer.rr]


def test_the_portals_name_leads_to_the_portal() -> None:
    assert data(ask("WiFi.Internal")) == [("10.77.0.1", 0)]
    assert data(ask("wifi.internal", "AAAA")) == [("2001:db8:77::1", 0)]
    assert data(ask("wifi.internal", "HTTPS")) == []


@pytest.mark.parametrize("name", ["captive.apple.com", "garena.vn", "a.b.c.d.e.example", "t.evil.example"])
def test_any_other_name_gets_an_address_of_its_own_for_no_time(name: str) -> None:
    ((address, ttl),) = data(ask(name))
    assert IPv4Address(address) in SYNTHETIC4 and ttl == 0
    ((address6, ttl),) = data(ask(name.upper(), "AAAA"))
    assert IPv6Address(address6) in SYNTHETIC6 and ttl == 0
    assert list(GARDEN.synthetic(name)) == [address, address6]  # the same at every asking, in any spelling


@pytest.mark.parametrize("qtype", ["TXT", "NULL", "SRV", "MX", "CNAME", "HTTPS", "SVCB", "NS", "PTR", "ANY", "DS"])
def test_no_other_type_has_data(qtype: str) -> None:
    answer = ask("z7f2.t.evil.example", qtype)
    assert answer.rr == [] and answer.header.rcode == dnslib.RCODE.NOERROR


def test_the_switches_of_encrypted_dns_are_answered_as_in_the_filter() -> None:
    assert ask("use-application-dns.net").header.rcode == dnslib.RCODE.NXDOMAIN
    assert ask("mask.icloud.com").header.rcode == dnslib.RCODE.NXDOMAIN
    assert data(ask("_dns.resolver.arpa", "SVCB")) == []


def test_without_ipv6_there_are_no_ipv6_addresses() -> None:
    garden = Garden(GardenNames("wifi.internal", ("10.77.0.1",), {1: SYNTHETIC4}))
    answer = garden.answer(dnslib.DNSRecord.question("www.example.com", "AAAA").pack())
    assert answer is not None and dnslib.DNSRecord.parse(answer).rr == []


def test_what_a_client_asked_is_known_for_a_while_and_to_nobody_else() -> None:
    garden = Garden(GardenNames("wifi.internal", ("10.77.0.1",), {1: SYNTHETIC4}))
    phone, tablet = IpAddress("10.77.0.11"), IpAddress("10.77.0.12")

    def asks(client: str, name: str, now_s: float) -> None:
        assert garden.answer(dnslib.DNSRecord.question(name).pack(), client, now_s)

    for n in range(40):
        asks(phone, f"n{n}.example", 10.0)
    asks(tablet, "other.example", 11.0)
    asks(phone, "WiFi.internal", 12.0)
    assert list(garden.asked_by([phone])) == [f"n{n}.example" for n in range(8, 40)]
    assert list(garden.asked_by([tablet])) == ["other.example"]
    asks(tablet, "late.example", 192.0)
    assert list(garden.asked_by([phone])) == []
    for n in range(10000):
        asks(f"c{n}", "flood.example", 193.0)
    assert len(garden.asked_by([IpAddress(f"c{n}") for n in range(10000)])) == 1
    assert list(garden.asked_by([tablet])) == []


def test_what_is_malformed_gets_no_data() -> None:
    question = dnslib.DNSRecord.question("www.example.com").pack()
    assert GARDEN.answer(b"") is None
    assert GARDEN.answer(question[:11]) is None
    assert GARDEN.answer(ask("www.example.com").pack()) is None  # an answer is no question: no loops
    for broken, rcode in (
        (question[:-1], dnslib.RCODE.FORMERR),
        (question[:4] + b"\0\2" + question[6:], dnslib.RCODE.FORMERR),
        (question[:2] + b"\x28\0" + question[4:], dnslib.RCODE.NOTIMP),
        (question + b"junk", dnslib.RCODE.FORMERR),
    ):
        answer = GARDEN.answer(broken)
        assert answer is not None
        assert (answer[3] & 15, int.from_bytes(answer[6:8], "big")) == (rcode, 0)


@given(st.binary(max_size=120))
def test_no_bytes_break_it_and_none_get_more_than_their_own_back(packet: bytes) -> None:
    answer = GARDEN.answer(packet)
    if answer is not None:
        assert answer[:2] == packet[:2] and answer[2] & 0x80
        assert len(answer) <= len(packet) + 140
