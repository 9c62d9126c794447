"""DNS over HTTPS (RFC 8484): POST over HTTP/2, one connection, a stream for each question.

h2 is imported only where such an upstream is configured: it takes memory in each worker.
"""

import asyncio
from asyncio import TaskGroup
from functools import partial

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

from filters import clock
from filters.kept import Key
from filters.settings import Upstream
from filters.upstreams.message import is_answer, query_message
from filters.upstreams.persistent import TRY_S, Link, Persistent
from filters.wire import BadPacketError

_TYPE = "application/dns-message"
_MAX_REPLY = 65535
_MAX_STREAMS = 100  # what servers take at least (RFC 9113 section 6.5.2)


class HttpsChannel:
    """The way to one DoH upstream."""

    try_s = TRY_S
    repeats = False

    def __init__(self, upstream: Upstream, group: TaskGroup) -> None:
        self._upstream = upstream
        self._connection = Persistent(upstream, group, partial(_Link, upstream), alpn="h2")

    async def exchange(self, key: Key) -> bytes:
        """See PlainChannel; an HTTP error is OSError."""
        query = b"\0\0" + query_message(key, padded=True, ask_ad=self._upstream.validates)[2:]  # RFC 8484 section 4.1
        reply = await self._connection.ask(query)
        if not is_answer(query, reply):
            raise BadPacketError("an answer to another question")
        return reply

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Asked:
    """One question on its stream."""

    def __init__(self, answer: "asyncio.Future[bytes]") -> None:
        self.answer = answer
        self.status = ""
        self.kind = ""
        self.body = bytearray()


class _Link(Link):
    """One HTTP/2 connection."""

    def __init__(self, upstream: Upstream) -> None:
        super().__init__()
        host = upstream.tls_name or (f"[{upstream.address}]" if ":" in upstream.address else upstream.address)
        authority = host if upstream.port == 443 else f"{host}:{upstream.port}"
        self._headers = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", authority),
            (":path", upstream.path),
            ("accept", _TYPE),
            ("content-type", _TYPE),
        ]
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._asked: dict[int, _Asked] = {}
        self._places = asyncio.Semaphore(_MAX_STREAMS)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See Link."""
        super().connection_made(transport)
        if transport.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
            self.close()  # RFC 8484 section 5.2: HTTP/2 is the least
            return
        self._http.initiate_connection()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """See Link."""
        super().connection_lost(exc)
        for number in list(self._asked):
            self._fail(number, "the upstream closed the connection")

    def data_received(self, data: bytes) -> None:
        """Take the frames apart."""
        self.heard_at = clock.monotonic()
        try:
            for happened in self._http.receive_data(data):
                self._take(happened)
            self._flush()
        except ProtocolError:
            self.close()

    async def ask(self, query: bytes) -> bytes:
        """See Link."""
        async with self._places:
            if not self.is_open:
                raise ConnectionResetError("the connection is closed")
            number = -1
            try:
                number = self._http.get_next_available_stream_id()
                asked = self._asked[number] = _Asked(asyncio.get_running_loop().create_future())
                headers = [*self._headers, ("content-length", str(len(query)))]
                self._http.send_headers(number, headers)
                self._http.send_data(number, query, end_stream=True)
                self._flush()
                return await asked.answer
            except ProtocolError as error:  # no streams left: it is done with
                self.is_open = False
                raise ConnectionResetError(f"HTTP/2: {error}") from error
            finally:
                self._forget(number)
                self.rest()

    def is_busy(self) -> bool:
        """See Link."""
        return bool(self._asked)

    def _take(self, happened: Event) -> None:
        number = getattr(happened, "stream_id", None) or 0
        asked = self._asked.get(number)
        match happened:
            case DataReceived():
                size = happened.flow_controlled_length or 0
                self._http.acknowledge_received_data(size, number)
                if asked is not None and len(asked.body) + size <= _MAX_REPLY:
                    asked.body += happened.data or b""
            case ResponseReceived() if asked is not None:
                headers = {str(name): str(value) for name, value in happened.headers or []}
                asked.status, asked.kind = headers.get(":status", ""), headers.get("content-type", "")
            case StreamEnded() if asked is not None:
                self._finish(number, asked)
            case StreamReset():
                self._fail(number, "the upstream refused the stream")
            case ConnectionTerminated():
                self.is_open = False  # no more questions on it; those on their way may still be answered

    def _finish(self, number: int, asked: _Asked) -> None:
        if asked.status != "200" or asked.kind.partition(";")[0].strip() != _TYPE:
            self._fail(number, f"HTTP status {asked.status} {asked.kind}")
        elif not asked.answer.done():
            asked.answer.set_result(bytes(asked.body))

    def _fail(self, number: int, why: str) -> None:
        asked = self._asked.get(number)
        if asked is not None and not asked.answer.done():
            asked.answer.set_exception(OSError(why) if self.is_open else ConnectionResetError(why))

    def _forget(self, number: int) -> None:
        asked = self._asked.pop(number, None)
        if asked is not None and self.is_open and not asked.answer.done():
            self._http.reset_stream(number, ErrorCodes.CANCEL)
            self._flush()

    def _flush(self) -> None:
        if self.transport is not None:
            self.transport.write(self._http.data_to_send())
