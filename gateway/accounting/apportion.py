"""Bytes of a session that has no samples, split over the hours it lasted (counting 2.4 E).

A live session's bytes go by its samples (gateway.accounting.rollup, 2.7, 5). One that comes in with its totals alone
(imported facts, old registers) has its bytes split by the seconds of each hour; the largest remainders get the units
that are left, so that the hours add up to the session exactly.
"""

from collections.abc import Sequence
from datetime import datetime, timezone

from gateway.accounting.rollup import Span, Sums, hour_parts
from gateway.units import from_epoch_s


def apportion(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Whole parts of a total in proportion to the weights, adding up to it exactly; earlier parts win ties.

    Weights that are all zero leave everything to the first part.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("neither a total nor a weight is below zero")
    if not weights:
        raise ValueError(f"{total} can't be split over nothing")
    whole = sum(weights)
    if whole == 0:
        return (total, *(0 for _ in weights[1:]))
    if len(weights) == 2:  # most sessions that lie in several hours lie in two
        first, rest = divmod(total * weights[0], whole)
        return (first + 1, total - first - 1) if 2 * rest >= whole else (first, total - first)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return tuple(parts)


def spread_bytes(span: Span, up_bytes: int, down_bytes: int, zone: timezone) -> dict[datetime, Sums]:
    """A session's bytes by hour of the site, to be added to what `roll_up` says of its time."""
    parts = hour_shares(span, up_bytes, down_bytes, zone)
    return {from_epoch_s(hour).astimezone(zone): Sums(up_bytes=up, down_bytes=down) for hour, up, down in parts}


def hour_shares(span: Span, up_bytes: int, down_bytes: int, zone: timezone) -> list[tuple[int, int, int]]:
    """The same for many sessions: (second at which the hour begins, bytes up, bytes down)."""
    seconds = hour_parts(span, zone)
    weights = list(seconds.values())
    if len(weights) == 1:
        return [(hour, up_bytes, down_bytes) for hour in seconds]
    ups, downs = apportion(up_bytes, weights), apportion(down_bytes, weights)
    return list(zip(seconds, ups, downs, strict=True))
