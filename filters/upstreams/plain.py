"""Plain DNS (RFC 1035): UDP, each question from a port and with an id of its own; TCP for what does not fit."""

import asyncio
import socket
import struct

from filters.kept import Key
from filters.settings import Upstream
from filters.upstreams.message import has_same_spelling, is_answer, query_message, rcode_of
from filters.wire import FORMERR, TC, BadPacketError

TRY_S = 1.5


class PlainChannel:
    """The way to one plain upstream."""

    try_s = TRY_S
    repeats = True
    """A datagram may be lost: the same upstream is asked again."""

    def __init__(self, upstream: Upstream, *, mix_case: bool) -> None:
        self._upstream = upstream
        self._mix_case = mix_case

    async def exchange(self, key: Key) -> bytes:
        """The upstream's reply; OSError when there is no way to it, BadPacketError when it answers something else."""
        query = query_message(key, mix_case=self._mix_case, ask_ad=self._upstream.validates)
        reply = await self._by_udp(query)
        if rcode_of(reply) == FORMERR:  # a resolver from before EDNS: ask as in its days (RFC 6891 section 6.2.2)
            query = query_message(key, edns=False)
            reply = await self._by_udp(query)
        # in another spelling it is a forgery, or a resolver that does not keep it: TCP can't be forged from aside
        if reply[2] << 8 & TC or (self._mix_case and not has_same_spelling(query, reply)):
            try:
                reply = await self._by_tcp(query)
            except OSError as error:  # no TCP there, as in many a modem; by UDP it lives
                raise BadPacketError("no answer by TCP") from error
        return reply

    def close(self) -> None:
        """Nothing stays open."""

    async def _by_udp(self, query: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        family = socket.AF_INET6 if ":" in self._upstream.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as asking:
            # a fresh random port, and the kernel drops other senders
            asking.connect((self._upstream.address, self._upstream.port))
            asking.send(query)
            number = asking.fileno()  # of a socket the selector would write out its repr each time: two system calls
            loop.add_reader(number, _take, asking, query, answer)
            try:
                return await answer
            finally:
                loop.remove_reader(number)

    async def _by_tcp(self, query: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._upstream.address, self._upstream.port)
        try:
            writer.write(struct.pack("!H", len(query)) + query)
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            reply = await reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise OSError("the upstream closed the connection") from error
        finally:
            writer.close()
        if not is_answer(query, reply):
            raise BadPacketError("an answer to another question")
        return reply


def _take(asking: socket.socket, query: bytes, answer: asyncio.Future[bytes]) -> None:
    """Something has come: the answer, a stranger's try at one, or the news that nobody listens there."""
    if answer.done():
        return
    try:
        reply = asking.recv(65535)
    except BlockingIOError:
        return
    except OSError as error:
        answer.set_exception(error)
        return
    if is_answer(query, reply):
        answer.set_result(reply)
