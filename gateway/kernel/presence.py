"""Whether devices are there: the neighbour table, and a packet that makes the kernel ask (port: ports_presence).

A datagram to the discard port makes the kernel confirm an entry it doubts, by ARP or a neighbour solicitation
(NUD_STALE, DELAY, PROBE, then REACHABLE or FAILED; RFC 4861 section 7.3). It says nothing of what the device runs, and
passes its firewall, for a device that does not answer ARP has no network.
"""

import contextlib
import socket
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from gateway.access.client import Mac
from gateway.kernel.neighbours import KernelNeighbours
from gateway.ports import IpAddress

_DISCARD = 9


class KernelPresence:
    """The Presence port over the neighbour table of one interface."""

    def __init__(self, table: KernelNeighbours) -> None:
        self._table = table

    async def neighbours(self) -> Mapping[Mac, Mapping[IpAddress, bool]]:
        """See Presence."""
        return self._table.reachable()

    def ask(self, addresses: Sequence[IpAddress]) -> None:
        """See Presence. Link-local addresses are left out: an IPv4 or global one is there too."""
        for text in addresses:
            address = ip_address(text)
            if address.is_link_local:
                continue
            family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
            with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as link:
                link.setblocking(False)
                link.sendto(b"", (text, _DISCARD))
