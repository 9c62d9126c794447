"""The running filter: true queries to true worker processes, with a small scripted upstream behind them."""

import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord, EDNSOption

from filters.settings import Action, Source
from tests.edge.filters_upstream import (
    WAIT_S,
    Running,
    ScriptedUpstream,
    receive_framed,
    running,
    settings_for,
    write_rules,
)

_SOURCES = (
    Source("games-vn", "games", "package:games-vn"),
    Source("games-vn-exceptions", "games", "package:games-vn-exceptions", Action.ALLOW),
    Source("threats-vn", "threats", "package:threats-vn"),
)


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def server(upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = settings_for(tmp_path_factory.mktemp("dns"), [upstream.port], _SOURCES, workers=2)
    with running(settings) as started:
        yield started


def _answers(reply: DNSRecord) -> list[str]:
    return [str(rr.rdata) for rr in reply.rr]


def _ede(reply: DNSRecord) -> int | None:
    for extra in reply.ar:
        for option in extra.rdata:
            if option.code == 15:
                code: int = struct.unpack("!H", option.data[:2])[0]
                return code
    return None


def _until(asks: Callable[[], bool], within_s: float = WAIT_S) -> float:
    """Ask again and again until it is so; seconds it took."""
    begun = perf_counter()
    while not asks():
        assert perf_counter() - begun < within_s, "it did not come to pass"
    return perf_counter() - begun


def test_a_game_is_refused_with_its_reason_and_only_where_the_profile_says(server: Running) -> None:
    for _ in range(3):  # from the slow path, then from ready bytes
        reply = server.ask("Shop.garena.vn", edns=EDNS0(udp_len=1232))
        assert _answers(reply) == ["0.0.0.0"]
        assert _ede(reply) == 15
        assert reply.rr[0].ttl == 30
    assert _answers(server.ask("garena.vn", "AAAA")) == ["::"]
    assert server.ask("garena.vn", "HTTPS").rr == []
    assert _answers(server.ask("garena.vn", profile=1)) == ["203.0.113.7"]


def test_an_exception_below_a_refused_name_resolves(server: Running) -> None:
    assert _answers(server.ask("goplay.vn")) == ["0.0.0.0"]
    assert _answers(server.ask("ioe.goplay.vn")) == ["203.0.113.7"]


def test_the_portal_and_canaries_are_answered_here(server: Running, upstream: ScriptedUpstream) -> None:
    assert _answers(server.ask("wifi.internal")) == ["10.77.0.1"]
    assert _answers(server.ask("wifi.internal", "AAAA")) == ["fd00::1"]
    assert server.ask("use-application-dns.net").header.rcode == RCODE.NXDOMAIN
    assert server.ask("1.1.168.192.in-addr.arpa", "PTR").header.rcode == RCODE.NXDOMAIN
    assert not upstream.asked("wifi.internal")


def test_an_answer_is_kept_and_its_ttl_counts_down(server: Running, upstream: ScriptedUpstream) -> None:
    first = server.ask("kept.example")
    assert (_answers(first), first.rr[0].ttl) == (["203.0.113.7"], 300)
    # both workers, either spelling, one question upstream each
    _until(lambda: server.ask("KEPT.example").rr[0].ttl == 299 and server.ask("kept.example").rr[0].ttl == 299)
    assert str(server.ask("KePt.example").q.qname) == "KePt.example."
    assert len(upstream.asked("kept.example")) <= 2


def test_a_negative_answer_is_kept_by_its_soa(server: Running, upstream: ScriptedUpstream) -> None:
    soa = "example 900 SOA ns.example. root.example. 1 2 3 4 60"
    upstream.says("gone.example", "A", authority=soa, rcode=RCODE.NXDOMAIN)
    for _ in range(6):
        reply = server.ask("gone.example")
        assert reply.header.rcode == RCODE.NXDOMAIN
        assert reply.auth[0].ttl <= 60
    assert len(upstream.asked("gone.example")) <= 2


def test_an_alias_of_a_refused_name_is_refused(server: Running, upstream: ScriptedUpstream) -> None:
    zone = "cloak.example 60 CNAME x.garena.vn\nx.garena.vn 60 A 203.0.113.8"
    upstream.says("cloak.example", "A", zone)
    reply = server.ask("cloak.example", edns=EDNS0())
    assert (_answers(reply), _ede(reply)) == (["0.0.0.0"], 15)
    assert "203.0.113.8" in _answers(server.ask("cloak.example", profile=1))


def test_a_public_name_never_leads_inside(server: Running, upstream: ScriptedUpstream) -> None:
    upstream.says("rebind.example", "A", "rebind.example 60 A 192.168.1.1")
    reply = server.ask("rebind.example", edns=EDNS0())
    assert (_answers(reply), _ede(reply)) == (["0.0.0.0"], 15)


def test_a_truncated_answer_is_fetched_by_tcp(server: Running, upstream: ScriptedUpstream) -> None:
    zone = "\n".join(f"big.example 60 TXT {'x' * 200}{n}" for n in range(10))
    upstream.says("big.example", "TXT", zone, truncated=True)
    by_udp = server.ask("big.example", "TXT", edns=EDNS0(udp_len=4096))
    assert by_udp.header.tc
    assert not by_udp.rr
    assert len(by_udp.ar) == 1
    with server.tcp() as connection:
        query = bytes(DNSRecord.question("big.example", "TXT").pack())
        connection.sendall(struct.pack("!H", len(query)) + query)
        assert len(DNSRecord.parse(receive_framed(connection)).rr) == 10
    assert ("TXT", "tcp") in upstream.asked("big.example")


def test_tcp_takes_many_questions_on_one_connection(server: Running) -> None:
    names = ["garena.vn", "pipe1.example", "wifi.internal", "pipe2.example"]
    queries = [bytes(DNSRecord.question(name).pack()) for name in names]
    with server.tcp() as connection:
        stream = b"".join(struct.pack("!H", len(query)) + query for query in queries)
        connection.sendall(stream[:50])  # cut in the middle of a question
        connection.sendall(stream[50:])
        replies = [DNSRecord.parse(receive_framed(connection)) for _ in names]
    assert {(str(reply.q.qname), reply.header.id) for reply in replies} == {
        (name + ".", struct.unpack("!H", query[:2])[0]) for name, query in zip(names, queries, strict=True)
    }
    with server.tcp() as connection:
        connection.sendall(b"\0\3abc")
        with pytest.raises(ConnectionError):
            receive_framed(connection)


def test_the_clients_subnet_and_cookie_stay_here(server: Running, upstream: ScriptedUpstream) -> None:
    options = [EDNSOption(8, b"\0\1\x18\0\xc0\0\2"), EDNSOption(10, b"12345678")]
    reply = server.ask("private.example", edns=EDNS0(flags="do", udp_len=4096, opts=options))
    assert _answers(reply) == ["203.0.113.7"]
    assert [option.code for option in reply.ar[0].rdata] == [10]  # nor do the upstream's options reach the client
    query = next(query for name, _, _, query in upstream.seen if name == "private.example")
    assert query.ar[0].rdata == []
    assert query.ar[0].ttl == 0x8000


def test_the_same_question_of_many_goes_upstream_once(upstream: ScriptedUpstream, server: Running) -> None:
    upstream.gate.clear()
    clients = [server.client() for _ in range(20)]
    try:
        for number, client in enumerate(clients):
            query = DNSRecord.question("merged.example")
            query.header.id = number
            client.send(bytes(query.pack()))
        upstream.gate.set()
        for number, client in enumerate(clients):
            assert DNSRecord.parse(client.recv(4096)).header.id == number
    finally:
        upstream.gate.set()
        for client in clients:
            client.close()
    assert len(upstream.asked("merged.example")) <= 2  # one a worker


@pytest.mark.parametrize(
    ("change", "rcode"),
    [
        (lambda p: p[:2] + b"\x11" + p[3:], RCODE.NOTIMP),
        (lambda p: p[:4] + b"\0\2" + p[6:], RCODE.FORMERR),
        (lambda p: p[:-1], RCODE.FORMERR),
        (lambda p: p + b"x", RCODE.FORMERR),
        (lambda p: p[:12], RCODE.FORMERR),
        (lambda p: p[:-4] + b"\0\xfc\0\1", RCODE.NOTIMP),
        (lambda p: p[:-4] + b"\0\1\0\3", RCODE.REFUSED),
        (lambda p: p[:-4] + b"\xff\x01\0\1", RCODE.NOERROR),  # an unknown type passes
    ],
)
def test_odd_packets_get_errors_and_never_data(server: Running, change: Callable[[bytes], bytes], rcode: int) -> None:
    reply = DNSRecord.parse(server.exchange(change(bytes(DNSRecord.question("odd.example").pack()))))
    assert reply.header.rcode == rcode
    assert not reply.rr


def test_edns_as_its_rfc_has_it(server: Running) -> None:
    badvers = server.ask("edns.example", edns=EDNS0(version=1))
    assert badvers.ar[0].ttl >> 24 == 1
    assert not badvers.rr
    assert not server.ask("edns.example").ar
    assert QTYPE[server.ask("edns.example", "ANY").rr[0].rtype] == "HINFO"


def test_a_storm_of_garbage_changes_nothing(server: Running) -> None:
    with server.client() as client:
        for size in range(600):
            client.send(os.urandom(size))
            client.send(b"\0\1\x01\0\0\1\0\0\0\0\0\1" + os.urandom(size))
        client.send(b"\0\1\x81\x80\0\1\0\0\0\0\0\0\0\0\1\0\1")  # an answer: never answered
        client.send(b"x" * 9000)
    assert _answers(server.ask("after.example")) == ["203.0.113.7"]
    assert _answers(server.ask("garena.vn")) == ["0.0.0.0"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_the_answer_leaves_from_the_address_that_was_asked(server: Running, address: str) -> None:
    for name in ("garena.vn", "fresh-" + address.replace(":", "x") + ".example"):  # at once, and later
        query = bytes(DNSRecord.question(name).pack())
        assert DNSRecord.parse(server.exchange(query, address=address)).rr


def test_a_local_rule_holds_within_a_second_and_goes_again(server: Running) -> None:
    path = server.settings.local_rules
    assert _answers(server.ask("rule.example")) == ["203.0.113.7"]
    write_rules(path, ("rule.example", "block"), ("garena.vn", "allow"))
    assert _until(lambda: _answers(server.ask("www.rule.example")) == ["0.0.0.0"]) < 1.0
    assert _until(lambda: _answers(server.ask("garena.vn")) == ["203.0.113.7"]) < 1.0
    _until(lambda: _ede(server.ask("rule.example", edns=EDNS0())) == 17)
    write_rules(path)
    assert _until(lambda: _answers(server.ask("garena.vn")) == ["0.0.0.0"]) < 1.0
    for name, address in (("rule.example", "203.0.113.7"), ("garena.vn", "0.0.0.0")):  # in both workers
        _until(lambda name=name, address=address: all(_answers(server.ask(name)) == [address] for _ in range(12)))  # type: ignore[misc]  # its defaults


def test_a_killed_worker_is_replaced_and_queries_go_on(server: Running) -> None:
    before = server.workers()
    os.kill(before[0], 9)
    for number in range(40):
        assert server.ask(f"w{number}.example").rr
    events = server.events_until("worker.died")
    assert events[-1]["code"] == -9
    _until(lambda: len(server.workers()) == 2 and before[0] not in server.workers())


def test_counts_come_once_a_second_and_know_no_client(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], _SOURCES)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(WAIT_S)
        with running(settings) as server:
            for _ in range(3):
                server.ask("a.freefiremobile.com")  # nobody listens yet: kept
            listener.bind(str(settings.counts_socket))
            server.ask("b.freefiremobile.com")
            server.ask("garena.vn")
            server.ask("free.example")
            first = listener.recv(4096)
            server.ask("free.example", profile=1)
            second = listener.recv(4096)
    told = [json.loads(each) for each in (first, second)]
    for each in told:
        assert [upstream["address"] for upstream in each["state"].pop("upstreams")] == ["127.0.0.1"]
        assert "127.0.0.1" not in json.dumps(each)  # where the questions came from, too
    sums = [each["profiles"] for each in told]
    adult = [each.get("adult", {"queries": 0, "refused": {}}) for each in sums]
    assert sum(each["queries"] for each in adult) == 6
    assert sum(each["refused"].get("games", 0) for each in adult) == 2
    assert sum(each.get("staff", {"queries": 0})["queries"] for each in sums) == 1


def test_concurrent_clients_all_get_their_own_answer(server: Running) -> None:
    wrong: list[str] = []

    def ask(part: int) -> None:
        for number in range(60):
            name = f"c{part}-{number}.example" if number % 3 else "garena.vn"
            reply = server.ask(name)
            if str(reply.q.qname) != name + "." or not reply.rr:
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
