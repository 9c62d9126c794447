"""Questions by TCP (RFC 7766): pipelined, answered in any order, idle connections closed, their number bounded."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

from filters.guards import Level, RateGuard, limited_body
from filters.log import event
from filters.options import TCP_IDLE_S
from filters.ready import Lane
from filters.resolver import Resolver

MAX_CONNECTIONS, MAX_OF_ONE = 200, 40
"""Of a worker, and of one client in it."""
_MAX_OPEN = 64  # questions of one connection at a time; reading stops above


class Connections:
    """All TCP connections of one worker; when there are too many, or of one client, the longest silent one goes."""

    def __init__(self, resolver: Resolver, now: Callable[[], float], rate: RateGuard | None) -> None:
        self.resolver = resolver
        self.rate = rate
        self.now = now
        self._open: dict[Connection, float] = {}

    def join(self, connection: "Connection") -> None:
        """A connection has been made: if it is one too many of its client's, the longest silent of those goes."""
        own = [each for each in self._open if each.client == connection.client]
        silent = own if len(own) >= MAX_OF_ONE else list(self._open) if len(self._open) >= MAX_CONNECTIONS else []
        if silent:
            del self._open[silent[0]]
            silent[0].close()
        self.touch(connection)

    def touch(self, connection: "Connection") -> None:
        """The connection has just been used."""
        self._open.pop(connection, None)
        self._open[connection] = self.now()  # at the end: the longest silent is the first

    def forget(self, connection: "Connection") -> None:
        """The connection is closed."""
        self._open.pop(connection, None)

    def close_idle(self) -> None:
        """Close those silent for TCP_IDLE_S; called once a second."""
        limit = self.now() - TCP_IDLE_S
        for connection in [each for each, used in self._open.items() if used < limit]:
            connection.close()

    def close_all(self) -> None:
        """The worker stops."""
        for connection in list(self._open):
            connection.close()


class Connection(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, lane: Lane, connections: Connections) -> None:
        self._lane = lane
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._questions = 0
        self._blocked = False
        self._full = False
        self.client = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.client = _packed(peer[0]) if peer else b""
        self._connections.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone; answers still under way have nowhere to go."""
        self._transport = None
        self._connections.forget(self)

    def data_received(self, data: bytes) -> None:
        """Each whole message is a question."""
        self._connections.touch(self)
        self._unread += data
        unread = self._unread
        while len(unread) >= 2 and not self._blocked:
            (size,) = struct.unpack_from("!H", unread)
            if size < 12:
                self.close()  # no DNS: nothing sensible can follow
                return
            if len(unread) < 2 + size:
                break
            packet = bytes(unread[2 : 2 + size])
            del unread[: 2 + size]
            self._ask(packet)

    def pause_writing(self) -> None:
        """The client does not take its answers: no more questions until it does."""
        self._full = True
        self._block()

    def resume_writing(self) -> None:
        """It takes them again."""
        self._full = False
        self._unblock()

    def close(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _ask(self, packet: bytes) -> None:
        self._lane.counts.queries += 1
        self._questions += 1
        asker = _TcpAsker(self, packet[:2])
        rate = self._connections.rate
        if rate is not None and rate.charge(self.client, 1, self._connections.now(), by_tcp=True):
            self._lane.counts.limited += 1
            body = limited_body(packet, Level.REFUSE)  # TC would send it where it already is
            asker.send(body) if body else self.close()
            return
        try:
            ready = self._connections.resolver.answer(packet, self._lane, asker)
        except Exception as error:  # noqa: BLE001 - one odd packet must not end the worker for all
            event("query.failed", "error", error=repr(error))
            self.close()
            return
        if ready is not None:
            if ready.category:
                self._lane.counts.refuse(self.client, ready.domain, ready.category, self._connections.now())
            asker.send(ready.body)
        elif packet[2] & 0x80:
            self.close()  # an answer where a question belongs
        elif self._questions >= _MAX_OPEN:
            self._block()

    def send(self, ident: bytes, body: bytes | bytearray) -> None:
        """One answer, whenever it is there."""
        self._questions -= 1
        if self._transport is None:
            return
        self._connections.touch(self)
        self._transport.write(struct.pack("!H", 2 + len(body)) + ident + body)
        if self._questions < _MAX_OPEN // 2:
            self._unblock()

    def _block(self) -> None:
        if self._transport is not None and not self._blocked:
            self._blocked = True
            self._transport.pause_reading()

    def _unblock(self) -> None:
        if self._transport is not None and self._blocked and not self._full:
            self._blocked = False
            self._transport.resume_reading()
            self.data_received(b"")  # questions already here


def _packed(address: str) -> bytes:
    address = address.partition("%")[0]  # the zone of a link-local address
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


class _TcpAsker:
    """Waits for an answer by TCP."""

    __slots__ = ("_connection", "_id", "by_udp", "client")

    def __init__(self, connection: Connection, ident: bytes) -> None:
        self._connection = connection
        self._id = ident
        self.client = connection.client
        self.by_udp = False

    def send(self, body: bytes | bytearray) -> None:
        """See Asker."""
        self._connection.send(self._id, body)
