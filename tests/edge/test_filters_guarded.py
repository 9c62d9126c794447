"""Limits and the tunnel guard on the running filter, by true packets."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from dnslib import EDNS0, RCODE, DNSRecord

from filters.resolver import MAX_ASKED
from tests.edge.filters_upstream import (
    Running,
    ScriptedUpstream,
    receive_framed,
    running,
    settings_for,
)

_QPS = 20
_BURST = 10 * _QPS


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def _asked(server: Running, client: socket.socket, count: int) -> list[DNSRecord]:
    query = DNSRecord.question("wifi.internal")
    query.add_ar(EDNS0())
    replies = []
    for number in range(count):
        query.header.id = number
        client.send(query.pack())
        replies.append(DNSRecord.parse(client.recv(4096)))
    return replies


@pytest.mark.parametrize("workers", [1, 2])
def test_who_asks_too_much_gets_tc_then_refused_and_a_way_by_tcp(
    upstream: ScriptedUpstream, tmp_path: Path, workers: int
) -> None:
    settings = settings_for(tmp_path, [upstream.port], workers=workers, client_qps=_QPS, exempt=())
    with running(settings) as server:
        clients = [server.client() for _ in range(4)]  # several ports, one address: one account in all workers
        try:
            replies = [reply for _ in range(150) for client in clients for reply in _asked(server, client, 1)]
        finally:
            for client in clients:
                client.close()
        served = [reply for reply in replies if reply.rr and not reply.header.tc]
        truncated = [reply for reply in replies if reply.header.tc]
        refused = [reply for reply in replies if reply.header.rcode == RCODE.REFUSED]
        assert len(served) + len(truncated) + len(refused) == 600
        assert _BURST <= len(served) <= _BURST + 5 * _QPS
        assert _BURST <= len(truncated) <= _BURST + 5 * _QPS
        assert refused
        assert all(reply.ar and not reply.rr for reply in truncated + refused), "OPT in each answer to OPT, no data"
        with server.tcp() as connection:
            query = DNSRecord.question("wifi.internal").pack()
            connection.sendall(struct.pack("!H", len(query)) + query)
            assert DNSRecord.parse(receive_framed(connection)).rr
        events = server.events_until("client.limited")
        assert "127.0.0.1" not in str(events)


def test_the_box_itself_and_infrastructure_have_no_limit(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], client_qps=1)
    with running(settings) as server, server.client() as client:
        assert all(reply.rr for reply in _asked(server, client, 300))


def test_one_client_with_names_nobody_answers_leaves_room_for_the_others(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, running(settings_for(tmp_path, [upstream.port], exempt=())) as server:
        names = [f"n{number}.dead{number}.example{number}" for number in range(MAX_ASKED + 20)]
        for name in names:
            upstream.says(name, "A", silent=True)
        with server.client() as greedy, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for name in names:
                greedy.send(DNSRecord.question(name).pack())
            other.settimeout(5)
            other.bind(("127.0.0.9", 0))
            other.connect(greedy.getpeername())
            other.send(DNSRecord.question("lesson.example").pack())
            reply = DNSRecord.parse(other.recv(4096))
            assert (reply.header.rcode, len(reply.rr)) == (RCODE.NOERROR, 1)
            refused = DNSRecord.parse(greedy.recv(4096))
            assert refused.header.rcode == RCODE.SERVFAIL


def test_a_tunnels_questions_stop_going_upstream(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, [upstream.port], exempt=())) as server:
        names = [f"{number:04d}{'x' * 50}.t.carrier.example" for number in range(200)]
        refused = [server.ask(name, "TXT").header.rcode == RCODE.REFUSED for name in names]
        assert sum(refused) > 150
        assert len([name for name in names if upstream.asked(name)]) < 45
        assert server.ask("www.other.example").rr, "what else the client does goes on"
        assert "carrier.example" not in str(server.events_until("client.tunnelling"))
