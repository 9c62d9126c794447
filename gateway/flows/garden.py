"""A captive client asks for a name of the walled garden: its addresses are open in the kernel before the client has
them.

The question goes to the profile's own workers, so that what the filter refuses stays closed. Only A and AAAA come here,
and only addresses go back: no question and no answer carries data of a client's own beyond the name itself. New names
are few (a budget by client and by house), so that whoever owns a name below one of the garden's has no tunnel in it.
"""

from collections import OrderedDict
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports import IpAddress
from gateway.ports_garden import Found, GardenWall, Lookup

MOST_TTL_S = 60
"""A client asks again after this long, while the address is open for longer: a page that is read stays open."""
LONGEST_S = 3600
"""A name taken out of the configuration leaves nothing open for longer."""
MOST_ADDRESSES = 16
_CLIENTS_BURST, _CLIENTS_EVERY_S = 30, 3.0
"""New names, below those listed, of one address: a page with all its parts at once, then one in three seconds."""
_HOUSE_BURST, _HOUSE_EVERY_S = 300, 0.2
"""New names of all: a device has as many IPv6 addresses as it likes."""
_MOST_NAMES, _MOST_CLIENTS = 1024, 4096
_KNOWN_S, _BOTH_S = 3600.0, 10.0
"""A name that leads somewhere; one that was just asked, for a client asks in both families at once."""
_TELL_EVERY_S = 60.0


class WalledGarden:
    """The Walled port."""

    def __init__(
        self,
        names: Collection[str],
        synthetic: Collection[IPv4Network | IPv6Network],
        profile: str,
        least_s: int,
        lookup: Lookup,
        wall: GardenWall,
        clock: Clock,
    ) -> None:
        """`synthetic`: addresses that are this box's own inventions; `profile`: whose filter answers."""
        self._names = frozenset(names)
        self._synthetic = tuple(synthetic)
        self._profile = profile
        self._least_s = least_s
        self._lookup = lookup
        self._wall = wall
        self._clock = clock
        self._known: OrderedDict[str, float] = OrderedDict()
        self._clients: OrderedDict[str, _Budget] = OrderedDict()
        self._house = _Budget(_HOUSE_BURST, _HOUSE_EVERY_S, clock.boot_s())
        self._tell_from = 0.0

    def holds(self, name: str) -> bool:
        """See Walled."""
        while name not in self._names:
            _, dot, name = name.partition(".")
            if not dot:
                return False
        return True

    async def open(self, name: str, family: int, client: str) -> Found | None:
        """See Walled."""
        if not self._may_ask(name, client):
            return None
        found = await self._lookup.look_up(name, family, self._profile)
        if found is None or any(self._is_closed(address) for address in found.addresses):
            return None
        addresses = found.addresses[:MOST_ADDRESSES]
        ttl_s = max(1, min(found.ttl_s, MOST_TTL_S, self._least_s))
        if addresses:
            # a second more: an answer's life begins when the client has it
            lasts_s = min(max(found.ttl_s, self._least_s), LONGEST_S) + 1
            try:
                await self._wall.open(addresses, lasts_s)
            except (OSError, GatewayError) as error:
                self._tell(error)
                return None
        self._remember(name, _KNOWN_S)
        return Found(addresses, ttl_s)

    def _may_ask(self, name: str, client: str) -> bool:
        now_s = self._clock.boot_s()
        if name in self._names or self._known.get(name, 0.0) > now_s:
            return True
        budget = self._clients.pop(client, None) or _Budget(_CLIENTS_BURST, _CLIENTS_EVERY_S, now_s)
        self._clients[client] = budget
        if len(self._clients) > _MOST_CLIENTS:
            self._clients.popitem(last=False)
        if not (budget.spend(now_s) and self._house.spend(now_s)):
            return False
        self._remember(name, _BOTH_S)
        return True

    def _remember(self, name: str, for_s: float) -> None:
        """It costs nothing for a while, whoever asks."""
        self._known.pop(name, None)
        self._known[name] = self._clock.boot_s() + for_s
        if len(self._known) > _MOST_NAMES:
            self._known.popitem(last=False)

    def _is_closed(self, address: IpAddress) -> bool:
        """Nowhere (a refused name), or a page of our own (one refused with a reason)?"""
        place = ip_address(address)
        return place.is_unspecified or any(place in network for network in self._synthetic)

    def _tell(self, error: Exception) -> None:
        now_s = self._clock.boot_s()
        if now_s >= self._tell_from:
            self._tell_from = now_s + _TELL_EVERY_S
            event("garden.not_opened", "warning", says=str(error)[:120])


class _Budget:
    """So many at once, and one more every so often."""

    __slots__ = ("_at_s", "_every_s", "_left", "_most")

    def __init__(self, most: int, every_s: float, now_s: float) -> None:
        self._most, self._every_s, self._left, self._at_s = most, every_s, float(most), now_s

    def spend(self, now_s: float) -> bool:
        """Take one; False when there is none."""
        self._left = min(self._most, self._left + (now_s - self._at_s) / self._every_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
