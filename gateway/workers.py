"""Asks the DNS workers of a profile over loopback, as the kernel would for a client of it."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence

import dnslib

from gateway.ports import IpAddress

_PATIENCE_S = 4.0
_NOWHERE = ("0.0.0.0", "::")


class WorkerResolver:
    """The Resolver port."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def addresses(self, name: str, profile: str) -> Sequence[IpAddress]:
        """See Resolver."""
        both = await asyncio.gather(*(self._ask(name, qtype, self._ports[profile]) for qtype in ("A", "AAAA")))
        return [address for found in both for address in found if address not in _NOWHERE]

    async def _ask(self, name: str, qtype: str, port: int) -> list[IpAddress]:
        question = dnslib.DNSRecord.question(name, qtype)
        question.header.id = secrets.randbits(16)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(lambda: _One(answered), remote_addr=("127.0.0.1", port))
        try:
            transport.sendto(question.pack())
            async with asyncio.timeout(_PATIENCE_S):
                answer = dnslib.DNSRecord.parse(await answered)
        except (TimeoutError, OSError, dnslib.DNSError):
            return []
        finally:
            transport.close()
        if answer.header.id != question.header.id:
            return []
        wanted = getattr(dnslib.QTYPE, qtype)
        return [IpAddress(str(record.rdata)) for record in answer.rr if record.rtype == wanted]


class _One(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self._answered.done():
            self._answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)
