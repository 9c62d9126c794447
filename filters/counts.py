"""What is counted: questions and refusals of each profile, never who asked.

Once a second the sums since the last time go out as one datagram; when nobody listens they wait for the next second.
A page asks for its refused name many times, so a refusal counts once for an asker and a registered domain in 30 s.
"""

import json
import mmap
import socket
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ONCE_IN_S = 30.0
_SLOTS = 1 << 16


class Recent:
    """Remembers which asker was refused what, for a while, in one piece of memory that all workers share.

    Only a hash of both, keyed anew at each start, and a time are in there. Made before the workers are forked: they
    then share the memory and the key of `hash`. Two that fall on one slot push each other out:
    a count too many, at worst.
    """

    def __init__(self) -> None:
        memory = memoryview(mmap.mmap(-1, 16 * _SLOTS))
        self._marks = memory[: 8 * _SLOTS].cast("q")
        self._times = memory[8 * _SLOTS :].cast("d")

    def is_new(self, asker: bytes, domain: str, now: float) -> bool:
        """Is this the first time within ONCE_IN_S?"""
        mark = hash((asker, domain))
        at = mark & (_SLOTS - 1)
        if self._marks[at] == mark and now - self._times[at] < ONCE_IN_S:
            return False
        self._marks[at] = mark
        self._times[at] = now
        return True


class ProfileCounts:
    """Sums of one profile in one worker since the last datagram."""

    __slots__ = ("_recent", "queries", "refused")

    def __init__(self, recent: Recent) -> None:
        self.queries = 0
        self.refused: Counter[str] = Counter()
        self._recent = recent

    def refuse(self, asker: bytes, domain: str, category: str, now: float) -> None:
        """Count a refusal, unless this asker was refused the same registered domain a moment ago."""
        if self._recent.is_new(asker, domain, now):
            self.refused[category] += 1


class CountsSender:
    """Sends the sums on."""

    def __init__(self, path: Path, profiles: Sequence[tuple[str, ProfileCounts]]) -> None:
        self._path = str(path)
        self._profiles = profiles
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def send(self) -> bool:
        """Send and forget what was counted; False when nobody took it, and then it is kept for the next time."""
        sums = {
            name: {"queries": counts.queries, "refused": dict(counts.refused)}
            for name, counts in self._profiles
            if counts.queries or counts.refused
        }
        if not sums:
            return True
        try:
            self._socket.sendto(json.dumps({"profiles": sums}).encode(), self._path)
        except OSError:
            return False  # nobody listens, or it is slow: never the filter's trouble
        for _, counts in self._profiles:
            counts.queries = 0
            counts.refused.clear()
        return True

    def close(self) -> None:
        """Send the rest and close."""
        self.send()
        self._socket.close()
