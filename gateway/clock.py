"""The only reader of the time. Spans come from the boot clock, dates from the wall clock: power cuts and a late
NTP make the wall clock jump, and a session must not end or grow because of it."""

import os
import time
from datetime import UTC, date, datetime, timezone
from functools import cache
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What a flow needs to know of the time."""

    def now(self) -> datetime:
        """The wall clock, aware UTC, whole seconds or finer."""

    def boot_s(self) -> float:
        """Seconds since boot, suspended time included; never steps."""

    def boot_id(self) -> str:
        """Names this boot of the machine."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    def boot_s(self) -> float:
        """See Clock."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """See Clock; read from the kernel, once: no program outlives its boot."""
        return _boot_id()


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def is_clock_set() -> bool:
    """Has systemd-timesyncd set the wall clock since boot? With another time service nobody can tell without adjtimex,
    which the unit's filter of system calls kills for: such a boot's clock is taken as not set until the next."""
    return _SYNCHRONISED.exists()


_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def process_age_s() -> float:
    """Seconds since this process was started, loading of its libraries included."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return SystemClock().boot_s() - int(fields[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): field 22, starttime


def local_day(at: datetime, zone: timezone) -> date:
    """The site's calendar day of an instant."""
    return at.astimezone(zone).date()
