"""What vouchers need of the edges, in the domain's words. No SQL, no files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.access.voucher import Batch, BatchId, NewBatch, Voucher, VoucherId


@dataclass(frozen=True, slots=True)
class Now:
    """Now, on both clocks: the time a voucher's open sessions have lasted is measured on the boot's."""

    at: datetime
    boot_s: float
    boot_id: str


@dataclass(frozen=True, slots=True)
class InUse:
    """A voucher with its open sessions."""

    voucher: Voucher
    booked_bytes: Mapping[SessionId, int]
    """Of each, as they are in the voucher's use."""


class VoucherStore(Protocol):
    """Batches and vouchers."""

    async def add_batch(self, new: NewBatch, seed: str, tags: Sequence[str], at: datetime) -> BatchId | None:
        """Store a batch with its vouchers, numbered from 1; None when one of the tags is another voucher's."""

    async def batches(self) -> Sequence[Batch]:
        """All, the newest first."""

    async def vouchers_of(self, batch: BatchId, now: Now) -> Sequence[Voucher]:
        """By number."""

    async def by_tag(self, tag: str, now: Now) -> Voucher | None:
        """The voucher of a code."""

    async def is_on(self, voucher: VoucherId, mac: Mac) -> bool:
        """Has this device an open session by it?"""

    async def in_use(self, now: Now) -> Sequence[InUse]:
        """Those with open sessions."""

    async def revoke(self, vouchers: Sequence[VoucherId], by: str, at: datetime) -> int:
        """How many were taken back that had not been before."""
