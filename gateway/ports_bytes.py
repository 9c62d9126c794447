"""Bytes that the kernel counts beside the sessions' own, and the ledger of their days."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.accounting.counters import Epoch


@dataclass(frozen=True, slots=True)
class ByteCount:
    """Whole IP packets since the table was made."""

    epoch: Epoch
    """The table's present life."""
    up_bytes: int
    down_bytes: int


class DayLedger(Protocol):
    """Such bytes by day."""

    async def book(self, count: ByteCount, day: date) -> None:
        """Add what moved since the last booking to a day; a new table begins at 0. The same count twice is one."""

    async def booked(self, day: date) -> tuple[int, int]:
        """Up and down bytes of a day, as far as they are booked."""
