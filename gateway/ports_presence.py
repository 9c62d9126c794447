"""What the presence of public PCs needs of the network and of the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Protocol

from gateway.access.client import Mac
from gateway.ports import IpAddress


class Presence(Protocol):
    """The neighbour table as the kernel judges it."""

    async def neighbours(self) -> Mapping[Mac, Mapping[IpAddress, bool]]:
        """Addresses of each device, and whether it has lately answered at them."""

    def ask(self, addresses: Sequence[IpAddress]) -> None:
        """Make the kernel find out: it answers in the table, a few seconds later."""


class PresenceLog(Protocol):
    """When PCs were there."""

    async def seen(self, pc: str, at: datetime, zone: timezone) -> None:
        """The PC is there; a span goes on within a day of the site while it is seen every few minutes."""
