"""How long the portal waits for one client, and how much it does for one: slow and greedy ones cost others nothing.

A connection that has sent no whole request for some time is closed, for a half-open one holds a descriptor; requests of
one address beyond a rate are answered 429, before any of their work is done.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from weakref import WeakSet

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WAITS_S = 20.0
"""For the rest of a request: the slowest phone on the weakest Wi-Fi sends its few hundred bytes well within it."""
A_SECOND, BURST = 20.0, 60.0
"""Requests of one address: a person's taps and a page's parts, many times over."""
_MOST_KNOWN = 4096


class Patience:
    """Makes the protocols of one listener, and is a middleware of its application."""

    def __init__(self, waits_s: float = WAITS_S, a_second: float = A_SECOND, burst: float = BURST) -> None:
        """`a_second`, `burst`: requests of one address."""
        self._waits_s = waits_s
        self._a_second, self._burst = a_second, burst
        self._busy: WeakSet[asyncio.BaseTransport] = WeakSet()
        self._credit: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def runner(self, application: web.Application) -> web.AppRunner:
        """aiohttp's runner of the application, set up; the caller cleans it up."""
        application.middlewares.insert(0, self.watched)
        # aiohttp logs what it can't read with a traceback and the sender's address: neither may be in the log
        runner = web.AppRunner(application, access_log=None, logger=_silent(), keepalive_timeout=15, shutdown_timeout=2)
        await runner.setup()
        return runner

    def protocol(self, runner: web.AppRunner) -> Callable[[], asyncio.Protocol]:
        """For loop.create_server: aiohttp's protocol, watched."""
        server = runner.server
        assert server is not None
        return lambda: _Watched(server(), self._is_busy, self._waits_s)

    @web.middleware
    async def watched(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The connection works while its request is answered; beyond the rate nothing is done."""
        if not self._may(request.remote or "", asyncio.get_running_loop().time()):
            return web.Response(status=429, text="429\n", headers={"Retry-After": "5", "Cache-Control": "no-store"})
        transport = request.transport
        if transport is None:
            return await handler(request)
        self._busy.add(transport)
        try:
            return await handler(request)
        finally:
            self._busy.discard(transport)

    def _is_busy(self, transport: asyncio.BaseTransport) -> bool:
        return transport in self._busy

    def _may(self, address: str, now_s: float) -> bool:
        credit, since_s = self._credit.pop(address, (self._burst, now_s))
        credit = min(self._burst, credit + (now_s - since_s) * self._a_second)
        self._credit[address] = (max(0.0, credit - 1), now_s)
        while len(self._credit) > _MOST_KNOWN:
            self._credit.popitem(last=False)
        return credit >= 1


def _silent() -> logging.Logger:
    logger = logging.getLogger("cong.portal")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


class _Watched(asyncio.Protocol):
    """Passes all on to aiohttp's protocol, and closes a connection nothing whole came over for a while."""

    def __init__(
        self, inner: asyncio.Protocol, is_busy: Callable[[asyncio.BaseTransport], bool], waits_s: float
    ) -> None:
        self._inner = inner
        self._is_busy = is_busy
        self._waits_s = waits_s
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._inner.connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._inner.connection_lost(exc)

    def _wait(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self._waits_s, self._look)

    def _look(self) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        if self._is_busy(self._transport) or self._transport.get_write_buffer_size():
            self._wait()
        else:
            self._transport.abort()
