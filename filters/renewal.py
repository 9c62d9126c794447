"""Settings that change while the filter runs.

In: a file that is watched, and a command that tells the settings anew on its standard output, pickled: it is our own.
Out: settings, when they differ; what can't be made anew leaves those that are in force.
"""

import os
import pickle
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filters import clock
from filters.log import event
from filters.settings import FilterSettings

LOOK_EVERY_S = 0.5
_PATIENCE_S = 60.0
Stamp = tuple[int, int, int]
"""Inode, time of modification in nanoseconds, size; zeros while there is no file."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the settings come from."""

    command: tuple[str, ...]
    watched: Path
    seen: Stamp
    """The writing of the file these settings were made from."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What one program of the filter's process gives the next."""

    settings: FilterSettings
    origin: Origin | None
    sockets: tuple[int, ...]
    """Descriptors of sockets that are bound already."""


class Renewal:
    """At most one child that makes the settings anew."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._child = 0
        self._begun = 0.0
        self._told = -1

    def look(self, fork: Callable[[Callable[[], None]], int]) -> None:
        """Begin when the file has been written since; `fork` makes a child that does one thing."""
        if self._child:
            if clock.monotonic() - self._begun > _PATIENCE_S:
                os.kill(self._child, signal.SIGKILL)
            return
        stamp = _stamp(self.origin.watched)
        if stamp == self.origin.seen:
            return
        self.origin = Origin(self.origin.command, self.origin.watched, stamp)
        self._told = os.memfd_create("filter-settings", os.MFD_CLOEXEC)
        self._begun = clock.monotonic()
        self._child = fork(self._tell)

    def ended(self, pid: int, status: int) -> FilterSettings | None:
        """What a child that has ended has told; None when it is another's, or failed."""
        if pid != self._child:
            return None
        self._child = 0
        with os.fdopen(self._told, "rb") as told:
            code = os.waitstatus_to_exitcode(status)
            if code:
                event("settings.kept_old", "error", code=code)
                return None
            told.seek(0)
            settings: FilterSettings = pickle.load(told)
        return settings

    def stop(self) -> None:
        """End a child that is still at it; its parent buries it."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = 0

    def _tell(self) -> None:
        os.dup2(self._told, 1)
        os.execv(self.origin.command[0], self.origin.command)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)
