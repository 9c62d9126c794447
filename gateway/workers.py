"""Asks the DNS workers of a profile over loopback, as the kernel would for a client of it."""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence

import dnslib

from gateway.errors import GatewayError
from gateway.ports import IpAddress
from gateway.ports_garden import Found
from gateway.ports_rules import Refused

_PATIENCE_S = 4.0
_NOWHERE = ("0.0.0.0", "::")
_EDE = 15  # option code, RFC 8914 section 2
_REFUSALS = (15, 16, 17, 18)  # Blocked, Censored, Filtered, Prohibited: RFC 8914 section 4


class WorkerResolver:
    """The Resolver, Reasons and Lookup ports."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def addresses(self, name: str, profile: str) -> Sequence[IpAddress]:
        """See Resolver."""
        both = await asyncio.gather(*(self._ask(name, qtype, self._ports[profile]) for qtype in ("A", "AAAA")))
        return [address for found in both for address in found if address not in _NOWHERE]

    async def refused(self, name: str, profile: str) -> Refused | None:
        """See Reasons. The workers say it in their answer (filters.ede)."""
        port = self._ports.get(profile)
        answer = await self._exchange(name, "A", port) if port else None
        if answer is None:
            raise GatewayError(
                "the DNS filter does not answer", where=f"profile {profile}", hint="see: systemctl status cong-dns"
            )
        options = (option for record in answer.ar if record.rtype == dnslib.QTYPE.OPT for option in record.rdata)
        for option in options:
            code, words = int.from_bytes(option.data[:2], "big"), option.data[2:].decode("utf-8", "replace")
            if option.code == _EDE and code in _REFUSALS:
                category = re.match(r"category ([a-z0-9-]+)", words)
                own = "own" if "by this library" in words else ""
                return Refused(category[1] if category else own, "(at this hour)" in words)
        return None

    async def look_up(self, name: str, family: int, profile: str) -> Found | None:
        """See Lookup."""
        qtype = {4: "A", 6: "AAAA"}[family]
        answer = await self._exchange(name, qtype, self._ports[profile])
        if answer is None or answer.header.rcode != dnslib.RCODE.NOERROR or answer.header.tc:
            return None
        wanted = getattr(dnslib.QTYPE, qtype)
        addresses = tuple(IpAddress(str(record.rdata)) for record in answer.rr if record.rtype == wanted)
        return Found(addresses, min((record.ttl for record in answer.rr), default=0))

    async def _ask(self, name: str, qtype: str, port: int) -> list[IpAddress]:
        answer = await self._exchange(name, qtype, port)
        if answer is None:
            return []
        wanted = getattr(dnslib.QTYPE, qtype)
        return [IpAddress(str(record.rdata)) for record in answer.rr if record.rtype == wanted]

    async def _exchange(self, name: str, qtype: str, port: int) -> dnslib.DNSRecord | None:
        question = dnslib.DNSRecord.question(name, qtype)
        question.add_ar(dnslib.EDNS0(udp_len=1232))
        question.header.id = secrets.randbits(16)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(lambda: _One(answered), remote_addr=("127.0.0.1", port))
        try:
            transport.sendto(question.pack())
            async with asyncio.timeout(_PATIENCE_S):
                answer = dnslib.DNSRecord.parse(await answered)
        except (TimeoutError, OSError, dnslib.DNSError):
            return None
        finally:
            transport.close()
        return answer if answer.header.id == question.header.id else None


class _One(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self._answered.done():
            self._answered.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)
