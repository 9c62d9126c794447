"""The fake Internet's DNS: knows the names of gateway.lab.names and the probe hosts, and says NXDOMAIN to the rest.

Two resolvers, one process: the ISP's own, and an outside one that people type in (as 8.8.8.8). They differ in what they
answer to TXT who.isp.example. Each question is one line of the log: resolver, protocol, asker, name, type; so that a
test can tell what left the library.
"""

import asyncio
import struct
from typing import cast

from dnslib import EDNS0, QTYPE, RCODE, RR, DNSLabel, DNSRecord

from gateway.lab.names import RECORDS, SERVFAIL_NAME, SHORT_TTL_NAME, SILENT_NAME, TTL_S, WHO_NAME
from gateway.lab.plan import (
    DNS_IPV4,
    DNS_IPV6,
    OUTSIDE_RESOLVER_IPV4,
    OUTSIDE_RESOLVER_IPV6,
    WEB_IPV4,
    WEB_IPV6,
)
from gateway.probe_table import PROBE_HOSTS

Values = tuple[tuple[str, str], ...]
_RESOLVERS = {
    DNS_IPV4: "inside",
    DNS_IPV6: "inside",
    OUTSIDE_RESOLVER_IPV4: "outside",
    OUTSIDE_RESOLVER_IPV6: "outside",
}
_PLAIN_UDP_BYTES = 512
_OUR_UDP_BYTES = 1232


class Names:
    """Every name of the lab's Internet, as one resolver tells it."""

    def __init__(self, who: str) -> None:
        web: Values = (("A", WEB_IPV4), ("AAAA", WEB_IPV6))
        self._records: dict[str, Values] = dict.fromkeys(PROBE_HOSTS, web)
        self._records["ipv6.msftconnecttest.com"] = (("AAAA", WEB_IPV6),)
        self._records[SHORT_TTL_NAME] = web
        self._records.update(RECORDS)
        self._records[WHO_NAME] = (("TXT", who),)

    def answer(self, question: bytes, *, udp: bool) -> bytes | None:
        """The reply to a question, cut to size for UDP; None when nothing is to be sent."""
        try:
            asked = DNSRecord.parse(question)
        except Exception:  # noqa: BLE001 - dnslib raises all kinds on junk; a resolver keeps silent
            return None
        if asked.header.qr or not asked.questions:
            return None
        name = str(asked.q.qname).rstrip(".").lower()
        if name == SILENT_NAME:
            return None
        reply = asked.reply(ra=1, aa=0)
        reply.header.ad = 0  # dnslib copies it from the question; nothing is signed here
        size = self._fill(reply, name, QTYPE[asked.q.qtype], asked)
        packed: bytes = reply.pack()
        if udp and len(packed) > size:
            # dnslib's own truncate() leaves the question out too, which careful forwarders take for a forgery
            reply.rr, reply.auth, reply.header.tc = [], [], 1
            packed = reply.pack()
        return packed

    def _fill(self, reply: DNSRecord, name: str, kind: str, asked: DNSRecord) -> int:
        """Put the records in; gives the bytes the asker takes by UDP."""
        size = _PLAIN_UDP_BYTES
        if edns := next((record for record in asked.ar if record.rtype == QTYPE.OPT), None):
            reply.add_ar(EDNS0(udp_len=_OUR_UDP_BYTES))
            size = max(size, min(edns.edns_len, 4096))
        if name == SERVFAIL_NAME:
            reply.header.rcode = RCODE.SERVFAIL
            return size
        owner, exists = name, False
        for _ in range(8):  # CNAME steps
            values = self._find(owner)
            exists = exists or values is not None
            chosen = [pair for pair in values or () if pair[0] in (kind, "CNAME") or kind == "ANY"]
            for type_name, value in chosen:
                _add(reply, asked.q.qname if owner == name else DNSLabel(owner), type_name, value, _ttl(owner))
            if not chosen or chosen[0][0] != "CNAME" or kind == "CNAME":
                break
            owner = chosen[0][1]
        if not reply.rr:
            reply.header.rcode = RCODE.NOERROR if exists else RCODE.NXDOMAIN
            reply.add_auth(*RR.fromZone(f". {TTL_S} IN SOA ns.example. staff.isp.example. 1 1800 900 604800 60"))
        return size

    def _find(self, name: str) -> Values | None:
        if (values := self._records.get(name)) is not None:
            return values
        labels = name.split(".")
        for cut in range(1, len(labels)):
            if (values := self._records.get("*." + ".".join(labels[cut:]))) is not None:
                return values
        below = f".{name}"
        return () if any(known.endswith(below) for known in self._records) else None  # an empty name above another


def _add(reply: DNSRecord, owner: DNSLabel, kind: str, value: str, ttl_s: int) -> None:
    text = f'"{value}"' if kind == "TXT" else f"{value}." if kind in ("CNAME", "MX") else value
    record = RR.fromZone(f"x. {ttl_s} IN {kind} {text}")[0]
    record.rname = owner  # as the asker spelled it, upper and lower case kept (0x20)
    reply.add_answer(record)


def _ttl(name: str) -> int:
    return 1 if name == SHORT_TTL_NAME else TTL_S


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, address: str, names: Names) -> None:
        self._address = address
        self._names = names

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # 3.11's own is none by isinstance

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        _note(self._address, "udp", addr[0], data)
        if (reply := self._names.answer(data, udp=True)) is not None:
            self._transport.sendto(reply, addr)


def _note(address: str, protocol: str, asker: str, question: bytes) -> None:
    try:
        asked = DNSRecord.parse(question).q
        said = f"{str(asked.qname).rstrip('.').lower()} {QTYPE[asked.qtype]}"
    except Exception:  # noqa: BLE001 - see Names.answer
        said = "junk"
    print(address, protocol, asker, said, flush=True)


async def _tcp(address: str, names: Names, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            async with asyncio.timeout(10):
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                question = await reader.readexactly(size)
            _note(address, "tcp", writer.get_extra_info("peername")[0], question)
            if (reply := names.answer(question, udp=False)) is None:
                break
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        pass  # the asker left
    finally:
        writer.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    tables = {who: Names(who) for who in set(_RESOLVERS.values())}
    for address, who in _RESOLVERS.items():
        names = tables[who]

        async def talk(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            address: str = address,
            names: Names = names,
        ) -> None:
            await _tcp(address, names, reader, writer)

        await loop.create_datagram_endpoint(
            lambda address=address, names=names: _Udp(address, names),  # type: ignore[misc]  # mypy: lambda defaults
            local_addr=(address, 53),
        )
        await asyncio.start_server(talk, address, 53)
    await asyncio.Event().wait()


def main(_arguments: list[str]) -> None:
    """Serve until ended."""
    asyncio.run(_serve())
