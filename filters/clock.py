"""The filter's only reader of the time: seconds that never step, for intervals, and the wall clock for file dates."""

import time

monotonic = time.monotonic
"""Seconds since some fixed moment; the same in all processes of the machine."""


wall_s = time.time
"""The wall clock in UTC seconds and parts of them: for the site's hours. It may step."""


def utc_s() -> int:
    """The wall clock in UTC seconds."""
    return int(time.time())
