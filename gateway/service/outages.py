"""Outages of the line, and how available it was (counting 3.3, 3.4.8; 2.7, 15 and 18).

In:  spans in which the line was down, and those with a cause on this side.
Out: the ISP's outages, which alone enter the credit claim; their exact seconds.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from gateway.service.intervals import Interval, common, length_s, united, without

FLOOR = timedelta(minutes=5)
"""Shorter ones are dropped; one of exactly 5:00 counts."""

PROMISED_AVAILABILITY = Fraction(995, 10)
"""Percent, compared exactly: "99,50" can be printed and still fail, so the minutes stand beside it."""


class OutageCause(StrEnum):
    """Whose an outage is (decision 7); only the ISP's enter the credit claim."""

    ISP = "isp"
    POWER = "power"
    GATEWAY = "gateway"
    PLANNED = "planned"
    UNKNOWN = "unknown"


def isp_outages(
    down: Iterable[Interval], ours: Iterable[Interval], within: Interval, floor: timedelta = FLOOR
) -> list[Interval]:
    """The ISP's outages within a span: cause removed, merged, floored, clipped, in this order (2.7, 15).

    `ours` are power cuts, stops of the gateway and planned work. An outage of which the floor or the span's end leaves
    a part is judged by its whole length before it is clipped.
    """
    whole = without(down, ours)
    return common([span for span in whole if span[1] - span[0] >= floor], [within])


def availability(outages: Iterable[Interval], within: Iterable[Interval]) -> Fraction | None:
    """A in percent, exact: 100 (1 - M/T) with M the outage seconds within the spans and T their length.

    Of a month the spans are its active days (2.7, 18), of service hours they are P (2.7, 15); None without any.
    """
    spans = united(within)
    total_s = length_s(spans)
    return 100 * (1 - Fraction(length_s(common(outages, spans)), total_s)) if total_s else None


def allowance_s(days: int, promised: Fraction = PROMISED_AVAILABILITY) -> Fraction:
    """How long the line may be down in so many days: 216 minutes in 30 at 99.5 %."""
    return days * 86400 * (100 - promised) / 100
