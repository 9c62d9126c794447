"""Who holds which address on the library network: the kernel's neighbour table, asked when needed."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Self

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

from gateway.access.client import Mac, parse_mac
from gateway.errors import KernelError
from gateway.ports import IpAddress

_UNUSABLE = 0x20 | 0x40  # NUD_FAILED, NUD_NOARP: no device behind them


class KernelNeighbours:
    """The Neighbours port over rtnetlink."""

    def __init__(self, route: AsyncIPRoute, interface_index: int) -> None:
        self._route = route
        self._index = interface_index

    @classmethod
    async def open(cls, interface: str) -> Self:
        """Bind to one interface; KernelError when it is not there."""
        route = AsyncIPRoute()
        await route.setup_endpoint()
        found = await route.link_lookup(ifname=interface)
        if not found:
            raise KernelError(
                f"there is no interface {interface}",
                where="lan.interface",
                hint="`ip link` lists the interfaces of this box",
            )
        return cls(route, found[0])

    def close(self) -> None:
        """Release the socket."""
        self._route.close()

    async def mac_of(self, address: IpAddress) -> Mac | None:
        """See Neighbours."""
        try:
            found = await self._route.neigh("get", dst=str(ip_address(address)), ifindex=self._index)
            return next((mac for message in list(found) if (mac := _mac(message))), None)
        except NetlinkError:
            return None

    async def addresses_of(self, mac: Mac) -> Sequence[IpAddress]:
        """See Neighbours."""
        return [
            IpAddress(message.get("dst"))
            async for message in await self._route.neigh("dump", ifindex=self._index)
            if _mac(message) == mac and message.get("ifindex") == self._index
        ]


def _mac(message: Any) -> Mac | None:
    text = message.get("lladdr")
    if not text or message["state"] & _UNUSABLE:
        return None
    try:
        return parse_mac(text)
    except ValueError:  # multicast entries have group addresses
        return None
