"""Is the ISP's line up? Asked every few seconds of the resolvers the filter is set to use, so that pages can say so.

Any answer is a yes. Without an answer three times in a row, or without a carrier, the line is down. This is for what
patrons read; how long a line was away, and why, is the figures' business.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from filters.settings import Transport, Upstream
from gateway.log import event

EVERY_S = 10
_WAITS_S = 3.0
_TRIES = 3
_QUESTION = bytes.fromhex("01000001000000000000") + b"\x00\x00\x02\x00\x01"  # RD; the root's name servers


def has_carrier(interface: str) -> bool:
    """Is there a carrier? An interface that is down or gone (PPP) has none."""
    try:
        return (Path("/sys/class/net") / interface / "carrier").read_text(encoding="ascii").strip() == "1"
    except OSError:
        return False


class Line:
    """What is known of the line; up until something else is seen."""

    def __init__(self, interface: str, upstreams: Sequence[Upstream]) -> None:
        """A resolver on this box itself tells nothing: with no other, only the carrier does."""
        self._interface = interface
        self._upstreams = [each for each in upstreams if not ip_address(each.address).is_loopback]
        self._failed = 0
        self.is_down = False

    @property
    def is_up_now(self) -> bool:
        """Did the last look find it up?"""
        return not self._failed

    async def look(self) -> None:
        """Ask once."""
        cut = not await asyncio.to_thread(has_carrier, self._interface)
        if not cut and await self._answers():
            self._failed = 0
        else:
            self._failed += 1
        down = cut or self._failed >= _TRIES
        if down != self.is_down:
            self.is_down = down
            if down:
                event("line.went_down", "warning", carrier=not cut)
            else:
                event("line.came_back")

    async def _answers(self) -> bool:
        return not self._upstreams or any(await asyncio.gather(*map(_asked, self._upstreams)))


async def _asked(upstream: Upstream) -> bool:
    by = answers_udp if upstream.transport is Transport.PLAIN else takes_tcp
    return await by(upstream.address, upstream.port)


async def answers_udp(address: str, port: int) -> bool:
    """Does a resolver send anything back that bears the question's number?"""
    number, loop = secrets.token_bytes(2), asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.suppress(OSError, TimeoutError), socket.socket(family, socket.SOCK_DGRAM) as link:
        link.setblocking(False)
        link.connect((address, port))
        async with asyncio.timeout(_WAITS_S):
            await loop.sock_sendall(link, number + _QUESTION)
            while True:
                if (await loop.sock_recv(link, 4096)).startswith(number):
                    return True
    return False


async def takes_tcp(address: str, port: int) -> bool:
    """Does anybody take a connection there?"""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_WAITS_S):
            _, writer = await asyncio.open_connection(address, port)
        writer.close()
        return True
    return False
