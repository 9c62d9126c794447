"""UDP on the fake Internet: what comes to the echo port, and to 443 (where QUIC lives), goes back as it came."""

import asyncio
from typing import cast

from gateway.lab.plan import ECHO_PORT, SECOND_WEB_IPV4, WEB_IPV4, WEB_IPV6

PORTS = (443, ECHO_PORT)


class _Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # 3.11's own is none by isinstance

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        print(addr[0], len(data), flush=True)
        self._transport.sendto(data, addr)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    for address in (WEB_IPV4, SECOND_WEB_IPV4, WEB_IPV6):
        for port in PORTS:
            await loop.create_datagram_endpoint(_Echo, local_addr=(address, port))
    await asyncio.Event().wait()


def main(_arguments: list[str]) -> None:
    """Serve until ended."""
    asyncio.run(_serve())
