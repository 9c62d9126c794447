"""What is counted: questions, answers and refusals of each profile, never who asked.

Once a second the sums since the last time, and how the worker stands, go out as one datagram; when nobody listens the
sums wait for the next second. A page asks for its refused name many times, so a refusal counts once for an asker and a
registered domain in 30 s. Refused names are counted only where the site wants its top list, and never beside an asker.
"""

import json
import mmap
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ONCE_IN_S = 30.0
MAX_NAMES = 1000
"""Refused names of a profile between two datagrams; more are counted by category only."""
_SLOTS = 1 << 16
_NAMES_BYTES = 40_000
_SUMS = ("queries", "blocked", "forwarded", "stale", "failed", "limited")


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

    __slots__ = ("_recent", "blocked", "failed", "forwarded", "limited", "names", "queries", "refused", "stale")

    def __init__(self, recent: Recent, *, with_names: bool = False) -> None:
        self.queries = 0
        """All that was asked; what none of the sums below names was answered from here: cache and own names."""
        self.blocked = 0
        """Refusals as they were given, each one."""
        self.forwarded = 0
        """Waited for an upstream."""
        self.stale = 0
        """Got an answer past its life, because no upstream gave a fresh one."""
        self.failed = 0
        """Got SERVFAIL."""
        self.limited = 0
        """Got TC or REFUSED because the asker asks too much."""
        self.refused: Counter[str] = Counter()
        """By category; once for an asker and a domain."""
        self.names: Counter[tuple[str, str]] | None = Counter() if with_names else None
        """The same by category and registered domain, where the site wants it."""
        self._recent = recent

    def refuse(self, asker: bytes, domain: str, category: str, now: float) -> None:
        """Count a refusal; among the categories only if this asker was not refused the domain a moment ago."""
        self.blocked += 1
        if self._recent.is_new(asker, domain, now):
            self.refused[category] += 1
            names = self.names
            if names is not None and ((category, domain) in names or len(names) < MAX_NAMES):
                names[category, domain] += 1

    def sums(self) -> dict[str, Any]:
        """What the datagram says of them; empty when nothing was counted."""
        if not self.queries and not self.refused:
            return {}
        return {**{key: getattr(self, key) for key in _SUMS}, "refused": dict(self.refused)}

    def forget(self) -> None:
        """They have been sent; names go as they are sent."""
        for key in _SUMS:
            setattr(self, key, 0)
        self.refused.clear()


class CountsSender:
    """Sends the sums on, with what the worker says of itself."""

    def __init__(
        self, path: Path, profiles: Sequence[tuple[str, ProfileCounts]], state: Callable[[], dict[str, Any]]
    ) -> None:
        self._path = str(path)
        self._profiles = profiles
        self._state = state
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def send(self) -> bool:
        """Send and forget what was counted; False when nobody took it, and then it is kept for the next time."""
        sums = {name: told for name, counts in self._profiles if (told := counts.sums())}
        names, rest = self._names()
        datagram = json.dumps({"state": self._state(), "profiles": sums, "names": names})
        try:
            self._socket.sendto(datagram.encode(), self._path)
        except OSError:
            return False  # nobody listens, or it is slow: never the filter's trouble
        for name, counts in self._profiles:
            counts.forget()
            if counts.names is not None:
                counts.names = rest.get(name, Counter())
        return True

    def _names(self) -> tuple[list[tuple[str, str, str, int]], dict[str, Counter[tuple[str, str]]]]:
        """As many names as one datagram holds, and those that wait for the next."""
        names: list[tuple[str, str, str, int]] = []
        rest: dict[str, Counter[tuple[str, str]]] = {}
        left = _NAMES_BYTES
        for profile, counts in self._profiles:
            for (category, name), count in (counts.names or {}).items():
                left -= 6 * len(name) + len(category) + len(profile) + 30
                if left >= 0:
                    names.append((profile, category, name, count))
                else:
                    rest.setdefault(profile, Counter())[category, name] = count
        return names, rest

    def close(self) -> None:
        """Send the rest and close."""
        self.send()
        self._socket.close()
