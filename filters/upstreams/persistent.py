"""One connection to an upstream that all questions share: made when needed, made anew when lost.

TLS is set up here, for DoT and DoH alike: the certificate must be of the configured name, or of the address itself.
"""

import asyncio
import ssl
from asyncio import TaskGroup
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from filters import clock
from filters.settings import Upstream

TRY_S = 2.5
"""Of one question, the handshake of a new connection included."""
IDLE_S = 60.0
_DEAD_AFTER_S = 1.0


class Link(asyncio.Protocol):
    """One open connection; what is said on it is each protocol's."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_open = False
        self.heard_at = 0.0
        """When something last came."""
        self._idle: asyncio.TimerHandle | None = None

    async def ask(self, query: bytes) -> bytes:
        """The reply to a query; OSError when the connection goes meanwhile."""
        raise NotImplementedError

    def is_busy(self) -> bool:
        """Does anybody wait for an answer?"""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done, the certificate was good."""
        self.transport = cast(asyncio.Transport, transport)
        self.is_open = True
        self.rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits asks elsewhere."""
        self.is_open = False
        if self._idle is not None:
            self._idle.cancel()

    def close(self) -> None:
        """Close at once; whoever waits gets OSError."""
        self.is_open = False
        if self.transport is not None:
            self.transport.abort()

    def rest(self) -> None:
        """Close after a while without questions (RFC 7858 section 3.4); at once when no more may be asked."""
        if self._idle is not None:
            self._idle.cancel()
        if self.is_open:
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._close_if_idle)
        else:
            self._close_if_idle()

    def _close_if_idle(self) -> None:
        if not self.is_busy():
            self.close()


L = TypeVar("L", bound=Link)


class Persistent(Generic[L]):
    """The connection to one upstream."""

    def __init__(self, upstream: Upstream, group: TaskGroup, make: Callable[[], L], alpn: str = "") -> None:
        self._upstream = upstream
        self._group = group
        self._make = make
        self._context = ssl.create_default_context(cafile=upstream.ca_file)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 7858 section 3.2, RFC 9325
        if alpn:
            self._context.set_alpn_protocols([alpn])
        self._link: L | None = None
        self._making: asyncio.Task[L | OSError] | None = None

    async def ask(self, query: bytes) -> bytes:
        """The reply; once more on a new connection when the old one was closed just then (RFC 7766 section 6.2.4)."""
        link = self._link
        if link is not None and link.is_open:
            try:
                return await self._ask_on(link, query)
            except ConnectionError:
                pass  # idle for the upstream: it closed while our question was on its way
        return await self._ask_on(await self._connected(), query)

    def close(self) -> None:
        """Close what is open."""
        if self._link is not None:
            self._link.close()

    async def _ask_on(self, link: L, query: bytes) -> bytes:
        began = clock.monotonic()
        try:
            return await link.ask(query)
        finally:
            silent = link.heard_at < began
            if silent and clock.monotonic() - began > _DEAD_AFTER_S:
                link.close()  # the line went away without a word: the next question tries anew

    async def _connected(self) -> L:
        if self._link is not None and self._link.is_open:
            return self._link
        if self._making is None:
            self._making = self._group.create_task(self._connect())
        made = await asyncio.shield(self._making)  # whoever gives up must not take it from the others
        if isinstance(made, OSError):
            raise made
        return made

    async def _connect(self) -> L | OSError:
        loop = asyncio.get_running_loop()
        name = self._upstream.tls_name or self._upstream.address
        try:
            async with asyncio.timeout(TRY_S):
                _, link = await loop.create_connection(
                    self._make, self._upstream.address, self._upstream.port, ssl=self._context, server_hostname=name
                )
        except OSError as error:  # the time-out too
            return error
        finally:
            self._making = None
        self._link = link
        return link
