"""Vouchers: made by staff, checked at the door, taken back; what is used up over several devices ends.

A code is made of the key, its batch's seed and its number, and can so be printed again; the store knows a keyed hash of
it only. The key is not in the database: who steals that, or a copy, has no codes.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from gateway.access.login import WRONG, Claim, Refused, Verified
from gateway.access.quota import AS_IT_IS, Narrowing
from gateway.access.session import Cause, Session, State
from gateway.access.voucher import Batch, BatchId, Code, Left, NewBatch, Voucher, code_of, is_spent, left_of, typed_code
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.listing import live_sessions
from gateway.ports_vouchers import Now, VoucherStore

TYPO = "voucher_typo"
"""No such code can be: said without counting it as a try, for whoever guesses never makes this mistake."""
_TRIES = 3


def moment(clock: Clock) -> Now:
    """Now."""
    return Now(clock.now(), clock.boot_s(), clock.boot_id())


def code_in(key: bytes, seed: str, number: int) -> Code:
    """The code of a batch's voucher."""
    digest = hmac.digest(key, f"code {seed} {number}".encode(), hashlib.sha256)
    return code_of(int.from_bytes(digest, "big"))


def tag_of(key: bytes, code: Code) -> str:
    """What the store knows a code by."""
    return hmac.digest(key, f"tag {code}".encode(), hashlib.sha256)[:16].hex()


async def make_batch(
    store: VoucherStore, key: bytes, new: NewBatch, random_seed: Callable[[], str], now: Now
) -> BatchId:
    """Store a batch whose codes nobody has had."""
    for _ in range(_TRIES):  # two codes of a thousand are alike once in 600,000 batches
        seed = random_seed()
        tags = [tag_of(key, code_in(key, seed, number)) for number in range(1, new.count + 1)]
        batch = await store.add_batch(new, seed, tags, now.at) if len(set(tags)) == len(tags) else None
        if batch is not None:
            return batch
    raise GatewayError("no new codes could be made", hint="this is next to impossible: please report it")


async def codes_of(store: VoucherStore, key: bytes, batch: Batch, now: Now) -> list[tuple[Voucher, Code]]:
    """A batch's vouchers with their codes, to print; GatewayError when the key is another than they were made with."""
    found = [(each, code_in(key, batch.seed, each.number)) for each in await store.vouchers_of(batch.id, now)]
    for voucher, code in found[:1]:
        known = await store.by_tag(tag_of(key, code), now)
        if known is None or known.id != voucher.id:
            raise GatewayError(
                f"the codes of batch {batch.id} were made with another key",
                where="voucher.key",
                hint="restore voucher.key from the backup, or revoke the batch and make a new one",
            )
    return found


class Vouchers:
    """The Verifier of those who have a voucher."""

    def __init__(self, store: VoucherStore, key: bytes, clock: Clock) -> None:
        self._store = store
        self._key = key
        self._clock = clock

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier. What is left is reckoned once more when the session is opened: nobody is in between then."""
        code = typed_code(claim.typed.get("code", ""))
        if code is None:
            return Refused(TYPO)
        now = moment(self._clock)
        voucher = await self._store.by_tag(tag_of(self._key, code), now)
        if voucher is None:
            return Refused(WRONG)
        person = f"voucher {voucher.id}"
        if await self._store.is_on(voucher.id, claim.mac):  # a second click: it goes on as it is
            return Verified(person, voucher.batch.profile, AS_IT_IS, voucher=voucher.id)
        left = left_of(voucher, now.at)
        if not isinstance(left, Left):
            return Refused(left)
        return Verified(person, voucher.batch.profile, _narrowing(voucher, left), voucher=voucher.id)


def _narrowing(voucher: Voucher, left: Left) -> Narrowing:
    allowance = voucher.batch.allowance
    return Narrowing(
        session_s=left.seconds,
        session_bytes=left.total_bytes,
        devices=allowance.devices,
        up_kbit_s=allowance.up_kbit_s,
        down_kbit_s=allowance.down_kbit_s,
    )


async def end_over(gate: Gate, store: VoucherStore) -> int:
    """End the sessions of vouchers that were revoked, or are used up over several devices; how many."""
    used = await store.in_use(moment(gate.clock))
    if not used:
        return 0
    live = {each.session.id: each for each in await live_sessions(gate)}
    ended = 0
    for each in used:
        sessions = [live[number] for number in each.booked_bytes if number in live]
        # counted since: a booking between the two looks is in both figures of a session, and so in neither twice
        more = sum(s.up_bytes + s.down_bytes - each.booked_bytes[s.session.id] for s in sessions)
        cause = _over(each.voucher, max(0, more))
        if cause is not None:
            ended += await _end_all(gate, [s.session for s in sessions], cause)
    return ended


def _over(voucher: Voucher, more_bytes: int) -> Cause | None:
    if voucher.revoked_at is not None:
        return Cause.ADMIN_RESET
    if is_spent(voucher):
        return Cause.SESSION_TIMEOUT
    return Cause.NAS_REQUEST if is_spent(voucher, more_bytes) else None


async def _end_all(gate: Gate, sessions: Sequence[Session], cause: Cause) -> int:
    return sum([await end(gate, session, cause) for session in sessions if session.state is State.OPEN])
