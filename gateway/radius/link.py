"""Asking RADIUS servers: one socket a server and port, 256 questions on it at a time, servers in their order.

A question is sent again as it is, same identifier and authenticator, each time after twice as long (RFC 5080 section
2.2.1). An answer counts only when it is proved; all else is passed over, so nobody can end a question by a forgery.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.log import event
from gateway.radius.wire import Packet, RadiusError, Type, decode, is_answer_to

Build = Callable[[int, str, bytes], bytes]
"""Identifier, the box's own address towards the server, secret -> the request's bytes."""
_IDENTIFIERS = 256
_TOLD_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an answer is waited for."""

    first_s: float
    tries: int
    dead_s: float
    """A server that did not answer is asked last for this long."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's one port."""

    address: str
    port: int
    secret: bytes
    proof_required: bool
    """Answers must carry a Message-Authenticator."""


@dataclass(slots=True)
class _Waiting:
    request: Packet
    answer: asyncio.Future[Packet]


class Link(asyncio.DatagramProtocol):
    """Questions to one server's port."""

    def __init__(self, server: Server, timing: Timing, clock: Clock) -> None:
        self.server = server
        self._timing = timing
        self._clock = clock
        self._free = deque(range(_IDENTIFIERS))  # the one unused longest is next: a late answer meets nobody
        self._room = asyncio.Semaphore(_IDENTIFIERS)
        self._waiting: dict[int, _Waiting] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._told_boot_s = -float(_TOLD_EVERY_S)
        self._opening = asyncio.Lock()

    async def ask(self, build: Build) -> Packet | None:
        """The proved answer; None when none came in time. With all identifiers out, questions wait their turn."""
        async with self._room:
            try:
                transport = await self._open()
            except OSError:  # no way to the server just now: as good as no answer
                return None
            identifier = self._free.popleft()
            try:
                answer = await self._exchange(transport, identifier, build)
            finally:
                self._waiting.pop(identifier, None)
                self._free.append(identifier)
            if answer is None and not self._waiting:
                self.close()  # the box's address may have changed: the next question looks anew
            return answer

    def close(self) -> None:
        """Let the socket go."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    async def _open(self) -> asyncio.DatagramTransport:
        async with self._opening:
            if self._transport is None:
                loop, remote = asyncio.get_running_loop(), (self.server.address, self.server.port)
                # connected: the kernel takes datagrams of this server alone, and tells our own address
                self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=remote)
            return self._transport

    async def _exchange(self, transport: asyncio.DatagramTransport, identifier: int, build: Build) -> Packet | None:
        data = build(identifier, transport.get_extra_info("sockname")[0], self.server.secret)
        future: asyncio.Future[Packet] = asyncio.get_running_loop().create_future()
        self._waiting[identifier] = _Waiting(decode(data), future)
        for attempt in range(self._timing.tries):
            transport.sendto(data)
            wait_s = self._timing.first_s * 2**attempt * (0.9 + secrets.randbelow(201) / 1000)
            done, _ = await asyncio.wait({future}, timeout=wait_s)
            if done:
                return future.result()
        return None

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """An answer, or what pretends to be one."""
        try:
            answer = decode(data)
        except RadiusError:
            return
        waiting = self._waiting.get(answer.identifier)
        if waiting is None or waiting.answer.done():
            return
        # we send no Proxy-State: with one it is the forgery of CVE-2024-3596
        if answer.all_of(Type.PROXY_STATE) or not self._is_proved(answer, waiting.request):
            self._tell_refused()
            return
        waiting.answer.set_result(answer)

    def error_received(self, exc: Exception) -> None:
        """ICMP said something: anybody could; the time-out decides."""

    def _is_proved(self, answer: Packet, request: Packet) -> bool:
        server = self.server
        return is_answer_to(answer, request, server.secret, proof_required=server.proof_required)

    def _tell_refused(self) -> None:
        if self._clock.boot_s() - self._told_boot_s >= _TOLD_EVERY_S:
            self._told_boot_s = self._clock.boot_s()
            event("radius.answer_refused", "warning", server=self.server.address, port=self.server.port)


@dataclass(slots=True)
class Servers:
    """Servers of one purpose, in the order they are asked."""

    links: Sequence[Link]
    timing: Timing
    clock: Clock
    _silent_since: dict[Link, float] = field(default_factory=dict)

    async def ask(self, build: Build) -> Packet | None:
        """The first answer there is; None when no server gives one."""
        for link in self._in_order():
            answer = await link.ask(build)
            self._note(link, answered=answer is not None)
            if answer is not None:
                return answer
        return None

    def close(self) -> None:
        """Let all sockets go."""
        for link in self.links:
            with contextlib.suppress(RuntimeError):  # the loop may be over
                link.close()

    def _in_order(self) -> list[Link]:
        """Those that rest come last: they are asked only when nobody else answers."""
        since = self.clock.boot_s() - self.timing.dead_s
        return sorted(self.links, key=lambda link: self._silent_since.get(link, since) > since)

    def _note(self, link: Link, *, answered: bool) -> None:
        server, was_silent = link.server, link in self._silent_since
        if answered and was_silent:
            del self._silent_since[link]
            event("radius.server_returned", server=server.address, port=server.port)
        elif not answered:
            self._silent_since[link] = self.clock.boot_s()
            if not was_silent:
                event("radius.server_silent", "warning", server=server.address, port=server.port)
