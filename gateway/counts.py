"""What the DNS workers count, gathered for the store: increments by profile and category, never a name or a client."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from pathlib import Path

from gateway.clock import Clock
from gateway.log import event
from gateway.ports import RefusalStore

_LARGEST_DATAGRAM = 64 * 1024
_LONGEST_WORD = 40


class RefusalCounts:
    """Sums between two writes to the store."""

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, str]] = Counter()

    def add(self, datagram: bytes) -> None:
        """Add one worker's datagram; one that is not as agreed is left out and told."""
        try:
            for profile, counted in json.loads(datagram)["profiles"].items():
                for category, count in counted["refused"].items():
                    if not isinstance(count, int) or count < 0 or len(profile) + len(category) > 2 * _LONGEST_WORD:
                        raise ValueError(f"no count: {count!r}")
                    self._sums[profile, category] += count
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            event("counts.refused", "warning", says=str(error)[:120])

    def take(self) -> list[tuple[str, str, int]]:
        """The sums since the last take."""
        taken, self._sums = self._sums, Counter()
        return [(profile, category, count) for (profile, category), count in sorted(taken.items()) if count]

    def give_back(self, rows: list[tuple[str, str, int]]) -> None:
        """They could not be stored: keep them for the next time."""
        for profile, category, count in rows:
            self._sums[profile, category] += count


async def store_counts(counts: RefusalCounts, store: RefusalStore, clock: Clock) -> None:
    """Put what was gathered into the hour that is now."""
    rows = counts.take()
    try:
        await store.add_refusals(clock.now(), rows)
    except BaseException:
        counts.give_back(rows)
        raise


async def hear_counts(path: Path, counts: RefusalCounts) -> None:
    """Receive the workers' datagrams until cancelled."""
    path.unlink(missing_ok=True)
    loop = asyncio.get_running_loop()
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)) as link:
        link.bind(str(path))
        path.chmod(0o622)  # the workers are another user: they may send, nobody but us may read
        while True:
            counts.add(await loop.sock_recv(link, _LARGEST_DATAGRAM))
