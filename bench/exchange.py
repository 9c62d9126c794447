"""One HTTP exchange on a connection of its own, from a namespace: what both portals are asked by."""

import asyncio
import ctypes
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
PATIENCE_S = 30
_AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36"  # without one, Debian's openNDS dies


@contextmanager
def inside(netns: str) -> Iterator[None]:
    """Sockets made here belong to the namespace, wherever they are used later."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        if _LIBC.setns(there, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        _LIBC.setns(here, _CLONE_NEWNET)
        os.close(here)
        os.close(there)


@dataclass(frozen=True)
class Taken:
    """How long a login took."""

    whole_s: float
    """With the client's own work: namespaces, connections, forms."""
    waited_s: float
    """From each request sent to its answer read: the server's time, and what its kernel does for it."""


async def exchange(netns: str, address: str, asked: bytes, waits_s: list[float], port: int = 80) -> bytes:
    """The whole answer, and how long it was waited for; TimeoutError after half a minute."""
    with inside(netns):
        link = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.get_running_loop().sock_connect(link, (address, port))
        reader, writer = await asyncio.open_connection(sock=link)
        begun = time.perf_counter()
        writer.write(asked)
        answer = await reader.read()
        waits_s.append(time.perf_counter() - begun)
        writer.close()
    return answer


def request(method: str, target: str, host: str, form: dict[str, str] | None = None) -> bytes:
    """An HTTP/1.1 request that ends its connection."""
    body = urlencode(form).encode() if form is not None else b""
    head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {_AGENT}\r\nConnection: close\r\n"
    if form is not None:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body
