"""One strict profile's port: questions by UDP and TCP go to the profile's workers, answers come back through Teacher.

The kernel leads questions here (kernel.treatment). An answer leaves from the address that was asked; each question is
asked from a socket of its own, so the port is random and only the worker it is connected to can answer it.
"""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

from gateway.access.session import SessionId
from gateway.errors import GatewayError
from gateway.strict.teach import Teacher, source_of

_PATIENCE_S = 6.0
"""The workers' own is 5 s."""
_IDLE_S = 15.0
_MOST_OPEN, _MOST_TCP = 300, 100
_DATAGRAMS_A_TURN = 32
_IP_PKTINFO = 8
_LARGEST = 4096
_Control = tuple[int, int, bytes]


@dataclass(slots=True)
class _Question:
    """One question by UDP that waits for its answer."""

    link: socket.socket
    client: tuple[str, int]
    control: _Control
    session: SessionId | None


class Relay:
    """The port of one profile."""

    def __init__(self, port: int, workers_port: int, teacher: Teacher) -> None:
        self._port = port
        self._workers = "127.0.0.1", workers_port
        self._teacher = teacher
        self._open = 0

    async def serve(self) -> None:
        """Serve until cancelled; GatewayError when the port can't be had."""
        loop = asyncio.get_running_loop()
        async with contextlib.AsyncExitStack() as opened:
            tasks = await opened.enter_async_context(asyncio.TaskGroup())
            for family in (socket.AF_INET, socket.AF_INET6):
                link = opened.enter_context(self._bound(family, socket.SOCK_DGRAM))
                loop.add_reader(link, self._drain, link, tasks)
                opened.callback(loop.remove_reader, link)
            listeners = [self._bound(family, socket.SOCK_STREAM) for family in (socket.AF_INET, socket.AF_INET6)]
            limit = asyncio.Semaphore(_MOST_TCP)

            async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with contextlib.closing(writer):
                    if not limit.locked():
                        async with limit:
                            await self._talk(reader, writer)

            async with (
                await asyncio.start_server(talk, sock=listeners[0]),
                await asyncio.start_server(talk, sock=listeners[1]),
            ):
                await asyncio.Event().wait()

    def _bound(self, family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
        link = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        if family == socket.AF_INET6:
            link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif family == socket.AF_INET6:
            link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            link.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        try:
            link.bind(("", self._port))
        except OSError as error:
            link.close()
            raise GatewayError(
                f"port {self._port} can't be had: {error.strerror}",
                where="dns.profiles: strict",
                hint=f"strict mode takes the profile's port + 1000; see who holds it: ss -lnup 'sport = :{self._port}'",
            ) from error
        return link

    def _drain(self, link: socket.socket, tasks: asyncio.TaskGroup) -> None:
        # a bounded turn: a flood of questions must leave the loop to the portal
        for _ in range(_DATAGRAMS_A_TURN):
            try:
                packet, controls, _, client = link.recvmsg(_LARGEST, 64)
            except OSError:
                return
            if len(packet) >= 12 and not packet[2] & 0x80 and controls and self._open < _MOST_OPEN:
                tasks.create_task(self._answer(link, packet, controls[0], client))

    async def _answer(self, link: socket.socket, packet: bytes, control: _Control, client: tuple[str, int]) -> None:
        self._open += 1
        try:
            box = _asked_address(control), self._port
            session = self._teacher.session_of(socket.IPPROTO_UDP, box, client)
            answer = await self._ask(packet, session)
            if answer is not None:
                shown = await self._teacher.teach(session, answer)
                with contextlib.suppress(OSError):  # the asker is gone or the line is full: it asks again
                    link.sendmsg([shown], [control], 0, client)
        finally:
            self._open -= 1

    async def _ask(self, packet: bytes, session: SessionId | None) -> bytes | None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as link:
            try:
                link.bind((source_of(session), 0))
                link.connect(self._workers)
                link.send(packet)
                async with asyncio.timeout(_PATIENCE_S):
                    while (answer := await loop.sock_recv(link, 65535))[:2] != packet[:2]:
                        continue
            except (OSError, TimeoutError):
                return None
        return answer

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        box, client = (writer.get_extra_info(which)[:2] for which in ("sockname", "peername"))
        session = self._teacher.session_of(socket.IPPROTO_TCP, box, client)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                there, back = await asyncio.open_connection(*self._workers, local_addr=(source_of(session), 0))
            with contextlib.closing(back):
                while True:
                    async with asyncio.timeout(_IDLE_S):
                        back.write(await _message(reader))
                        answer = (await _message(there))[2:]
                        shown = await self._teacher.teach(session, answer)
                        writer.write(struct.pack("!H", len(shown)) + shown)
                        await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(2)
    return head + await reader.readexactly(int.from_bytes(head, "big"))


def _asked_address(control: _Control) -> str:
    """Our address the question came to, after the kernel's redirect."""
    if control[0] == socket.IPPROTO_IPV6:
        return socket.inet_ntop(socket.AF_INET6, control[2][:16])
    return socket.inet_ntop(socket.AF_INET, control[2][4:8])
