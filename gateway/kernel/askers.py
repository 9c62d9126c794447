"""Whose question it is: the session number in the mark of the connection that the kernel led here.

Asked by the way the answer takes (our address and port, the client's), which names one entry of the connection table.
Layout: linux/netfilter/nfnetlink_conntrack.h.
"""

import errno
import struct
from ipaddress import ip_address
from socket import AF_INET, AF_INET6

from gateway.access.session import SessionId
from gateway.kernel.nfnetlink import Link, attribute, attributes
from gateway.ports import IpAddress

_GET = 1 << 8 | 1
_TUPLE_REPLY, _MARK = 2, 8
_TUPLE_IP, _TUPLE_PROTOCOL = 1, 2
_PROTOCOL_NUMBER, _FROM_PORT, _TO_PORT = 1, 2, 3
_IP_FROM_TO = {4: (AF_INET, 1, 2), 6: (AF_INET6, 3, 4)}


class ConntrackAskers:
    """The Askers port over nfnetlink."""

    def __init__(self) -> None:
        self._link = Link()

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    def session_of(self, protocol: int, box: tuple[IpAddress, int], client: tuple[IpAddress, int]) -> SessionId | None:
        """See Askers."""
        here, there = ip_address(box[0]), ip_address(client[0])
        family, source, target = _IP_FROM_TO[here.version]
        way = attribute(
            _TUPLE_IP, attribute(source, here.packed) + attribute(target, there.packed), nested=True
        ) + attribute(
            _TUPLE_PROTOCOL,
            attribute(_PROTOCOL_NUMBER, bytes([protocol]))
            + attribute(_FROM_PORT, struct.pack("!H", box[1]))
            + attribute(_TO_PORT, struct.pack("!H", client[1])),
            nested=True,
        )
        try:
            found = self._link.ask(_GET, struct.pack("!BBH", family, 0, 0) + attribute(_TUPLE_REPLY, way, nested=True))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
        marks = (value for body in found for kind, value in attributes(body[4:]) if kind == _MARK)
        number = next((int.from_bytes(value, "big") for value in marks), 0)
        return SessionId(number) if number else None
