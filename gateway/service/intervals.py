"""Spans of time, half-open: united, common, cut out of each other. Always sorted, never touching."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

Interval = tuple[datetime, datetime]


def united(intervals: Iterable[Interval]) -> list[Interval]:
    """The same moments in the fewest intervals; touching ones are one, empty ones none."""
    spans = sorted(intervals)
    if len(spans) <= 1:
        return [one for one in spans if one[0] < one[1]]
    result: list[Interval] = []
    for begin, end in spans:
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def without(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of the intervals where `taken` is cut out."""
    cuts = united(taken)
    if not cuts:
        return united(intervals)
    left: list[Interval] = []
    first = 0
    for begin, end in united(intervals):
        while first < len(cuts) and cuts[first][1] <= begin:
            first += 1
        for start, stop in islice(cuts, first, None):
            if start >= end:
                break
            if begin < start:
                left.append((begin, start))
            begin = max(begin, stop)
        if begin < end:
            left.append((begin, end))
    return left


def common(some: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """The moments that are in both."""
    left = united(some)
    right = united(others) if left else []
    if not right:
        return []
    result: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begin, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if begin < end:
            result.append((begin, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return result


def length_s(intervals: Iterable[Interval]) -> int:
    """Whole seconds of all of them together; a moment in two of them counts once."""
    return sum((end - begin) // timedelta(seconds=1) for begin, end in united(intervals))


def holds(intervals: Iterable[Interval], moment: datetime) -> bool:
    """Is the moment in one of them? The end of a span is not."""
    return any(begin <= moment < end for begin, end in intervals)
