"""Which life of the table its counters belong to."""

from pathlib import Path

from gateway.accounting.counters import Epoch
from gateway.clock import Clock
from gateway.kernel.elements import Elements


class Epochs:
    """Of one table, as long as this process lives."""

    def __init__(self, netlink: Elements, clock: Clock) -> None:
        self._netlink = netlink
        # a namespace made anew numbers its tables from 1 again: its inode tells them apart
        self._life = f"{clock.boot_id()}.{Path('/proc/self/ns/net').stat().st_ino}"

    def now(self) -> Epoch:
        """The present one; without a table one of its own."""
        return Epoch(f"{self._life}.{self._netlink.table_handle() or 0}")
