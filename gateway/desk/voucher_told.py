"""Vouchers as the desk and its API tell them: the figures of `cong voucher show --json`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated

from pydantic import Field

from gateway.access.voucher import (
    LONGEST_LABEL,
    MOST_DEVICES,
    MOST_VOUCHERS,
    Allowance,
    Batch,
    Code,
    Left,
    Voucher,
    VoucherState,
    left_of,
    shown,
    state_of,
)
from gateway.desk.inputs import Day, Flag, Line, OrNone
from gateway.desk.table import Input

_MOST_MINUTES, _MOST_MEGABYTES, _MOST_KBIT = 366 * 1440, 10_000_000, 10_000_000
Count = Annotated[int, Field(ge=1, le=MOST_VOUCHERS)]


class NewVouchers(Input):
    """A batch to make; what is left out is as the profile has it."""

    count: Count = Field(1, description="How many.")
    label: Line = Field("", max_length=LONGEST_LABEL, description="What they are for; it is printed. Name no patron.")
    profile: Line = Field("", description='The profile they give; "" is the site\'s own.')
    time_minutes: Annotated[int | None, OrNone] = Field(
        120, ge=1, le=_MOST_MINUTES, description="Time of each over its whole life."
    )
    data_mb: Annotated[int | None, OrNone] = Field(
        None, ge=1, le=_MOST_MEGABYTES, description="Data of each over its whole life, in MB of 1,000,000 bytes."
    )
    devices: int = Field(1, ge=1, le=MOST_DEVICES, description="How many are on at a time by one.")
    once: Flag = Field(False, description="One session is all; what it leaves is lost.")
    lasts_days: Annotated[int | None, OrNone] = Field(
        None, ge=1, le=1098, description="Each ends this many days after its first use."
    )
    valid_from: Annotated[Day | None, OrNone] = Field(None, description="Not before this day.")
    valid_until: Annotated[Day | None, OrNone] = Field(None, description="To the end of this day.")
    valid_days: int = Field(
        365, ge=0, le=1098, description="Without valid_until: to the end of the day so many days ahead; 0 is today."
    )
    down_kbit_s: Annotated[int | None, OrNone] = Field(
        None, ge=1, le=_MOST_KBIT, description="Rate to the device, in kilobits a second."
    )
    up_kbit_s: Annotated[int | None, OrNone] = Field(None, ge=1, le=_MOST_KBIT, description="Rate from the device.")

    def allowance(self, now: datetime, zone: timezone) -> Allowance:
        """What each allows; days are the site's."""
        last = self.valid_until or (now.astimezone(zone) + timedelta(days=self.valid_days)).date()
        return Allowance(
            valid_until=_at(last, time(23, 59, 59), zone),
            valid_from=None if self.valid_from is None else _at(self.valid_from, time.min, zone),
            lasts_s=None if self.lasts_days is None else self.lasts_days * 86400,
            time_s=None if self.time_minutes is None else self.time_minutes * 60,
            total_bytes=None if self.data_mb is None else self.data_mb * 1_000_000,
            up_kbit_s=self.up_kbit_s,
            down_kbit_s=self.down_kbit_s,
            devices=self.devices,
            once=self.once,
        )


@dataclass(frozen=True, slots=True)
class VoucherStates:
    """How many vouchers of a batch stand how."""

    new: int
    used: int
    """Somebody came by them, and something is left."""
    early: int
    used_up: int
    expired: int
    revoked: int


@dataclass(frozen=True, slots=True)
class VoucherBatchHead:
    """Vouchers made in one go, and what each allows; null: no cap but the profile's."""

    batch: int
    made_at: datetime
    author: str
    label: str
    profile: str
    count: int
    valid_from: datetime | None
    valid_until: datetime
    lasts_s: int | None
    time_s: int | None
    total_bytes: int | None
    up_kbit_s: int | None
    down_kbit_s: int | None
    devices: int
    once: bool
    states: VoucherStates


@dataclass(frozen=True, slots=True)
class VoucherTold:
    """One voucher and what became of it."""

    batch: int
    number: int
    code: str
    state: VoucherState
    used_s: int
    used_bytes: int
    sessions: int
    left_s: int
    """What a new session gets at most, before the profile's caps."""
    left_bytes: int | None
    first_used_at: datetime | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class VoucherBatches:
    """A page of batches, the newest first."""

    batches: tuple[VoucherBatchHead, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class VoucherBatch:
    """A batch with its vouchers and their codes."""

    batch: VoucherBatchHead
    vouchers: tuple[VoucherTold, ...]
    printable: int
    """How many still let somebody in, now or later."""


@dataclass(frozen=True, slots=True)
class VoucherFound:
    """The voucher of a code."""

    batch: VoucherBatchHead
    voucher: VoucherTold


@dataclass(frozen=True, slots=True)
class VouchersRevoked:
    """What came of taking vouchers back."""

    revoked: int
    sessions_ended: int


def batch_told(batch: Batch, vouchers: Sequence[Voucher], now: datetime) -> VoucherBatchHead:
    """A batch; `vouchers` are all of it."""
    allowance, found = batch.allowance, Counter(state_of(each, now) for each in vouchers)
    return VoucherBatchHead(
        batch.id,
        batch.made_at,
        batch.author,
        batch.label,
        batch.profile,
        batch.count,
        allowance.valid_from,
        allowance.valid_until,
        allowance.lasts_s,
        allowance.time_s,
        allowance.total_bytes,
        allowance.up_kbit_s,
        allowance.down_kbit_s,
        allowance.devices,
        allowance.once,
        VoucherStates(**{state.name.lower(): found[state] for state in VoucherState}),
    )


def voucher_told(voucher: Voucher, code: Code, now: datetime) -> VoucherTold:
    """One voucher."""
    left = left_of(voucher, now)
    return VoucherTold(
        voucher.batch.id,
        voucher.number,
        shown(code),
        state_of(voucher, now),
        voucher.use.seconds,
        voucher.use.total_bytes,
        voucher.use.sessions,
        left.seconds if isinstance(left, Left) else 0,
        left.total_bytes if isinstance(left, Left) else 0,
        voucher.first_used_at,
        voucher.ends_at,
    )


def _at(day: date, clock: time, zone: timezone) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)
