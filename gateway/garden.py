"""The resolver of captive clients: it answers by itself, but for names of the walled garden.

The portal's name leads to the portal; the names that switch encrypted DNS and relays off are answered as the filter
does; every other name leads to a synthetic address of its own whose port 80 is the portal. No question leaves the box,
so nothing can be carried out in one (DNS tunnels), and no answer holds data but these. Names that are open before login
are asked elsewhere (Walled), address questions alone, and lead where they lead.
"""

import asyncio
import contextlib
import hashlib
import socket
import struct
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from filters.answer import Manner, bare_error, error_body, verdict_body
from filters.blockset import Match
from filters.policy import Outcome, Step, Verdict, View, decide
from filters.rules import LocalRules
from filters.wire import BADVERS, FORMERR, NOTIMP, OPCODE, QR, BadPacketError, Query, read_query
from gateway.errors import GatewayError
from gateway.ports import IpAddress
from gateway.ports_garden import Walled

_TTL_S = 0
"""A captive answer must not outlive the captivity."""
_TYPE_A, _TYPE_AAAA = 1, 28
_TCP_PATIENCE_S = 5.0
_MOST_TCP = 64
_MOST_NAMES, _MOST_NAMES_A_CLIENT, _REMEMBERED_S = 4096, 32, 180.0
_DATAGRAMS_A_TURN = 64
_MOST_LOOKUPS, _MOST_LOOKUPS_A_CLIENT = 192, 48
"""Of open names at a time; a page with parts from twenty hosts asks for forty at once."""


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

    def __init__(self, names: GardenNames, walled: Walled | None = None) -> None:
        """`walled`: the names open before login; None: there are none."""
        self._walled = walled
        self.heard: Callable[[str], None] = lambda address: None
        """Told the address of each packet that came over the network."""
        self._synthetic = names.synthetic
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._view = View({}, _NoLists(), LocalRules(()), {names.portal: names.portal_addresses})

    def answer(self, packet: bytes, client: str = "", now_s: float = 0.0) -> bytes | None:
        """The whole answer, as for a name that is not open; None for what is no question at all."""
        return self.answer_to(self.read(packet), packet, client, now_s)

    def answer_to(self, query: Query | bytes | None, packet: bytes, client: str, now_s: float) -> bytes | None:
        """The same for what `read` made of the packet."""
        return self._captive(packet, query, client, now_s) if isinstance(query, Query) else query

    def is_open(self, query: Query) -> bool:
        """Does it ask where a name leads that is open before login?"""
        if self._walled is None or query.qtype not in self._synthetic or not self._walled.holds(query.name):
            return False
        return decide(query.name, query.qtype, self._view).outcome is Outcome.FORWARD  # the portal's own, canaries

    async def open_answer(self, packet: bytes, query: Query, client: str, now_s: float) -> bytes:
        """The whole answer for such a name; its addresses are open by then, or it is answered as any other."""
        family = 4 if query.qtype == _TYPE_A else 6
        found = await self._walled.open(query.name, family, client) if self._walled else None
        if found is None:
            return self._captive(packet, query, client, now_s)
        self._remember(client, query.name, now_s)  # after login, too, it leads there: strict profiles learn it by this
        outcome = Outcome.ADDRESSES if found.addresses else Outcome.NODATA
        verdict = Verdict(outcome, Step.NOTHING, "open before login", addresses=found.addresses)
        return packet[:2] + verdict_body(query, verdict, Manner(found.ttl_s, found.ttl_s))

    def read(self, packet: bytes) -> Query | bytes | None:
        """The question; the whole answer to what is none that can be answered; None for what is no question at all."""
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
        return query

    def _captive(self, packet: bytes, query: Query, client: str, now_s: float) -> bytes:
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


Bind = Callable[[socket.AddressFamily, socket.SocketKind, int], socket.socket]


@contextlib.asynccontextmanager
async def serve_garden(garden: Garden, port: int, bound: Bind | None = None) -> AsyncIterator[None]:
    """Answer by UDP and TCP on every address of the box meanwhile; the firewall decides who gets here.

    `bound` makes the sockets. GatewayError when the port can't be had.
    """
    bind = bound or _bound
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as opened:
        lookups = await opened.enter_async_context(_Lookups.begun(garden))
        for family in (socket.AF_INET, socket.AF_INET6):
            link = opened.enter_context(bind(family, socket.SOCK_DGRAM, port))
            loop.add_reader(link, _drain, link, garden, lookups)
            opened.callback(loop.remove_reader, link)
        limit = asyncio.Semaphore(_MOST_TCP)
        listeners = [bind(family, socket.SOCK_STREAM, port) for family in (socket.AF_INET, socket.AF_INET6)]

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


class _Lookups:
    """Questions by UDP for open names, while they are looked up; a bounded number, of which one client has a few."""

    def __init__(self, garden: Garden, tasks: asyncio.TaskGroup) -> None:
        self._garden = garden
        self._tasks = tasks
        self._of: Counter[str] = Counter()

    @classmethod
    @contextlib.asynccontextmanager
    async def begun(cls, garden: Garden) -> AsyncIterator["_Lookups"]:
        """At the end those that wait are answered first: a few seconds at most."""
        async with asyncio.TaskGroup() as tasks:
            yield cls(garden, tasks)

    def begin(self, link: socket.socket, packet: bytes, query: Query, sender: tuple[str, int]) -> None:
        """Answer it later; beyond the bound not at all: the client asks again."""
        if self._of.total() < _MOST_LOOKUPS and self._of[sender[0]] < _MOST_LOOKUPS_A_CLIENT:
            self._of[sender[0]] += 1
            self._tasks.create_task(self._answer(link, packet, query, sender))

    async def _answer(self, link: socket.socket, packet: bytes, query: Query, sender: tuple[str, int]) -> None:
        try:
            now_s = asyncio.get_running_loop().time()
            _send(link, await self._garden.open_answer(packet, query, sender[0], now_s), sender)
        finally:
            self._of[sender[0]] -= 1
            self._of += Counter()  # those at nought go


def _drain(link: socket.socket, garden: Garden, lookups: _Lookups) -> None:
    # a bounded turn: a flood of questions must leave the loop to the portal
    for packet, sender in _waiting(link):
        garden.heard(sender[0])
        query = garden.read(packet)
        if isinstance(query, Query) and garden.is_open(query):
            lookups.begin(link, packet, query, sender)
            continue
        answer = garden.answer_to(query, packet, sender[0], asyncio.get_running_loop().time())
        if answer is not None:
            _send(link, answer, sender)


def _send(link: socket.socket, answer: bytes, sender: tuple[str, int]) -> None:
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
                answer = await _answered(garden, await reader.readexactly(size), peer)
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        return


async def _answered(garden: Garden, packet: bytes, client: str) -> bytes | None:
    now_s = asyncio.get_running_loop().time()
    query = garden.read(packet)
    if isinstance(query, Query) and garden.is_open(query):
        return await garden.open_answer(packet, query, client, now_s)
    return garden.answer_to(query, packet, client, now_s)
