"""What an answer teaches, and that nothing in it can hurt."""

from dnslib import AAAA, CNAME, EDNS0, HTTPS, QTYPE, RR, SOA, TXT, A, DNSHeader, DNSQuestion, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.session import SessionId
from gateway.strict.answers import MOST_ADDRESSES, MOST_TTL_S, taught
from gateway.strict.teach import source_of


def answer(*records: RR, extra: tuple[RR, ...] = (), authority: tuple[RR, ...] = ()) -> bytes:
    made = DNSRecord(DNSHeader(id=7, qr=1), q=DNSQuestion("www.example.com"), rr=records, auth=authority, ar=extra)
    return bytes(made.pack())


def record(kind: str, data: object, name: str = "www.example.com", ttl: int = 60) -> RR:
    return RR(name, getattr(QTYPE, kind), ttl=ttl, rdata=data)


def test_addresses_of_both_families_and_of_an_aliass_target() -> None:
    packet = answer(
        record("CNAME", CNAME("cdn.example")),
        record("A", A("198.51.100.10"), "cdn.example"),
        record("AAAA", AAAA("2001:db8:100::10"), "cdn.example"),
        record("A", A("198.51.100.10"), "cdn.example"),
        record("TXT", TXT("198.51.100.66")),
    )
    assert taught(packet) == (["198.51.100.10", "2001:db8:100::10"], packet)


def test_hints_of_an_https_record_and_addresses_beside_it() -> None:
    hints = [
        (1, b"\x02h3"),
        (4, bytes([198, 51, 100, 10, 198, 51, 100, 11])),
        (6, bytes.fromhex("20010db8010000000000000000000010")),
    ]
    packet = answer(
        record("HTTPS", HTTPS(1, [], hints)),
        extra=(record("A", A("198.51.100.12"), "svc.example"), EDNS0(udp_len=1232)),
    )
    assert taught(packet)[0] == ["198.51.100.10", "198.51.100.11", "2001:db8:100::10", "198.51.100.12"]


def test_a_refusal_and_a_failure_teach_nothing() -> None:
    assert taught(answer(record("A", A("0.0.0.0")), record("AAAA", AAAA("::"))))[0] == []
    soa = record("SOA", SOA("ns.example", "staff.example", (1, 2, 3, 4, 5)))
    assert taught(answer(authority=(soa, record("A", A("198.51.100.10")))))[0] == []


def test_lives_are_cut_to_what_the_kernel_keeps_and_nothing_else_is_changed() -> None:
    edns = EDNS0(udp_len=1232, flags="do", ext_rcode=1, version=3)
    packet = answer(record("A", A("198.51.100.10"), ttl=86400), record("A", A("198.51.100.11"), ttl=30), extra=(edns,))
    _, shown = taught(packet)
    cut = DNSRecord.parse(shown)
    assert [each.ttl for each in cut.rr] == [MOST_TTL_S, 30]
    assert len(shown) == len(packet) and cut.ar[0].ttl == DNSRecord.parse(packet).ar[0].ttl
    assert taught(shown)[1] == shown


def test_a_flood_of_addresses_is_bounded() -> None:
    packet = answer(*(record("A", A(f"198.51.{n >> 8}.{n & 255}")) for n in range(500)))
    assert len(taught(packet)[0]) == MOST_ADDRESSES


@given(st.binary(max_size=200))
def test_junk_teaches_nothing_or_little_and_never_fails(junk: bytes) -> None:
    addresses, shown = taught(junk)
    assert len(shown) == len(junk) and len(addresses) <= MOST_ADDRESSES


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_damaged_answer_never_fails(at: int, damage: bytes) -> None:
    hint = (4, bytes([198, 51, 100, 10]))
    packet = answer(record("HTTPS", HTTPS(1, [], [hint])), record("A", A("198.51.100.11")))
    at %= len(packet)
    damaged = (packet[:at] + damage + packet[at + len(damage) :])[: len(packet)]
    assert len(taught(damaged)[1]) == len(damaged)


def test_each_session_asks_from_a_loopback_address_of_its_own() -> None:
    assert source_of(None) == "127.64.0.0"
    given_to = [source_of(SessionId(number)) for number in (1, 0x12345, 0x3FFFFF)]
    assert given_to == ["127.64.0.1", "127.65.35.69", "127.127.255.255"]
