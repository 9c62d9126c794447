"""The kernel's connection table: a client's entries are deleted when its standing changes.

A redirect is decided once a connection. Without this, questions and page requests of a client that was just admitted
would go on to the garden and the portal until their entries ran out (30 s and more).
Layout: linux/netfilter/nfnetlink_conntrack.h.
"""

import errno
import struct
from collections.abc import Collection, Sequence
from ipaddress import ip_address
from socket import AF_INET, AF_INET6

from gateway.kernel import nfnetlink as wire
from gateway.ports import IpAddress

_SUBSYSTEM = 1 << 8
_NEW, _GET, _DELETE = 0, 1, 2
_TUPLE_ORIGIN = 1
_TUPLE_IP, _TUPLE_PROTOCOL = 1, 2
_IP_FROM: dict[int, int] = {AF_INET: 1, AF_INET6: 3}
_IP_TO: dict[int, int] = {AF_INET: 2, AF_INET6: 4}
_PROTOCOL_TO_PORT = 3
_PAGE_PORTS = {struct.pack("!H", port) for port in (80, 443)}


class Conntrack:
    """The Flows port over nfnetlink."""

    def __init__(self, own: Collection[str]) -> None:
        """`own`: the box's addresses on the library network; the page a patron is just reading there is kept."""
        self._link = wire.Link()
        self._own = {ip_address(text).packed for text in own}

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    async def forget(self, addresses: Sequence[IpAddress]) -> int:
        """See Flows."""
        sources = {ip_address(text).packed for text in addresses}
        return sum(self._delete(family, origin) for family, origin in self._tuples_from(sources))

    def _tuples_from(self, sources: Collection[bytes]) -> list[tuple[int, bytes]]:
        """One walk through the kernel's table, both families: the walk is what costs, not the entries."""
        found = []
        for body in self._link.dump(_SUBSYSTEM | _GET, struct.pack("!BBH", 0, 0, 0)) if sources else ():
            if not any(source in body for source in sources):  # most entries are others': no need to take them apart
                continue
            family = body[0]
            origin = next((value for kind, value in wire.attributes(body[4:]) if kind == _TUPLE_ORIGIN), b"")
            parts = {kind: dict(wire.attributes(value)) for kind, value in wire.attributes(origin)}
            ip, protocol = parts.get(_TUPLE_IP, {}), parts.get(_TUPLE_PROTOCOL, {})
            here = ip.get(_IP_TO[family]) in self._own and protocol.get(_PROTOCOL_TO_PORT) in _PAGE_PORTS
            if ip.get(_IP_FROM[family], b"") in sources and not here:
                found.append((family, origin))
        return found

    def _delete(self, family: int, origin: bytes) -> int:
        body = struct.pack("!BBH", family, 0, 0) + wire.attribute(_TUPLE_ORIGIN, origin, nested=True)
        try:
            self._link.ask(_SUBSYSTEM | _DELETE, body)
        except OSError as error:
            if error.errno == errno.ENOENT:  # it ran out by itself
                return 0
            raise
        return 1
