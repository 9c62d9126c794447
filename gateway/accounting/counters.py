"""Turns readings of the kernel's byte counters into usage.

In:  Reading, one per session and look (from gateway.kernel.sets).
Out: Usage, what moved since the reading before (to the ledger, gateway.store.usage).
"""

from dataclasses import dataclass
from typing import NewType

from gateway.access.session import SessionId

Epoch = NewType("Epoch", str)
"""One life of the kernel's counters: boot and table. Counters of two epochs have nothing in common."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a session's two counters.

    Bytes are those of whole IP packets, headers included: what nftables counts in forward.
    `up` leaves the client, `down` reaches it (RFC 2866 sections 5.3, 5.4).
    """

    session: SessionId
    epoch: Epoch
    boot_s: float
    """When it was taken, on the boot clock: readings are booked in this order only."""
    up_bytes: int
    down_bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session moved between two readings."""

    session: SessionId
    up_bytes: int
    down_bytes: int


def usage_between(before: Reading, after: Reading) -> Usage:
    """What a session moved from one reading to the next.

    In a new epoch, or when either counter fell, both were made anew (counting 2.7, 5): all that they show is new.
    """
    if before.session != after.session:
        raise ValueError(f"readings of two sessions: {before.session} and {after.session}")
    anew = before.epoch != after.epoch or after.up_bytes < before.up_bytes or after.down_bytes < before.down_bytes
    up_base, down_base = (0, 0) if anew else (before.up_bytes, before.down_bytes)
    return Usage(after.session, after.up_bytes - up_base, after.down_bytes - down_base)
