"""Addresses that clients in strict mode were answered: into the kernel's sets, before the client hears the answer.

The kernel's element lives LEARNED_S and is renewed by each new connection; what is remembered here is only when that
time ends without any, so that an answer repeated soon changes nothing. A table made anew gets all of it back.
"""

import errno
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address

from gateway.access.client import Mac
from gateway.kernel.elements import Change, Elements
from gateway.kernel.fences import LEARNED_S
from gateway.log import client_tag, event
from gateway.ports import IpAddress

_LEAST_S = 660
"""What is left of an element's life when it is not renewed: above the life of the answer itself."""
_MOST_A_MINUTE = 1200
"""New addresses of one device between two repairs: a device that asks for thousands must not fill the sets of all."""
_MOST = 65536

_Key = tuple[str, bytes]


class Learned:
    """The sets learned4 and learned6."""

    def __init__(self, netlink: Elements) -> None:
        self._netlink = netlink
        self._until: dict[_Key, float] = {}
        self._new: Counter[Mac] = Counter()

    def add(self, mac: Mac, addresses: Iterable[IpAddress], now_s: float) -> None:
        """Let a device reach these addresses for LEARNED_S from now (boot seconds); OSError when the kernel can't."""
        wanted = [key for key in _keys(mac, addresses) if not self._lives_on(key, now_s)]
        self._new[mac] += len(wanted)
        if self._new[mac] > _MOST_A_MINUTE:
            if self._new[mac] - len(wanted) <= _MOST_A_MINUTE:
                event("strict.too_many_addresses", "warning", client=client_tag(mac))
            return
        try:
            self._renew(wanted)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            self._renew(wanted)  # an element ran out between the look at it and its renewal
        if len(self._until) < _MOST:
            self._until |= dict.fromkeys(wanted, now_s + LEARNED_S)

    def repair(self, now_s: float, *, is_new_table: bool) -> None:
        """Forget what is over; put the rest back into a table that was made anew."""
        self._new.clear()
        self._until = {key: until for key, until in self._until.items() if until > now_s}
        if is_new_table and self._until:
            lives = ((name, key, int(until - now_s) + 1) for (name, key), until in self._until.items())
            self._netlink.change([Change(name, key, True, timeout_s=life_s) for name, key, life_s in lives])

    def _lives_on(self, key: _Key, now_s: float) -> bool:
        """Is it there, and for long enough? Another program may have flushed the set."""
        return self._until.get(key, 0.0) >= now_s + _LEAST_S and self._netlink.get(*key) is not None

    def _renew(self, wanted: Iterable[_Key]) -> None:
        changes: list[Change] = []
        for name, key in wanted:
            # deleted and added: kernels before 6.11 do not refresh a time-out by adding again
            if self._netlink.get(name, key) is not None:
                changes.append(Change(name, key, False))
            changes.append(Change(name, key, True, timeout_s=LEARNED_S))
        if changes:
            self._netlink.change(changes)


def _keys(mac: Mac, addresses: Iterable[IpAddress]) -> Iterable[_Key]:
    device = bytes.fromhex(mac.replace(":", "")) + b"\0\0"
    for address in map(ip_address, dict.fromkeys(addresses)):
        yield f"learned{address.version}", device + address.packed
