"""What the DNS workers count and say of themselves, gathered for the store and for `cong dns stats`.

In: datagrams of filters.counts, one a worker and second. Out: sums by profile, category and name (DnsCountStore), and
the last report of each worker. Never a client; names only where the site has switched them on.
"""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from datetime import timezone
from pathlib import Path
from typing import Any

from gateway.clock import Clock, local_day
from gateway.log import event
from gateway.ports_dns import DnsCounts, DnsCountStore, DnsSums

_LARGEST_DATAGRAM = 64 * 1024
_LONGEST_WORD, _LONGEST_NAME = 40, 253
_MOST_KEYS = 20_000
"""Of sums between two writes: whoever can reach the socket must not fill our memory."""
_MOST_WORKERS = 64
_COUNTED = {"blocked": "refused", "forwarded": "forwarded", "stale": "stale", "failed": "failed", "limited": "limited"}
"""The workers' words and ours; what none of them takes was answered from memory."""


class FilterCounts:
    """Sums between two writes to the store, and what each worker said last (port: FilterReports)."""

    def __init__(self, store: DnsCountStore, clock: Clock, zone: timezone) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._sums: Counter[tuple[str, str]] = Counter()
        self._refusals: Counter[tuple[str, str]] = Counter()
        self._names: Counter[tuple[str, str]] = Counter()
        self._workers: dict[int, tuple[float, dict[str, Any]]] = {}

    def add(self, datagram: bytes) -> None:
        """Add one worker's datagram; one that is not as agreed is left out and told."""
        try:
            told = json.loads(datagram)
            sums, refusals, names = _read(told)
            worker = _whole(told["state"]["worker"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            event("counts.refused", "warning", says=str(error)[:120])
            return
        if len(self._sums) + len(self._refusals) + len(self._names) < _MOST_KEYS:
            self._sums.update(sums)
            self._refusals.update(refusals)
            self._names.update(names)
        if worker < _MOST_WORKERS:
            self._workers[worker] = self._clock.boot_s(), told["state"]

    def refused(self, profile: str, category: str, count: int) -> None:
        """See Refusals."""
        self._refusals[profile, category] += count

    def workers(self) -> list[dict[str, object]]:
        """See FilterReports."""
        now = self._clock.boot_s()
        return [{**state, "age_s": round(now - at, 1)} for _, (at, state) in sorted(self._workers.items())]

    async def store(self) -> None:
        """See FilterReports: into the hour and the site's day that are now."""
        sums, refusals, names = self._sums, self._refusals, self._names
        self._sums, self._refusals, self._names = Counter(), Counter(), Counter()
        profiles = dict.fromkeys(profile for profile, _ in sums)
        now = self._clock.now()
        counts = DnsCounts({profile: _row(sums, profile) for profile in profiles}, refusals, names)
        try:
            await self._store.add(now, local_day(now, self._zone), counts)
        except BaseException:  # they could not be stored: kept for the next time
            self._sums.update(sums)
            self._refusals.update(refusals)
            self._names.update(names)
            raise


_Sums = Counter[tuple[str, str]]


def _read(told: dict[str, Any]) -> tuple[_Sums, _Sums, _Sums]:
    """Sums by (profile, what), refusals by (profile, category), names by (category, name)."""
    sums: _Sums = Counter()
    refusals: _Sums = Counter()
    names: _Sums = Counter()
    for profile, counted in told["profiles"].items():
        sums[_word(profile), "questions"] += _whole(counted["queries"])
        for theirs, ours in _COUNTED.items():
            sums[profile, ours] += _whole(counted[theirs])
        for category, count in counted["refused"].items():
            refusals[profile, _word(category)] += _whole(count)
    for _, category, name, count in told["names"]:
        names[_word(category), _word(name, _LONGEST_NAME)] += _whole(count)
    return sums, refusals, names


def _row(sums: _Sums, profile: str) -> DnsSums:
    row = DnsSums(**{field: sums[profile, field] for field in DnsSums._fields})
    others = row.refused + row.forwarded + row.stale + row.failed + row.limited
    # a question that waits over the end of a second is counted there before its outcome is: never below nothing
    return row._replace(cached=max(0, row.questions - others))


def _word(text: object, longest: int = _LONGEST_WORD) -> str:
    if not isinstance(text, str) or len(text) > longest:
        raise ValueError(f"no name of a count: {text!r}")
    return text


def _whole(count: object) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 1 << 40:
        raise ValueError(f"no count: {count!r}")
    return count


async def hear_counts(path: Path, counts: FilterCounts) -> None:
    """Receive the workers' datagrams until cancelled."""
    path.unlink(missing_ok=True)
    loop = asyncio.get_running_loop()
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)) as link:
        link.bind(str(path))
        path.chmod(0o622)  # the workers are another user: they may send, nobody but us may read
        while True:
            counts.add(await loop.sock_recv(link, _LARGEST_DATAGRAM))
