"""A public resolver as people type it in: DoH (443, 8443), DoT (853), and UDP that echoes where DoQ and DNSCrypt live.

It runs at the ISP's end of the line and prints a line for each question it takes and each datagram it echoes.
"""

import asyncio
import base64
import ssl
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from aiohttp import web

from gateway.lab.driver import Lab
from gateway.lab.isp_dns import Names
from tests.lab.judges.programs import running, said, scratch

DOH_PORTS, DOT_PORT, UDP_PORTS = (443, 8443), 853, (443, 853, 5353, 5443, 8443)
_READY = "ready"
_NAMES = Names("encrypted")


@dataclass(frozen=True, slots=True)
class Resolver:
    """A running one."""

    log: Path

    def asked(self) -> int:
        """How many questions and datagrams have reached it."""
        return len(said(self.log).splitlines()) - 1


@contextmanager
def resolver(lab: Lab, *addresses: str) -> Iterator[Resolver]:
    """Serve on these addresses of the lab's Internet; those it lacks are added to it meanwhile."""
    held = lab.run("isp", ["ip", "-o", "address", "show", "dev", "lo"]).stdout
    added = [address for address in addresses if f" {address}/" not in held]
    command = [
        sys.executable,
        "-m",
        "tests.lab.judges.encrypted_dns",
        *map(str, (lab.files.certificate, lab.files.key)),
    ]
    try:
        for address in added:
            done = lab.run(
                "isp", ["ip", "address", "add", address, "dev", "lo", *(["nodad"] if ":" in address else [])]
            )
            assert done.returncode == 0, done.stderr
        with scratch() as directory, running([*lab.inside("isp"), *command, *addresses], directory / "log"):
            lab.wait_until(lambda: _READY in said(directory / "log"), what="the encrypted resolver")
            yield Resolver(directory / "log")
    finally:
        for address in added:
            lab.run("isp", ["ip", "address", "del", f"{address}/{128 if ':' in address else 32}", "dev", "lo"])


async def _doh(request: web.Request) -> web.Response:
    """RFC 8484: the question as a body, or in the address."""
    asked = request.query.get("dns", "")
    question = await request.read() or base64.urlsafe_b64decode(asked + "=" * (-len(asked) % 4))
    print("doh", request.remote, len(question), flush=True)
    reply = _NAMES.answer(question, udp=False)
    if reply is None:
        raise web.HTTPBadRequest
    return web.Response(body=reply, content_type="application/dns-message")


async def _dot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(10):
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                question = await reader.readexactly(size)
                print("dot", size, flush=True)
                reply = _NAMES.answer(question, udp=False) or b""
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, OSError):
        pass  # the asker left
    finally:
        writer.close()


class _Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # 3.11's own is none by isinstance

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        print("udp", addr[0], len(data), flush=True)
        self._transport.sendto(data, addr)


async def _serve(certificate: str, key: str, addresses: list[str]) -> None:
    loop = asyncio.get_running_loop()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    application = web.Application()
    application.router.add_route("*", "/dns-query", _doh)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    for address in addresses:
        for port in DOH_PORTS:
            await web.TCPSite(runner, address, port, ssl_context=tls).start()
        await asyncio.start_server(_dot, address, DOT_PORT, ssl=tls)
        for port in UDP_PORTS:
            await loop.create_datagram_endpoint(_Echo, local_addr=(address, port))
    print(_READY, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], sys.argv[3:]))
