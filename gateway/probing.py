"""One look at the line: first hop, the ISP's resolvers, targets at home and abroad, carrier (port: ports_line.Prober).

A few packets each half minute. No ICMP, so no right is needed: a first hop that takes or refuses a TCP connection is
there, and so is one that is silent but answers ARP (the kernel believes an answer for up to a minute). Of a target only
an accepted connection or an answer counts: who refuses may be the modem.
"""

import asyncio
import struct
from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path

from gateway.accounting.counters import Epoch
from gateway.line import answers_udp, has_carrier, takes_tcp
from gateway.ports_bytes import ByteCount
from gateway.service.line import Round
from gateway.service.target import Target

_HOP_PORT = 80
_HOP_WAITS_S = 3.5  # the kernel gives an address up after three ARP questions, one a second
_COMPLETE = 2  # ATF_COM, linux/if_arp.h


class LineProber:
    """The Prober port over sockets."""

    def __init__(
        self, interface: str, first_hop: str | None, at_home: Sequence[Target], abroad: Sequence[Target]
    ) -> None:
        """`first_hop` None: whatever the default route leads to."""
        self._interface = interface
        self._first_hop = first_hop
        self._at_home = at_home
        self._abroad = abroad

    async def look(self, at: datetime) -> Round:
        """See Prober."""
        asked = (*self._at_home, *self._abroad)
        hop, *answers = await asyncio.gather(self._hop_is_there(), *map(_answers, asked))
        carrier = await asyncio.to_thread(has_carrier, self._interface)
        home = len(self._at_home)
        return Round(at, carrier, hop, tuple(answers[:home]), tuple(answers[home:]))

    async def _hop_is_there(self) -> bool:
        address = self._first_hop or await asyncio.to_thread(default_router, self._interface)
        if address is None:
            return False
        try:
            async with asyncio.timeout(_HOP_WAITS_S):
                _, writer = await asyncio.open_connection(address, _HOP_PORT)
            writer.close()
        except ConnectionRefusedError:
            return True
        except (OSError, TimeoutError):
            return await asyncio.to_thread(_answers_arp, address)
        return True


def default_router(interface: str) -> str | None:
    """The IPv4 router of an interface's default route."""
    for line in Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]:
        name, destination, router, *_ = line.split()
        if (name, destination) == (interface, "00000000") and router != "00000000":
            return str(IPv4Address(struct.pack("=I", int(router, 16))))
    return None


async def _answers(target: Target) -> bool:
    return await (takes_tcp if target.by_tcp else answers_udp)(target.address, target.port)


def _answers_arp(address: str) -> bool:
    for line in Path("/proc/net/arp").read_text(encoding="ascii").splitlines()[1:]:
        found, _, flags, *_ = line.split()
        if found == address:
            return bool(int(flags, 16) & _COMPLETE)
    return False


class InterfaceCounters:
    """Bytes of whole frames at an interface, over sysfs.

    An interface that was made anew (PPP) has another index and begins from 0.
    """

    def __init__(self, interface: str, boot_id: str) -> None:
        self._folder = Path("/sys/class/net") / interface
        self._boot_id = boot_id

    async def counted(self) -> ByteCount | None:
        """As they stand; None while there is no such interface."""
        return self.read()

    def read(self) -> ByteCount | None:
        """The same at once: sysfs does not wait."""
        try:
            index, up, down = (
                int((self._folder / name).read_text(encoding="ascii"))
                for name in ("ifindex", "statistics/tx_bytes", "statistics/rx_bytes")
            )
        except OSError:
            return None
        return ByteCount(Epoch(f"{self._boot_id}/{index}"), up, down)
