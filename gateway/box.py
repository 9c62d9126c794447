"""Looks at the box itself: its disk, its clock, how old its block lists are (port: gateway.ports_box.Box).

In:  paths, and whoever knows of certificate, self-check and backup.
Out: BoxState. Files are read on a thread.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filters.fetched import read_state
from filters.settings import FilterSettings
from filters.sources import fetched_copy, fetched_directory, is_fetched
from gateway.ports_box import BoxState, CertificateState, Overdue, SelfCheckState
from gateway.units import epoch_s

LISTS_OLD_S = 7 * 86400
"""A list's server may be away for this long; one that is asked more seldom for twice its period."""
TIMESYNC = Path("/run/systemd/timesync")


@dataclass(frozen=True, slots=True)
class LocalBox:
    """This one."""

    directory: Path
    """The database stands in it."""
    settings: FilterSettings
    certificate: Callable[[], CertificateState | None] = lambda: None
    self_check: Callable[[], SelfCheckState | None] = lambda: None
    backup_at: Callable[[], datetime | None] = lambda: None
    timesync: Path = TIMESYNC

    async def look(self, now: datetime) -> BoxState:
        """See Box."""
        return await asyncio.to_thread(self._look, now)

    def _look(self, now: datetime) -> BoxState:
        disk = os.statvfs(self.directory)
        return BoxState(
            free_bytes=disk.f_bavail * disk.f_frsize,
            clock_is_unset=is_clock_unset(self.timesync),
            lists=overdue_lists(self.settings, now),
            certificate=self.certificate(),
            self_check=self.self_check(),
            backup_at=self.backup_at(),
        )


def is_clock_unset(timesync: Path = TIMESYNC) -> bool:
    """systemd-timesyncd makes this file when the clock was first set; with another program the folder is not there."""
    return timesync.is_dir() and not (timesync / "synchronized").exists()


def overdue_lists(settings: FilterSettings, now: datetime) -> Overdue:
    """How long ago the server of each list that is overdue last said what is the newest."""
    directory, now_s = fetched_directory(settings), epoch_s(now)
    ages, failing = [], []
    for source in settings.sources:
        if not is_fetched(source):
            continue
        state = read_state(fetched_copy(source, directory))
        since = state.checked_at or state.failing_since
        if since and now_s - since > max(LISTS_OLD_S, 2 * source.refresh_s):
            ages.append(now_s - since)
        if state.error:
            failing.append(source.name)
    return Overdue(len(ages), max(ages, default=0) // 86400, tuple(failing))
