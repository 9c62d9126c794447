"""What staff do with vouchers, at the desk and by command: make, find, print again, take back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timezone

from gateway.access.voucher import (
    Allowance,
    Batch,
    BatchId,
    Code,
    NewBatch,
    Voucher,
    check_batch,
    may_let_in,
    shown,
    typed_code,
)
from gateway.clock import Clock
from gateway.errors import FaultError
from gateway.flows.vouchers import codes_of, make_batch, moment, tag_of
from gateway.ports_vouchers import Now, VoucherStore

Printed = Sequence[tuple[Voucher, Code]]
"""Vouchers with the codes that let their holders in."""


@dataclass(frozen=True, slots=True)
class VoucherOffice:
    """Batches and their vouchers, by number and by code."""

    store: VoucherStore
    key: Callable[[], bytes]
    """Of the codes; GatewayError when it can't be had."""
    clock: Clock
    zone: timezone
    profiles: Collection[str]
    profile: str
    """The site's own, for batches that name none."""
    random_seed: Callable[[], str]

    def now(self) -> Now:
        """Now."""
        return moment(self.clock)

    async def batches(self) -> Sequence[Batch]:
        """All, the newest first."""
        return await self.store.batches()

    async def vouchers_of(self, batch: Batch) -> Sequence[Voucher]:
        """A batch's vouchers without their codes."""
        return await self.store.vouchers_of(batch.id, self.now())

    async def batch(self, number: int) -> tuple[Batch, Printed]:
        """A batch with its vouchers; FaultError when there is none."""
        found = next((each for each in await self.store.batches() if each.id == number), None)
        if found is None:
            raise FaultError("no_batch", f"there is no batch {number}: cong voucher list shows them", batch=number)
        return found, await codes_of(self.store, self.key(), found, self.now())

    async def named(self, what: str) -> tuple[Batch, Printed]:
        """The vouchers of a batch's number, or the one of a code."""
        if what.isascii() and what.isdecimal() and len(what) < 10:
            return await self.batch(int(what))
        found, code = await self.by_code(what)
        return found.batch, [(found, code)]

    async def by_code(self, typed: str) -> tuple[Voucher, Code]:
        """The voucher of a code; FaultError when no such code can be, or there is none."""
        code = typed_code(typed)
        if code is None:
            raise FaultError(
                "no_code",
                f'"{typed}" is neither a code nor the number of a batch: compare it with the slip, one letter is wrong',
            )
        voucher = await self.store.by_tag(tag_of(self.key(), code), self.now())
        if voucher is None:
            raise FaultError(
                "no_voucher",
                f"there is no voucher {shown(code)}: vouchers are deleted 90 days after they end",
                code=shown(code),
            )
        return voucher, code

    async def make(self, count: int, label: str, profile: str, author: str, allowance: Allowance) -> BatchId:
        """Make a batch; profile "" is the site's own. FaultError when it can't be, or would let nobody in."""
        if profile and profile not in self.profiles:
            known = ", ".join(self.profiles)
            raise FaultError("profile_unknown", f"there is no profile {profile}; known: {known}", profile=profile)
        now = self.now()
        new = NewBatch(count, label, profile or self.profile, author, allowance)
        check_batch(new, now.at)
        return await make_batch(self.store, self.key(), new, self.random_seed, now)

    async def to_print(self, number: int) -> Printed:
        """The vouchers of a batch that still let somebody in; FaultError when there is none."""
        now = self.now().at
        _, found = await self.batch(number)
        kept = [(each, code) for each, code in found if may_let_in(each, now)]
        if not kept:
            raise FaultError(
                "nothing_to_print",
                f"no voucher of batch {number} lets anybody in any more: cong voucher create makes new ones",
                batch=number,
            )
        return kept

    async def revoke(self, found: Printed, author: str) -> int:
        """Take them back; how many had not been before. Who is on by one is cut off by `end_over`."""
        return await self.store.revoke([each.id for each, _ in found], author, self.now().at)
