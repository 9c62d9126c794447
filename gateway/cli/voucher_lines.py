"""Vouchers as cong voucher shows them; the keys of the JSON are a contract."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from gateway.access.voucher import Allowance, Batch, Code, Left, Voucher, VoucherState, left_of, shown, state_of
from gateway.units import epoch_s, show_bytes


def batch_json(batch: Batch, vouchers: Sequence[Voucher], now: datetime) -> dict[str, Any]:
    """Instants are UTC seconds; `states` counts the vouchers by VoucherState."""
    allowance = batch.allowance
    states = Counter(state_of(each, now) for each in vouchers)
    return {
        "batch": batch.id,
        "made_at": epoch_s(batch.made_at),
        "author": batch.author,
        "label": batch.label,
        "profile": batch.profile,
        "count": batch.count,
        "valid_from": None if allowance.valid_from is None else epoch_s(allowance.valid_from),
        "valid_until": epoch_s(allowance.valid_until),
        "lasts_s": allowance.lasts_s,
        "time_s": allowance.time_s,
        "total_bytes": allowance.total_bytes,
        "up_kbit_s": allowance.up_kbit_s,
        "down_kbit_s": allowance.down_kbit_s,
        "devices": allowance.devices,
        "once": allowance.once,
        "states": {state.value: states[state] for state in VoucherState},
    }


def voucher_json(voucher: Voucher, code: Code, now: datetime) -> dict[str, Any]:
    """`left_s` and `left_bytes` are what a new session gets at most, before the profile's caps; None: no cap."""
    left = left_of(voucher, now)
    return {
        "code": shown(code),
        "number": voucher.number,
        "state": state_of(voucher, now).value,
        "used_s": voucher.use.seconds,
        "used_bytes": voucher.use.total_bytes,
        "sessions": voucher.use.sessions,
        "left_s": left.seconds if isinstance(left, Left) else 0,
        "left_bytes": left.total_bytes if isinstance(left, Left) else 0,
        "first_used_at": None if voucher.first_used_at is None else epoch_s(voucher.first_used_at),
        "ends_at": epoch_s(voucher.ends_at),
    }


def heading() -> str:
    """Of the batches' lines."""
    what = f"{'batch':>5}  {'made':10}  {'until':10}  {'profile':8}  {'each':16}"
    return f"{what}  {'of':>4}  {'new':>4}  {'used up':>7}  label"


def batch_line(batch: Batch, vouchers: Sequence[Voucher], now: datetime, zone: timezone) -> str:
    """Under the heading."""
    states = Counter(state_of(each, now) for each in vouchers)
    made, until = batch.made_at.astimezone(zone), batch.allowance.valid_until.astimezone(zone)
    told = "; ".join(
        filter(None, [f"{revoked} revoked" if (revoked := states[VoucherState.REVOKED]) else "", batch.label])
    )
    over = states[VoucherState.USED_UP] + states[VoucherState.EXPIRED]
    return (
        f"{batch.id:>5}  {made:%Y-%m-%d}  {until:%Y-%m-%d}  {batch.profile:8}  {_each(batch.allowance):16}"
        f"  {batch.count:>4}  {states[VoucherState.NEW]:>4}  {over:>7}  {told}"
    )


def voucher_line(voucher: Voucher, code: Code, now: datetime, zone: timezone) -> str:
    """One voucher."""
    allowance, use = voucher.batch.allowance, voucher.use
    time = (
        f"{use.seconds // 60} min"
        if allowance.time_s is None
        else f"{use.seconds // 60} of {allowance.time_s // 60} min"
    )
    data = show_bytes(use.total_bytes)
    if allowance.total_bytes is not None:
        data = f"{data} of {show_bytes(allowance.total_bytes)}"
    ends = voucher.ends_at.astimezone(zone)
    return f"{shown(code)}  {state_of(voucher, now):8}  {time:>16}  {data:>20}  to {ends:%Y-%m-%d}"


def _each(allowance: Allowance) -> str:
    parts = []
    if allowance.time_s is not None:
        parts.append(f"{allowance.time_s // 60} min")
    if allowance.total_bytes is not None:
        parts.append(show_bytes(allowance.total_bytes))
    if allowance.once:
        parts.append("once")
    return ", ".join(parts) or "as profile"
