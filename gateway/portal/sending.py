"""Files to clients, from the disk's cache by the kernel (sendfile), some of each client at a time.

A client costs a descriptor for each of its few downloads and nothing else: a slow one is waited for by the kernel, one
that takes nothing for minutes is let go, and the disk is read on a thread, so no login waits for either.
"""

import asyncio
import contextlib
import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gateway.portal.ranges import disposition, http_date, part_asked
from gateway.ports_shelf import Opened

STALLS_S = 120.0
"""A film that is paused takes nothing; its player asks for the rest when it goes on."""
MOST_AT_ONCE = 256
"""Downloads of all clients: a fraction of the descriptors the unit file allows."""
PACE_BYTES_S = 25_000_000
"""Of one download: many times what a film needs. What no class claims leaves before all that has one (HTB), so without
a pace one copy over a fast wire would stand before the others' Internet for as long as it takes."""
_SO_MAX_PACING_RATE = 47  # asm-generic/socket.h; Python has no name for it
_STEP_BYTES = 256 * 1024
_THREADS = 4


class Downloads:
    """Counts who has how many."""

    def __init__(self, of_one: int, stalls_s: float = STALLS_S) -> None:
        self._of_one = of_one
        self._stalls_s = stalls_s
        self._open: Counter[str] = Counter()
        self._space = bytearray(_STEP_BYTES)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="shelf-read")

    @contextlib.contextmanager
    def place(self, client: str) -> Iterator[bool]:
        """One download of a client; False when it has as many as it may."""
        if self._open[client] >= self._of_one or self._open.total() >= MOST_AT_ONCE:
            yield False
            return
        self._open[client] += 1
        try:
            yield True
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    async def send(
        self, request: web.Request, opened: Opened, media_type: str, name: str, *, attached: bool
    ) -> web.StreamResponse:
        """The file, or the part of it that is asked for. The file is the caller's to close."""
        part = part_asked(request.method, request.headers, opened.size_bytes, opened.etag, opened.modified_s)
        answer = _Sent(status=part.status, headers=_headers(opened))
        if part.status in (304, 412):
            answer.content_length = None if part.status == 304 else 0
            await answer.prepare(request)
            return answer
        if part.status == 416:
            answer.headers["Content-Range"] = f"bytes */{opened.size_bytes}"
        if part.status == 206:
            last = part.first + part.count - 1
            answer.headers["Content-Range"] = f"bytes {part.first}-{last}/{opened.size_bytes}"
        answer.headers["Content-Type"] = media_type
        answer.headers["Content-Disposition"] = disposition("attachment" if attached else "inline", name)
        answer.content_length = part.count
        await answer.prepare(request)
        if request.method == "HEAD" or not part.count:
            return answer
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        _pace(transport)
        try:
            await self._pass_on(transport, opened, part.first, part.count)
        except (OSError, RuntimeError):  # it has gone, or takes nothing; RuntimeError: its transport is closing
            transport.abort()
        return answer

    async def _pass_on(self, transport: asyncio.WriteTransport, opened: Opened, first: int, count: int) -> None:
        loop, end = asyncio.get_running_loop(), first + count
        while first < end:
            step = min(_STEP_BYTES, end - first)
            if not self._is_cached(opened, first, step):
                await loop.run_in_executor(self._threads, os.pread, opened.file.fileno(), step, first)
            async with asyncio.timeout(self._stalls_s):
                sent = await loop.sendfile(transport, opened.file, first, step)
            if not sent:  # the file has become shorter: what was promised can't be kept
                raise ConnectionAbortedError("the file has changed")
            first += sent

    def _is_cached(self, opened: Opened, first: int, count: int) -> bool:
        """Would sendfile find these bytes in memory? A card that is read meanwhile would hold up every login."""
        try:
            return os.preadv(opened.file.fileno(), [memoryview(self._space)[:count]], first, os.RWF_NOWAIT) == count
        except OSError:  # not there yet, or a file system that can't tell
            return False


class _Sent(web.StreamResponse):
    """A response whose body the kernel sends past aiohttp."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        writer = await super().prepare(request)
        if writer is not None:
            writer.length = None  # what goes past the writer is not counted by it
        return writer


def _pace(transport: asyncio.WriteTransport) -> None:
    link = transport.get_extra_info("socket")
    if link is not None:
        with contextlib.suppress(OSError):  # it has gone already, or the kernel can't: the download is not paced
            link.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, PACE_BYTES_S)


def _headers(opened: Opened) -> dict[str, str]:
    return {
        "Server": "cong",
        "Accept-Ranges": "bytes",
        "ETag": opened.etag,
        "Last-Modified": http_date(opened.modified_s),
        "Cache-Control": "no-cache",  # kept, and asked about each time by its ETag
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
