"""DNS over TLS (RFC 7858): one connection, many questions at a time, answered in any order."""

import asyncio
import secrets
import struct
from asyncio import TaskGroup

from filters import clock
from filters.kept import Key
from filters.settings import Upstream
from filters.upstreams.message import is_answer, query_message
from filters.upstreams.persistent import TRY_S, Link, Persistent
from filters.wire import BadPacketError

_MAX_WAITING = 10_000


class TlsChannel:
    """The way to one DoT upstream."""

    try_s = TRY_S
    repeats = False

    def __init__(self, upstream: Upstream, group: TaskGroup) -> None:
        self._upstream = upstream
        self._connection = Persistent(upstream, group, _Link)

    async def exchange(self, key: Key) -> bytes:
        """See PlainChannel."""
        query = query_message(key, padded=True, ask_ad=self._upstream.validates)
        reply = await self._connection.ask(query)
        if not is_answer(query, reply):
            raise BadPacketError("an answer to another question")
        return reply

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Link(Link):
    """One connection: each question waits under its id."""

    def __init__(self) -> None:
        super().__init__()
        self._unread = bytearray()
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self._next = secrets.randbits(16)

    def connection_lost(self, exc: Exception | None) -> None:
        """See Link."""
        super().connection_lost(exc)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the upstream closed the connection"))

    def data_received(self, data: bytes) -> None:
        """Whole messages go to whoever asked."""
        self.heard_at = clock.monotonic()
        unread = self._unread
        unread += data
        while len(unread) >= 2:
            (size,) = struct.unpack_from("!H", unread)
            if len(unread) < 2 + size:
                return
            reply = bytes(unread[2 : 2 + size])
            del unread[: 2 + size]
            waiting = self._waiting.get(reply[:2])
            if waiting is not None and not waiting.done():
                waiting.set_result(reply)

    def is_busy(self) -> bool:
        """See Link."""
        return bool(self._waiting)

    async def ask(self, query: bytes) -> bytes:
        """See Link. Ids go round: two questions under way never share one."""
        if self.transport is None or not self.is_open or len(self._waiting) > _MAX_WAITING:
            raise ConnectionResetError("closed, or full")
        while (ident := struct.pack("!H", self._next)) in self._waiting:
            self._next = (self._next + 1) & 0xFFFF
        self._next = (self._next + 1) & 0xFFFF
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[ident] = answer
        self.transport.write(struct.pack("!H", len(query)) + ident + query[2:])
        try:
            return query[:2] + (await answer)[2:]
        finally:
            del self._waiting[ident]
            self.rest()
