"""Port 80 of captive clients: every request is answered 302 to the portal, so that each device raises its sign-in.

A small protocol of constant answers, not an HTTP server: probes come in hundreds, and what can't happen here needs no
defence. The answer is never cached and closes the connection: a kept-alive one left Firefox locked after login.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from gateway.portal.destination import wanted_url
from gateway.portal.probes import is_probe

_LONGEST_HEAD = 8192
_PATIENCE_S = 10.0
_MOST_A_CLIENT = 32


class Redirector:
    """Makes the protocols of one listener and counts each client's connections."""

    def __init__(
        self,
        portal_url: str,
        heard: Callable[[str], None] = lambda address: None,
        led: Callable[[str, bool], None] = lambda address, by_probe: None,
    ) -> None:
        """`heard` is told the address of each connection; `led`, whether what came over it was a device's own probe."""
        self._portal_url = portal_url.encode("ascii")
        self.heard = heard
        self.led = led
        self.open_by_client: dict[str, int] = {}

    def protocol(self) -> asyncio.Protocol:
        """For loop.create_server."""
        return _Redirect(self)

    def answer(self, head: bytes) -> bytes:
        """The whole response to a request's head (or to whatever was sent)."""
        url = _wanted(head)
        location = self._portal_url + (b"?to=" + quote(url, safe="").encode() if url else b"")
        body = b'<!doctype html><title>Wi-Fi</title><p><a href="' + location + b'">Wi-Fi</a></p>\n'
        return (
            b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Type: text/html; charset=utf-8\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n"
            b"Cache-Control: no-store\r\nConnection: close\r\n\r\n" + (b"" if head.startswith(b"HEAD ") else body)
        )


class _Redirect(asyncio.Protocol):
    def __init__(self, owner: Redirector) -> None:
        self._owner = owner
        self._head = b""
        self._client = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._client = transport.get_extra_info("peername", ("",))[0]
        count = self._owner.open_by_client.get(self._client, 0) + 1
        self._owner.open_by_client[self._client] = count
        self._owner.heard(self._client)
        self._deadline = asyncio.get_running_loop().call_later(_PATIENCE_S, transport.abort)
        if count > _MOST_A_CLIENT:  # one client's half-open requests must not cost the others theirs
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._head += data
        # a head that is whole, or longer than any honest one: the answer is the same
        if b"\r\n\r\n" in self._head or b"\n\n" in self._head or len(self._head) > _LONGEST_HEAD:
            self._owner.led(self._client, is_probing(self._head))
            self._transport.write(self._owner.answer(self._head))
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        left = self._owner.open_by_client.get(self._client, 1) - 1
        if left > 0:
            self._owner.open_by_client[self._client] = left
        else:
            self._owner.open_by_client.pop(self._client, None)


def is_probing(head: bytes) -> bool:
    """Does a device ask whether it is online?"""
    parts = _parts(head)
    return parts is not None and is_probe(*parts)


def _wanted(head: bytes) -> str | None:
    """The URL that was asked for, when the request is a plain GET with one Host."""
    parts = _parts(head)
    return None if parts is None or is_probe(*parts) else wanted_url(*parts)


def _parts(head: bytes) -> tuple[str, str] | None:
    """Host and target of a plain GET with one Host."""
    if len(head) > _LONGEST_HEAD:
        return None
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    request = lines[0].split(" ")
    hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
    if len(request) != 3 or request[0] != "GET" or len(hosts) != 1:
        return None
    return hosts[0], request[1]
