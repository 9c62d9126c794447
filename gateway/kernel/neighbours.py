"""Who holds which address on the library network: the kernel's neighbour table, asked when needed.

Raw, for this stands in every page's way: with pyroute2 0.9.7 the reading of the table was the largest part of a login's
own processor time (py-spy, 50 clients).
Layout: linux/neighbour.h, linux/rtnetlink.h.
"""

import errno
import socket
import struct
from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address
from typing import Self

from gateway.access.client import Mac, parse_mac
from gateway.errors import KernelError
from gateway.kernel.nfnetlink import Link, attribute, attributes
from gateway.ports import IpAddress

_GET_NEIGHBOUR = 30
_HEAD = struct.Struct("=BxxxiHBB")  # family, interface, state, flags, type
_ADDRESS, _LINK_ADDRESS = 1, 2
_UNUSABLE = 0x20 | 0x40  # NUD_FAILED, NUD_NOARP: no device behind them
_REACHABLE = 0x02
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class KernelNeighbours:
    """The Neighbours port over rtnetlink."""

    def __init__(self, interface_index: int) -> None:
        self._link = Link(socket.NETLINK_ROUTE)
        self._index = interface_index

    @classmethod
    def open(cls, interface: str) -> Self:
        """Bind to one interface; KernelError when it is not there."""
        try:
            return cls(socket.if_nametoindex(interface))
        except OSError:
            raise KernelError(
                f"there is no interface {interface}",
                where="lan.interface",
                hint="`ip link` lists the interfaces of this box",
            ) from None

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    async def mac_of(self, address: IpAddress) -> Mac | None:
        """See Neighbours."""
        asked = ip_address(address)
        head = _HEAD.pack(_FAMILY[asked.version], self._index, 0, 0, 0)
        try:
            found = self._link.ask(_GET_NEIGHBOUR, head + attribute(_ADDRESS, asked.packed))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINVAL):  # not there; or an address that can be no neighbour's
                return None
            raise
        return next((mac for body in found if (mac := self._mac(body))), None)

    async def addresses_of(self, mac: Mac) -> Sequence[IpAddress]:
        """See Neighbours."""
        return (await self.addresses_of_each([mac]))[mac]

    async def addresses_of_each(self, macs: Collection[Mac]) -> Mapping[Mac, Sequence[IpAddress]]:
        """See Neighbours."""
        wanted = [bytes.fromhex(mac.replace(":", "")) for mac in macs]
        found: dict[Mac, list[IpAddress]] = {mac: [] for mac in macs}
        for body in self._link.dump(_GET_NEIGHBOUR, _HEAD.pack(0, 0, 0, 0, 0)):
            # most entries are others': no need to take them apart
            if any(mac in body for mac in wanted) and (mac := self._mac(body)) in found:
                found[mac] += [
                    IpAddress(str(ip_address(value)))
                    for kind, value in attributes(body[_HEAD.size :])
                    if kind == _ADDRESS
                ]
        return found

    def reachable(self) -> dict[Mac, dict[IpAddress, bool]]:
        """Each device's addresses, and whether the kernel has lately heard an answer from there (NUD_REACHABLE)."""
        known: dict[Mac, dict[IpAddress, bool]] = {}
        for body in self._link.dump(_GET_NEIGHBOUR, _HEAD.pack(0, 0, 0, 0, 0)):
            if (mac := self._mac(body)) is None:
                continue
            state = _HEAD.unpack_from(body)[2]
            for kind, value in attributes(body[_HEAD.size :]):
                if kind == _ADDRESS:
                    known.setdefault(mac, {})[IpAddress(str(ip_address(value)))] = bool(state & _REACHABLE)
        return known

    def _mac(self, body: bytes) -> Mac | None:
        _, index, state, _, _ = _HEAD.unpack_from(body)
        if index != self._index or state & _UNUSABLE:
            return None
        for kind, value in attributes(body[_HEAD.size :]):
            if kind == _LINK_ADDRESS and len(value) == 6:
                try:
                    return parse_mac(value.hex(":"))
                except ValueError:  # multicast entries have group addresses
                    return None
        return None
