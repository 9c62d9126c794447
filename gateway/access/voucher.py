"""Vouchers: their codes, what a batch allows, and what is left of one voucher. Values only.

A code is ten letters of nineteen: nine by chance and one that checks them. No letter is taken for another (of 2 and Z,
5 and S, 6 and G, 8 and B the digit alone; no 0 O D Q, no 1 I L, no U V), none is a vowel, so that no word comes of it,
and none is what Vietnamese keyboards turn into another (Telex and VNI: D, W, Y with a tone). Nineteen is a prime, and
that is why the check letter finds every wrong letter and every two that changed places: see `_checks`.

Entropy: 19^9, 38.2 bits. All devices together may give 120 wrong codes in five minutes (gateway/flows/tries.py), 34,560
a day. With 1,000 unused vouchers about, whoever guesses day and night finds one in 25 years on average.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from gateway.errors import FaultError

BatchId = NewType("BatchId", int)
VoucherId = NewType("VoucherId", int)
Code = NewType("Code", str)
"""Ten letters of ALPHABET, checked; people see it as XXXXX-XXXXX."""

ALPHABET = "23456789CFHJKMNPRTX"
CODE_LENGTH = 10
_BY_CHANCE = CODE_LENGTH - 1
_MEANT = str.maketrans({"B": "8", "S": "5", "Z": "2", "G": "6"})
"""What is typed for a letter that looks like it; none of them is in the alphabet."""


def code_of(number: int) -> Code:
    """The code of a number; numbers that are alike modulo 19^9 have the same."""
    letters: list[int] = []
    for _ in range(_BY_CHANCE):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(letter)
    check = -sum((place + 1) * letter for place, letter in enumerate(letters)) * pow(CODE_LENGTH, -1, len(ALPHABET))
    return Code("".join(ALPHABET[letter] for letter in (*letters, check % len(ALPHABET))))


def typed_code(text: str) -> Code | None:
    """The code somebody typed, in any case, with or without dashes and spaces; None when no such code can be."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s.\-_‐‑‒–—−]", "", plain).translate(_MEANT)
    if len(plain) != CODE_LENGTH or any(letter not in ALPHABET for letter in plain) or not _checks(plain):
        return None
    return Code(plain)


def shown(code: Code) -> str:
    """As people read it: two groups of five."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def _checks(code: str) -> bool:
    # Places are weighed 1 to 10. A wrong letter moves the sum by weight x difference, two that changed places by the
    # product of the differences of weights and letters: neither is a multiple of a prime above them all.
    return sum((place + 1) * ALPHABET.index(letter) for place, letter in enumerate(code)) % len(ALPHABET) == 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What each voucher of a batch allows, over its whole life; None: no cap but the profile's."""

    valid_until: datetime
    valid_from: datetime | None = None
    lasts_s: int | None = None
    """Ends this long after its first use, if that is before `valid_until`."""
    time_s: int | None = None
    """Of all its sessions and devices together."""
    total_bytes: int | None = None
    up_kbit_s: int | None = None
    down_kbit_s: int | None = None
    devices: int = 1
    """How many are on at a time."""
    once: bool = False
    """One session is all; what it leaves is lost."""


MOST_VOUCHERS, LONGEST_LABEL, MOST_DEVICES = 1000, 60, 100
"""Of a batch; in letters; of a voucher at a time."""
_LONGEST = timedelta(days=3 * 366)
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What staff ask for."""

    count: int
    label: str
    profile: str
    author: str
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Batch:
    """Vouchers made in one go."""

    id: BatchId
    made_at: datetime
    count: int
    label: str
    profile: str
    author: str
    allowance: Allowance
    seed: str
    """Of its codes, which only the key beside the database makes of it."""


@dataclass(frozen=True, slots=True)
class Use:
    """Of one voucher, over all its sessions: the time of those that are open too, bytes as they are booked."""

    seconds: int = 0
    total_bytes: int = 0
    sessions: int = 0
    """Those that the patron or a limit ended, or that are open; not those a power cut did."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher as it stands."""

    id: VoucherId
    number: int
    """Within its batch, from 1."""
    batch: Batch
    use: Use = Use()
    first_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over at the latest, as far as is known now."""
        allowance = self.batch.allowance
        if self.first_used_at is None or allowance.lasts_s is None:
            return allowance.valid_until
        return min(allowance.valid_until, self.first_used_at + timedelta(seconds=allowance.lasts_s))


@dataclass(frozen=True, slots=True)
class Redemption:
    """A voucher that a session is opened by."""

    voucher: VoucherId
    devices: int | None
    """How many the profile allows at a time, where that is fewer than the voucher does."""


@dataclass(frozen=True, slots=True)
class Left:
    """Of a voucher, now."""

    seconds: int
    total_bytes: int | None


REVOKED, EARLY, EXPIRED, USED = "voucher_revoked", "voucher_early", "voucher_expired", "voucher_used"
"""Why a voucher lets nobody in: keys of texts."""


def left_of(voucher: Voucher, now: datetime, *, goes_on: bool = False) -> Left | str:
    """What a new session gets at most; or why there is none, as the key of a text.

    `goes_on`: for a session by it that is there already, which is no second use of a voucher that has one only.
    """
    allowance, use = voucher.batch.allowance, voucher.use
    if voucher.revoked_at is not None:
        return REVOKED
    if allowance.valid_from is not None and now < allowance.valid_from:
        return EARLY
    until_end_s = int((voucher.ends_at - now).total_seconds())
    if until_end_s <= 0:
        return EXPIRED
    if is_spent(voucher) or (allowance.once and use.sessions > 0 and not goes_on):
        return USED
    if voucher.first_used_at is None and allowance.lasts_s is not None:
        until_end_s = min(until_end_s, allowance.lasts_s)
    seconds = until_end_s if allowance.time_s is None else min(until_end_s, allowance.time_s - use.seconds)
    return Left(seconds, None if allowance.total_bytes is None else allowance.total_bytes - use.total_bytes)


class VoucherState(StrEnum):
    """How a voucher stands."""

    NEW = "new"
    USED = "used"
    """Somebody came by it, and something is left."""
    EARLY = "early"
    """Not valid yet."""
    USED_UP = "used-up"
    EXPIRED = "expired"
    REVOKED = "revoked"


_LETS_IN = frozenset({VoucherState.NEW, VoucherState.USED, VoucherState.EARLY})


def state_of(voucher: Voucher, now: datetime) -> VoucherState:
    """How it stands now."""
    left = left_of(voucher, now)
    if isinstance(left, Left):
        is_new = voucher.first_used_at is None and voucher.use.sessions == 0
        return VoucherState.NEW if is_new else VoucherState.USED
    why = {REVOKED: VoucherState.REVOKED, EARLY: VoucherState.EARLY, EXPIRED: VoucherState.EXPIRED}
    return why.get(left, VoucherState.USED_UP)


def may_let_in(voucher: Voucher, now: datetime) -> bool:
    """Is it worth printing: does it let somebody in, now or later?"""
    return state_of(voucher, now) in _LETS_IN


def check_batch(new: NewBatch, now: datetime) -> None:
    """FaultError when it can't be made, or would never let anybody in."""
    allowance = new.allowance
    if not 1 <= new.count <= MOST_VOUCHERS:
        raise FaultError("voucher_count", f"--count: 1 to {MOST_VOUCHERS}", most=MOST_VOUCHERS)
    if len(new.label) > LONGEST_LABEL or not new.label.isprintable():
        raise FaultError("voucher_label", f"--label: at most {LONGEST_LABEL} printable letters", most=LONGEST_LABEL)
    until, since = allowance.valid_until, allowance.valid_from
    if until <= now or (since is not None and until <= since):
        raise FaultError("voucher_over", "--until: they would be over before they begin: give a later day")
    if until - now > _LONGEST:
        raise FaultError(
            "voucher_long", "--until: vouchers last at most three years; what is kept of them is deleted after they end"
        )
    caps = {
        "lasts": allowance.lasts_s,
        "time": allowance.time_s,
        "data": allowance.total_bytes,
        "up": allowance.up_kbit_s,
        "down": allowance.down_kbit_s,
    }
    for name, value in caps.items():
        if value is not None and not 0 < value < _MOST:
            raise FaultError("voucher_cap", f"--{name}: {value} lets nobody in, or is more than anybody uses")


def is_spent(voucher: Voucher, more_bytes: int = 0) -> bool:
    """Is its time or data used up? `more_bytes`: counted and not yet booked."""
    allowance, use = voucher.batch.allowance, voucher.use
    time_is_up = allowance.time_s is not None and use.seconds >= allowance.time_s
    return time_is_up or (allowance.total_bytes is not None and use.total_bytes + more_bytes >= allowance.total_bytes)
