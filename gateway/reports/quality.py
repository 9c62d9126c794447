"""How far a day's figures can be trusted: when the gateway did not run, and which sessions have no certain end.

In:  Start, one a start of the daemon (the store's table `starts`); counts of sessions.
Out: Quality, printed as the last line of the nightly summary.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

SHORTEST_TOLD = timedelta(minutes=2)
"""A daemon that was started anew sooner loses no figure worth a line: admitted clients go on, the kernel counts."""

STILL_ALIVE = timedelta(minutes=5)
"""The last sign of life may be this old before the gateway is said to be silent."""


@dataclass(frozen=True, slots=True)
class Start:
    """One life of the daemon: when it began, when it was last known alive, and whether it was stopped in order."""

    started_at: datetime
    boot_id: str
    alive_at: datetime
    stopped: bool
    lost: bool = False
    """A backup of about that last sign was restored: nothing is known of the time after it."""


class GapKind(StrEnum):
    """Why the gateway did not run for a while."""

    POWER = "power"
    """Another boot, and nobody had stopped the daemon."""
    OFF = "off"
    """Another boot after an orderly stop: the machine was switched off. Figures are complete."""
    DAEMON = "daemon"
    """The same boot: the daemon was stopped or died."""
    SILENT = "silent"
    """No sign of life up to the end of what is told."""
    LOST = "lost"
    """A backup was restored: what was recorded of this time is gone, and nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which the gateway did not run, cut to the day: [start, stop)."""

    kind: GapKind
    start: datetime
    stop: datetime

    @property
    def lasted_s(self) -> int:
        """Whole seconds."""
        return int((self.stop - self.start).total_seconds())


@dataclass(frozen=True, slots=True)
class Quality:
    """What a reader should know before he trusts the figures."""

    gaps: tuple[Gap, ...] = ()
    open_sessions: int = 0
    """Sessions of the day that have no end yet: counted up to their last reading."""
    rebooted_sessions: int = 0
    """Sessions that a power cut or reboot ended: their end is that of the last packet seen."""
    gateway_ran: bool = True
    """False when the gateway left no trace of the day: switched off all day, the figures are zeros."""
    sessions_kept: bool = True
    """False when the day's sessions are past their term: the figures are those stored when the day was closed."""

    def told(self, kind: GapKind) -> tuple[Gap, ...]:
        """The gaps of one kind, in order."""
        return tuple(gap for gap in self.gaps if gap.kind is kind)

    @property
    def is_complete(self) -> bool:
        """Whether nothing lowers the figures; a machine switched off in order does not."""
        lowers = any(gap.kind is not GapKind.OFF for gap in self.gaps)
        whole = self.gateway_ran and self.sessions_kept
        return whole and not (lowers or self.open_sessions or self.rebooted_sessions)


def gaps_within(starts: Iterable[Start], begin: datetime, end: datetime) -> tuple[Gap, ...]:
    """The spans of [begin, end) in which the gateway did not run.

    `starts` are those that matter to the span: all of it, the last before it and the first after it. Before the first
    start there is no gap: the gateway was not yet there. A clock that stepped back between two starts makes none.
    """
    lives = sorted(starts, key=lambda start: (start.started_at, start.boot_id))
    gaps = [Gap(_kind(life, after), life.alive_at, after.started_at) for life, after in pairwise(lives)]
    if lives and end - lives[-1].alive_at > STILL_ALIVE:
        last = lives[-1]
        # stopped in order and not started since: switched off for the night, as far as anyone can tell
        gaps.append(
            Gap(GapKind.LOST if last.lost else GapKind.OFF if last.stopped else GapKind.SILENT, last.alive_at, end)
        )
    cut = (Gap(gap.kind, max(gap.start, begin), min(gap.stop, end)) for gap in gaps)
    return tuple(gap for gap in cut if gap.start < gap.stop and _is_told(gap))


def _kind(life: Start, after: Start) -> GapKind:
    if life.lost:
        return GapKind.LOST
    if life.boot_id == after.boot_id:
        return GapKind.DAEMON
    return GapKind.OFF if life.stopped else GapKind.POWER


def _is_told(gap: Gap) -> bool:
    return gap.kind is GapKind.POWER or gap.stop - gap.start >= SHORTEST_TOLD
