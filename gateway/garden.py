"""The resolver of captive clients: it answers, and never asks anybody.

The portal's name leads to the portal; the names that switch encrypted DNS and relays off are answered as the filter
does; every other name leads to a synthetic address of its own whose port 80 is the portal. No question leaves the box,
so nothing can be carried out in one (DNS tunnels), and no answer holds data but these.
"""

import asyncio
import contextlib
import hashlib
import socket
import struct
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from filters.answer import Manner, bare_error, error_body, verdict_body
from filters.blockset import Match
from filters.policy import Outcome, Step, Verdict, View, decide
from filters.rules import LocalRules
from filters.wire import BADVERS, FORMERR, NOTIMP, OPCODE, QR, BadPacketError, read_query
from gateway.errors import GatewayError
from gateway.ports import IpAddress

_TTL_S = 0
"""A captive answer must not outlive the captivity."""
_TYPE_A, _TYPE_AAAA = 1, 28
_TCP_PATIENCE_S = 5.0
_MOST_TCP = 64
_MOST_NAMES, _MOST_NAMES_A_CLIENT, _REMEMBERED_S = 4096, 32, 180.0
_DATAGRAMS_A_TURN = 64


class _NoLists:
    def matches(self, name: str) -> list[Match]:
        return []

    def patterns(self, name: str) -> list[Match]:
        return []


@dataclass(frozen=True, slots=True)
class GardenNames:
    """What the garden answers."""

    portal: str
    portal_addresses: tuple[str, ...]
    synthetic: dict[int, IPv4Network | IPv6Network]
    """Query type -> where its answers are taken from; a missing type (AAAA without IPv6 here) has no data."""


class Garden:
    """Answers, as a pure function of the packet; and what each client asked lately, for a few minutes."""

    def __init__(self, names: GardenNames) -> None:
        self.heard: Callable[[str], None] = lambda address: None
        """Told the address of each packet that came over the network."""
        self._synthetic = names.synthetic
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._view = View({}, _NoLists(), LocalRules(()), {names.portal: names.portal_addresses})

    def answer(self, packet: bytes, client: str = "", now_s: float = 0.0) -> bytes | None:
        """The whole answer; None for what is no question at all."""
        if len(packet) < 12 or packet[2] & QR >> 8:
            return None
        if struct.unpack_from("!H", packet, 2)[0] & OPCODE:
            return packet[:2] + bare_error(packet, NOTIMP)
        try:
            query = read_query(packet)
        except (BadPacketError, ValueError):
            return packet[:2] + bare_error(packet, FORMERR)
        if query.edns and query.edns.version > 0:
            return packet[:2] + error_body(query, BADVERS)
        verdict = decide(query.name, query.qtype, self._view)
        if verdict.outcome is Outcome.FORWARD:
            network = self._synthetic.get(query.qtype)
            addresses = (_address_of(query.name, network),) if network else ()
            outcome = Outcome.ADDRESSES if addresses else Outcome.NODATA
            verdict = Verdict(outcome, Step.NOTHING, "before login", addresses=addresses)
            if client and addresses:
                self._remember(client, query.name, now_s)
        return packet[:2] + verdict_body(query, verdict, Manner(_TTL_S, _TTL_S))

    def asked_by(self, addresses: Sequence[IpAddress]) -> Sequence[str]:
        """See AskedNames."""
        return list({name: None for client, name in self._asked if client in addresses})[-_MOST_NAMES_A_CLIENT:]

    def synthetic(self, name: str) -> Sequence[IpAddress]:
        """See AskedNames."""
        return [IpAddress(_address_of(name, network)) for network in self._synthetic.values()]

    def _remember(self, client: str, name: str, now_s: float) -> None:
        self._asked.pop((client, name), None)
        self._asked[client, name] = now_s
        while self._asked and (
            len(self._asked) > _MOST_NAMES or now_s - next(iter(self._asked.values())) > _REMEMBERED_S
        ):
            self._asked.popitem(last=False)


def _address_of(name: str, network: IPv4Network | IPv6Network) -> str:
    """Each name has an address of its own, the same at every asking, so that it can be led on after login; never the
    network's last usable one: that is the page of refused names (config.page_addresses)."""
    digest = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return str(network[1 + digest % (network.num_addresses - 3)])


@contextlib.asynccontextmanager
async def serve_garden(garden: Garden, port: int) -> AsyncIterator[None]:
    """Answer by UDP and TCP on every address of the box meanwhile; the firewall decides who gets here.

    GatewayError when the port can't be had.
    """
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as open_sockets:
        for family in (socket.AF_INET, socket.AF_INET6):
            link = open_sockets.enter_context(_bound(family, socket.SOCK_DGRAM, port))
            loop.add_reader(link, _drain, link, garden)
            open_sockets.callback(loop.remove_reader, link)
        limit = asyncio.Semaphore(_MOST_TCP)
        listeners = [_bound(family, socket.SOCK_STREAM, port) for family in (socket.AF_INET, socket.AF_INET6)]

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.closing(writer):
                if not limit.locked():
                    async with limit:
                        await _serve_stream(garden, reader, writer)

        async with (
            await asyncio.start_server(serve, sock=listeners[0]),
            await asyncio.start_server(serve, sock=listeners[1]),
        ):
            yield


def _bound(family: socket.AddressFamily, kind: socket.SocketKind, port: int) -> socket.socket:
    link = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    if family == socket.AF_INET6:
        link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == socket.SOCK_STREAM:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        link.bind(("", port))
    except OSError as error:
        link.close()
        raise GatewayError(
            f"port {port} can't be had: {error.strerror}",
            where="portal.garden_port",
            hint="is another gateway running? see who holds it: ss -lnup",
        ) from error
    return link


def _drain(link: socket.socket, garden: Garden) -> None:
    # a bounded turn: a flood of questions must leave the loop to the portal
    for packet, sender in _waiting(link):
        garden.heard(sender[0])
        answer = garden.answer(packet, sender[0], asyncio.get_running_loop().time())
        if answer is not None:
            with contextlib.suppress(OSError):  # a full buffer loses this answer; the client asks again
                link.sendto(answer, sender)


def _waiting(link: socket.socket) -> Iterator[tuple[bytes, tuple[str, int]]]:
    for _ in range(_DATAGRAMS_A_TURN):
        try:
            yield link.recvfrom(4096)
        except OSError:
            return


async def _serve_stream(garden: Garden, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer = writer.get_extra_info("peername")[0]
    garden.heard(peer)
    try:
        while True:
            async with asyncio.timeout(_TCP_PATIENCE_S):
                size = int.from_bytes(await reader.readexactly(2), "big")
                answer = garden.answer(await reader.readexactly(size), peer, asyncio.get_running_loop().time())
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        return
