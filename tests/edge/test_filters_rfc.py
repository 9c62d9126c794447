"""RFCs of the checklist that no other test holds, by true packets to a true filter; unbound validates behind it."""

import json
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord, EDNSOption

from filters.settings import Upstream
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, receive_framed, running, settings_for
from tests.edge.unbound import running_unbound

_ZONE = """$ORIGIN signed.example.
$TTL 300
@ IN SOA ns root 1 3600 600 86400 300
@ IN NS ns
ns IN A 203.0.113.53
www IN A 203.0.113.80
bad IN A 203.0.113.81
"""


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def server(upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = settings_for(
        tmp_path_factory.mktemp("dns"), [upstream.port], workers=2, info_url="https://wifi.example/dns"
    )
    with running(settings) as started:
        yield started


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The filter before an unbound that validates a zone signed here; one of its records was changed afterwards."""
    directory = tmp_path_factory.mktemp("dnssec")
    key = _sign(directory)
    lines = (
        f'  trust-anchor-file: "{directory}/{key}.key"',
        "auth-zone:",
        '  name: "signed.example"',
        f'  zonefile: "{directory}/zone.signed"',
        "  for-downstream: no",
        "  for-upstream: yes",
    )
    with running_unbound(directory, *lines) as unbound:
        settings = settings_for(directory, [])
        behind = Upstream("127.0.0.1", unbound.port, validates=True)
        with running(replace(settings, upstreams=(behind,))) as started:
            yield started


def _sign(directory: Path) -> str:
    zone = directory / "zone"
    zone.write_text(_ZONE, encoding="ascii")

    def run(*command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=directory).stdout.strip()

    key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "signed.example")
    run("ldns-signzone", "-f", "zone.signed", "zone", key)
    signed = directory / "zone.signed"
    signed.write_text(signed.read_text(encoding="ascii").replace("203.0.113.81", "203.0.113.99"), encoding="ascii")
    return key


def _edes(reply: DNSRecord) -> list[int]:
    return [int.from_bytes(option.data[:2], "big") for extra in reply.ar for option in extra.rdata if option.code == 15]


def _asked(server: Running, name: str, *, flags: int = 0x0100, edns: EDNS0 | None = None) -> DNSRecord:
    query = DNSRecord.question(name)
    if edns is not None:
        query.add_ar(edns)
    packet = bytes(query.pack())
    return DNSRecord.parse(server.exchange(packet[:2] + struct.pack("!H", flags) + packet[4:]))


def test_ad_reaches_who_knows_it_and_signatures_who_wants_them(validated: Running) -> None:  # RFC 6840 section 5.7, 5.8
    with_do = _asked(validated, "www.signed.example", edns=EDNS0(flags="do", udp_len=1232))
    assert (with_do.header.ad, {QTYPE[rr.rtype] for rr in with_do.rr}) == (1, {"A", "RRSIG"})
    with_ad = _asked(validated, "www.signed.example", flags=0x0120)
    assert (with_ad.header.ad, {QTYPE[rr.rtype] for rr in with_ad.rr}) == (1, {"A"})
    assert _asked(validated, "www.signed.example").header.ad == 0


def test_a_bogus_name_fails_and_says_why(validated: Running) -> None:  # RFC 4035 section 5.5, RFC 8914 section 4.7
    reply = _asked(validated, "bad.signed.example", edns=EDNS0(udp_len=1232))
    assert (reply.header.rcode, reply.rr) == (RCODE.SERVFAIL, [])
    assert _edes(reply) and set(_edes(reply)) <= {6, 7, 9}  # bogus, and in what way
    unchecked = _asked(validated, "bad.signed.example", flags=0x0110)  # CD: the asker checks by itself
    assert (unchecked.header.cd, [str(rr.rdata) for rr in unchecked.rr]) == (1, ["203.0.113.99"])


def test_a_name_that_is_not_is_proven(validated: Running) -> None:
    reply = _asked(validated, "none.signed.example", edns=EDNS0(flags="do", udp_len=1232))
    assert (reply.header.rcode, reply.header.ad) == (RCODE.NXDOMAIN, 1)
    assert {QTYPE[rr.rtype] for rr in reply.auth} >= {"SOA", "NSEC", "RRSIG"}


def test_rfc7873_every_worker_gives_a_client_the_same_cookie(server: Running) -> None:
    def cookie() -> bytes:
        reply = server.ask("cookie.example", edns=EDNS0(opts=[EDNSOption(10, b"12345678")]))
        (option,) = reply.ar[0].rdata
        assert (option.code, len(option.data), option.data[:12]) == (10, 24, b"12345678\x01\0\0\0")
        return bytes(option.data)

    begun = perf_counter()
    cookies = {cookie() for _ in range(40)}
    assert len(cookies) <= 2 + perf_counter() - begun  # it changes with the second, not with the worker
    errors = server.ask("cookie.example", edns=EDNS0(version=1, opts=[EDNSOption(10, b"12345678")]))
    assert [option.code for option in errors.ar[0].rdata] == [10]


def test_rfc7828_a_connection_is_told_how_long_it_may_stay(server: Running) -> None:
    query = DNSRecord.question("keepalive.example")
    query.add_ar(EDNS0(opts=[EDNSOption(11, b"")]))
    packet = bytes(query.pack())
    with server.tcp() as connection:
        connection.sendall(struct.pack("!H", len(packet)) + packet)
        reply = DNSRecord.parse(receive_framed(connection))
    assert [(option.code, option.data) for option in reply.ar[0].rdata] == [(11, b"\0\x64")]
    assert DNSRecord.parse(server.exchange(packet)).ar[0].rdata == []


def test_rfc9606_the_resolver_tells_of_itself(server: Running) -> None:
    packet = bytes(DNSRecord.question("resolver.arpa").pack())
    reply = DNSRecord.parse(server.exchange(packet[:-4] + struct.pack("!HH", 261, 1)))
    assert b"infourl=https://wifi.example/dns" in reply.rr[0].rdata.data


def test_rfc9462_no_other_resolver_is_designated(server: Running, upstream: ScriptedUpstream) -> None:
    for qtype in (64, 1):
        packet = bytes(DNSRecord.question("_dns.resolver.arpa").pack())
        reply = DNSRecord.parse(server.exchange(packet[:-4] + struct.pack("!HH", qtype, 1)))
        assert (reply.header.rcode, reply.rr) == (RCODE.NOERROR, [])
    assert not upstream.asked("_dns.resolver.arpa")


def test_rfc4343_the_question_comes_back_as_it_was_spelled(server: Running) -> None:
    for name in ("MiXeD.ExAmPlE", "mixed.example", "MIXED.example"):
        reply = server.ask(name)
        assert str(reply.q.qname) == name + "."
        assert [str(rr.rdata) for rr in reply.rr] == ["203.0.113.7"]


def test_rfc2181_a_label_may_hold_any_byte(server: Running, upstream: ScriptedUpstream) -> None:
    plain = bytes(DNSRecord.question("x").pack())
    odd = plain[:12] + b"\x03a.b\x07example\0" + plain[-4:]  # one label with a dot in it, not a.b.example
    reply = server.exchange(odd)
    assert reply[12 : 12 + 15] == odd[12 : 12 + 15]
    assert reply[3] & 15 == RCODE.NOERROR


def test_rfc9460_https_records_pass_whole(server: Running, upstream: ScriptedUpstream) -> None:
    data = b"\0\1\0" + b"\0\1\0\3\2h3" + b"\0\4\0\4\xcb\0\x71\1" + b"\0\5\0\4ech!"
    upstream.says("modern.example", "HTTPS", f"modern.example 60 TYPE65 \\# {len(data)} {data.hex()}")
    reply = server.exchange(bytes(DNSRecord.question("modern.example", "HTTPS").pack()))
    assert data in reply


@pytest.mark.parametrize(
    "name", ["printer.local", "x.onion", "a.test", "b.invalid", "c.home.arpa", "1.0.0.10.in-addr.arpa"]
)
def test_rfc6761_special_names_never_leave(server: Running, upstream: ScriptedUpstream, name: str) -> None:
    assert server.ask(name, "PTR" if "arpa" in name else "A").header.rcode == RCODE.NXDOMAIN
    assert not upstream.asked(name)


def test_what_the_operator_flushes_is_asked_for_anew(server: Running, upstream: ScriptedUpstream) -> None:
    def answers() -> set[str]:
        return {str(rr.rdata) for _ in range(12) for rr in server.ask("www.flush.example").rr}

    def until(holds: Callable[[], bool]) -> None:
        begun = perf_counter()
        while not holds():
            assert perf_counter() - begun < WAIT_S

    upstream.says("www.flush.example", "A", "www.flush.example 300 A 203.0.113.1")
    assert answers() == {"203.0.113.1"}
    upstream.says("www.flush.example", "A", "www.flush.example 300 A 203.0.113.2")
    assert answers() == {"203.0.113.1"}
    path = server.settings.local_rules.with_name("flush.json")
    for serial, names in ((1, ["other.example"]), (2, ["flush.example"])):
        path.with_suffix(".new").write_text(json.dumps({"serial": serial, "names": names}), encoding="ascii")
        path.with_suffix(".new").replace(path)
    until(lambda: answers() == {"203.0.113.2"})
