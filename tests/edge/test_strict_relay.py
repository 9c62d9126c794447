"""Strict mode's relay over loopback: what is answered is learned first, by UDP and TCP, whatever the kernel says."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
from dnslib import QTYPE, RR, DNSRecord

from gateway.access.session import SessionId
from gateway.ports import IpAddress
from gateway.strict.answers import MOST_TTL_S
from gateway.strict.relay import Relay
from gateway.strict.teach import Teacher, source_of
from tests.edge.filters_upstream import WAIT_S, free_port
from tests.fakes import FakeClock, FakeFirewall

SEVEN = SessionId(7)


@dataclass
class FakeAskers:
    """Says whose it is by hand, and remembers what it was asked."""

    session: SessionId | None = SEVEN
    asked: list[tuple[int, str, str]] = field(default_factory=list)
    fails: bool = False

    def session_of(self, protocol: int, box: tuple[IpAddress, int], client: tuple[IpAddress, int]) -> SessionId | None:
        if self.fails:
            raise OSError(1, "Operation not permitted")
        self.asked.append((protocol, box[0], client[0]))
        return self.session


class Workers(asyncio.DatagramProtocol):
    """Stands where a profile's workers listen: answers by UDP and TCP and remembers who asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.askers: list[str] = []
        self.junk_first = False

    def answer(self, packet: bytes, asker: str) -> bytes:
        self.askers.append(asker)
        query = DNSRecord.parse(packet)
        reply = query.reply()
        if query.q.qtype == QTYPE.A and "refused" not in str(query.q.qname):
            reply.add_answer(*RR.fromZone(f"{query.q.qname} 86400 IN A 198.51.100.10"))
        return bytes(reply.pack())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.junk_first:
            self.transport.sendto(b"\xff\xff" + data[2:], addr)  # another one's id
        self.transport.sendto(self.answer(data, addr[0]), addr)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                packet = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                answer = self.answer(packet, writer.get_extra_info("peername")[0])
                writer.write(struct.pack("!H", len(answer)) + answer)
        except asyncio.IncompleteReadError:
            writer.close()


@dataclass
class House:
    port: int
    workers: Workers
    kernel: FakeFirewall
    askers: FakeAskers


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    port, workers = free_port(), Workers(free_port())
    kernel, askers = FakeFirewall(FakeClock()), FakeAskers()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: workers, local_addr=("127.0.0.1", workers.port))
    async with await asyncio.start_server(workers.talk, "127.0.0.1", workers.port), asyncio.TaskGroup() as tasks:
        relay = tasks.create_task(Relay(port, workers.port, Teacher(askers, kernel)).serve())
        await asyncio.wait_for(_listens(port), WAIT_S)
        yield House(port, workers, kernel, askers)
        relay.cancel()
    transport.close()


async def _listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return


def _by_udp(address: str, port: int, packet: bytes) -> bytes:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(WAIT_S)
        link.connect((address, port))  # only an answer from the asked address gets here
        link.send(packet)
        return link.recv(4096)


def _by_tcp(address: str, port: int, packet: bytes) -> bytes:
    with socket.create_connection((address, port), WAIT_S) as link, link.makefile("rb") as read:
        link.sendall(2 * (struct.pack("!H", len(packet)) + packet))  # two in one breath
        first, second = (read.read(int.from_bytes(read.read(2), "big")) for _ in range(2))
        assert first == second
        return first


@pytest.mark.parametrize("ask", [_by_udp, _by_tcp])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.5", "::1"])
async def test_answers_are_learned_for_the_session_and_come_from_the_asked_address(
    ask: Callable[[str, int, bytes], bytes], address: str
) -> None:
    async with house() as given:
        query = DNSRecord.question("www.example.com")
        answer = DNSRecord.parse(await asyncio.to_thread(ask, address, given.port, bytes(query.pack())))
        assert answer.header.id == query.header.id and [str(each.rdata) for each in answer.rr] == ["198.51.100.10"]
        assert answer.rr[0].ttl == MOST_TTL_S
        assert given.kernel.learned[0] == (SEVEN, "198.51.100.10")
        assert {asked[1] for asked in given.askers.asked if asked[0] == socket.IPPROTO_UDP or ask is _by_tcp} >= {
            address
        }
        assert set(given.workers.askers) == {source_of(SEVEN)}, "the guards must tell clients apart"


async def test_a_refusal_teaches_nothing_and_is_passed_on() -> None:
    async with house() as given:
        packet = bytes(DNSRecord.question("refused.example").pack())
        answer = DNSRecord.parse(await asyncio.to_thread(_by_udp, "127.0.0.1", given.port, packet))
        assert answer.rr == [] and given.kernel.learned == []


async def test_a_question_is_answered_when_the_kernel_does_not_tell_whose_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with house() as given:
        given.askers.fails = True
        packet = bytes(DNSRecord.question("www.example.com").pack())
        answer = DNSRecord.parse(await asyncio.to_thread(_by_udp, "127.0.0.1", given.port, packet))
        assert [str(each.rdata) for each in answer.rr] == ["198.51.100.10"] and given.kernel.learned == []
        told = capsys.readouterr()
        assert "strict.not_learned" in told.err + told.out


async def test_an_answer_with_another_id_is_not_taken() -> None:
    async with house() as given:
        given.workers.junk_first = True
        query = DNSRecord.question("www.example.com")
        answer = await asyncio.to_thread(_by_udp, "127.0.0.1", given.port, bytes(query.pack()))
        assert DNSRecord.parse(answer).header.id == query.header.id


async def test_what_is_no_question_reaches_nobody() -> None:
    async with house() as given:
        reply = bytes(DNSRecord.question("www.example.com").reply().pack())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            for junk in (b"", b"\0" * 11, reply):
                link.sendto(junk, ("127.0.0.1", given.port))
        packet = bytes(DNSRecord.question("www.example.com").pack())
        await asyncio.to_thread(_by_udp, "127.0.0.1", given.port, packet)
        assert len(given.workers.askers) == 1
