"""What the ISP owes for outages, by the contract's policy (counting 3.4.4; 2.7, 15, 18 and 20).

In:  N, the ISP's outages (gateway.service.outages), the active days as intervals.
Out: K in dong. Outages count within active days, and are divided by the length of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gateway.service.intervals import Interval, common, length_s
from gateway.service.outages import availability
from gateway.units import half_away

_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class PerMinute:
    """`phut`: by the exact time without service."""


@dataclass(frozen=True, slots=True)
class PerDay:
    """`ngay`: by whole days of 24 h within each outage, counted after clipping."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """`bac`: by availability; each row says from how many percent on which share of N is given back."""

    rows: tuple[tuple[Fraction, Fraction], ...]
    """(at least, share); at the bound the better row holds."""


@dataclass(frozen=True, slots=True)
class NoCredit:
    """`khong`."""


Policy = PerMinute | PerDay | Tiers | NoCredit


def credit_vnd(policy: Policy, net_vnd: int, outages: Sequence[Interval], active: Sequence[Interval]) -> int:
    """K <= N. Without active time there is nothing to give back."""
    time_s = length_s(active)
    if not time_s:
        return 0
    within = common(outages, active)
    match policy:
        case PerMinute():
            owed = net_vnd * Fraction(length_s(within), time_s)
        case PerDay():
            days = sum(length_s([one]) // _DAY_S for one in within)
            owed = net_vnd * Fraction(days * _DAY_S, time_s)
        case Tiers(rows):
            owed = net_vnd * _share(rows, availability(outages, active) or Fraction(0))
        case NoCredit():
            owed = Fraction(0)
    return min(half_away(owed), net_vnd)


def _share(rows: Sequence[tuple[Fraction, Fraction]], available: Fraction) -> Fraction:
    best_first = sorted(rows, reverse=True)
    lowest = best_first[-1][1] if best_first else Fraction(0)  # below every bound: as in the lowest row
    return next((share for at_least, share in best_first if available >= at_least), lowest)
