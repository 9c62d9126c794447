"""Upstreams' answers by question, in a bounded number of bytes: while they live, and stale when nobody answers.

In and out: Kept under its Key. All profiles share the entries; they outlive a swap of lists and a change of rules.
"""

from collections.abc import Iterable

from filters.kept import Kept, Key
from filters.names import to_wire

FAILURE_S = 5.0  # RFC 9520 section 3.2: failures are kept at least a second, at most five minutes
RECHECK_S = 30.0
"""How soon a question that failed is asked again while a stale answer serves (RFC 8767 section 5)."""
PREFETCH_USES, PREFETCH_LIFE_S, PREFETCH_PART = 3, 10, 0.9
"""A popular answer is asked for anew before it ends: uses in its life, the least life, the part of it gone."""
_OVERHEAD = 700  # bytes of Python objects beside the message of one entry, measured with tracemalloc
_MAX_FAILURES = 10_000


class Cache:
    """Entries by key, the longest unused one goes first when the bytes are spent."""

    def __init__(self, max_bytes: int, stale_s: float = 0.0) -> None:
        """`stale_s`: how long past its life an answer may serve when no upstream answers."""
        self._max_bytes = max_bytes
        self._stale_s = stale_s
        self._bytes = 0
        self._kept: dict[Key, Kept] = {}
        self._failed: dict[Key, float] = {}

    def get(self, key: Key, now: float) -> Kept | None:
        """The answer, if its life is not over."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        past = now - kept.kept_at - kept.life_s
        if past >= self._stale_s:
            self._drop(key)
        if past >= 0:
            return None
        del self._kept[key]
        self._kept[key] = kept  # at the end again: used just now
        kept.uses += 1
        return kept

    def stale(self, key: Key, now: float) -> Kept | None:
        """The answer, also past its life (RFC 8767)."""
        kept = self._kept.get(key)
        return kept if kept is not None and now - kept.kept_at - kept.life_s < self._stale_s else None

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer that has any life."""
        self._failed.pop(key, None)
        self._drop(key)
        size = _size(key, kept)
        if kept.life_s <= 0 or size > self._max_bytes // 4:
            return
        self._kept[key] = kept
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def fail(self, key: Key, now: float) -> None:
        """Nobody could answer: do not ask again for a few seconds (RFC 9520), longer where a stale answer serves."""
        if len(self._failed) >= _MAX_FAILURES:
            self._failed.pop(next(iter(self._failed)))
        self._failed[key] = now + (FAILURE_S if self.stale(key, now) is None else RECHECK_S)

    def failed_until(self, key: Key, now: float) -> float:
        """Until when a failure of a moment ago holds; 0.0 when there was none."""
        until = self._failed.get(key, 0.0)
        if until > now:
            return until
        self._failed.pop(key, None)
        return 0.0

    def forget_failures(self) -> None:
        """The line is back: what failed may be asked again at once."""
        self._failed.clear()

    def flush(self, names: Iterable[str] = ()) -> int:
        """Forget names with all below and what led to them, or everything when none is given; entries forgotten."""
        before = len(self._kept)
        wires = {name: to_wire(name) for name in names}
        for key, kept in list(self._kept.items()):
            if not wires or any(key[0][:-4].endswith(wire) or name in kept.targets for name, wire in wires.items()):
                self._drop(key)
        self.forget_failures()
        return before - len(self._kept)

    @property
    def used_bytes(self) -> int:
        """Bytes the entries take."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= _size(key, kept)


def is_worth_prefetching(kept: Kept, now: float) -> bool:
    """Is it asked for often, and does its life end soon?"""
    return (
        kept.uses >= PREFETCH_USES
        and kept.life_s >= PREFETCH_LIFE_S
        and now - kept.kept_at >= PREFETCH_PART * kept.life_s
    )


def _size(key: Key, kept: Kept) -> int:
    return len(key[0]) + len(kept.message) + 120 * len(kept.ttl_places) + _OVERHEAD
