"""Addresses of the walled garden: into the kernel's sets garden4 and garden6, before the client hears the answer.

The sets outlive a restart of the daemon and a new ruleset. What is remembered here is only how long an element lasts
at least, so that an answer repeated soon changes nothing; the kernel is looked at each time, for another program may
have flushed it.
"""

import errno
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from gateway.accounting.counters import Epoch
from gateway.clock import Clock
from gateway.kernel.elements import Change, Elements
from gateway.kernel.ruleset import TABLE
from gateway.ports import IpAddress
from gateway.ports_garden import GardenCount

SETS = ("garden4", "garden6")
_SLACK_S = 5
_MOST = 8192
_Key = tuple[str, bytes]


class KernelGardenWall:
    """The GardenWall port over nf_tables."""

    def __init__(self, clock: Clock) -> None:
        self._netlink = Elements(TABLE)
        self._clock = clock
        self._until: dict[_Key, float] = {}
        # as sessions' readings have it: a namespace made anew numbers its tables from 1 again
        self._life = f"{clock.boot_id()}.{Path('/proc/self/ns/net').stat().st_ino}"

    def close(self) -> None:
        """Release the socket; the kernel keeps everything."""
        self._netlink.close()

    async def open(self, addresses: Sequence[IpAddress], lasts_s: int) -> None:
        """See GardenWall. An element that lasts longer already is left."""
        until_s = self._clock.boot_s() + lasts_s
        wanted = [key for key in dict.fromkeys(map(_key, addresses)) if not self._lasts(key, until_s)]
        try:
            self._renew(wanted, lasts_s)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            self._renew(wanted, lasts_s)  # an element ran out between the look at it and its renewal
        self._remember(wanted, until_s)

    async def counted(self) -> GardenCount:
        """See GardenWall."""
        up_bytes, down_bytes = (self._netlink.counter(name) for name in ("garden_up", "garden_down"))
        epoch = Epoch(f"{self._life}.{self._netlink.table_handle() or 0}")
        return GardenCount(epoch, up_bytes, down_bytes, sum(len(self._netlink.dump(name)) for name in SETS))

    def _lasts(self, key: _Key, until_s: float) -> bool:
        return self._until.get(key, 0.0) >= until_s - _SLACK_S and self._netlink.get(*key) is not None

    def _renew(self, wanted: Sequence[_Key], lasts_s: int) -> None:
        changes: list[Change] = []
        for name, key in wanted:
            # deleted and added: kernels before 6.11 do not refresh a time-out by adding again
            if self._netlink.get(name, key) is not None:
                changes.append(Change(name, key, False))
            changes.append(Change(name, key, True, timeout_s=lasts_s + _SLACK_S))
        if changes:
            self._netlink.change(changes)

    def _remember(self, keys: Sequence[_Key], until_s: float) -> None:
        self._until |= dict.fromkeys(keys, until_s)
        if len(self._until) > _MOST:
            now_s = self._clock.boot_s()
            self._until = {key: until for key, until in self._until.items() if until > now_s}


def _key(address: IpAddress) -> _Key:
    place = ip_address(address)
    return f"garden{place.version}", place.packed
