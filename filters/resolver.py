"""Question -> answer, off the fast path: read, decide, answer at once or when the upstream has answered.

In: a packet the fast path has no ready answer for. Out: Ready, which the fast path keeps by the packet's own bytes, or
later a body to whoever asked (Asker).
"""

import ctypes
import math
from asyncio import TaskGroup
from collections.abc import Callable
from itertools import islice
from struct import pack_into
from typing import Protocol

from filters.answer import (
    Ede,
    any_body,
    badvers_body,
    bare_error,
    error_body,
    failure_body,
    forwarded_body,
    verdict_body,
)
from filters.cache import Cache, Kept, Key, key_of
from filters.counts import ProfileCounts
from filters.log import event
from filters.names import registered_domain
from filters.policy import Outcome, Verdict, View, decide, decide_answer
from filters.upstream import Forwarder, NoAnswerError
from filters.wire import CLASS_IN, FORMERR, NOTIMP, REFUSED, TYPE_ANY, BadPacketError, Query, read_query

MAX_ASKED, MAX_WAITING = 400, 4000
"""Questions at upstreams at a time, and askers waiting for them: more is an attack or a dead line."""
_NO_TYPES = frozenset({0, 41, 249, 250, 251, 252, 253, 254})  # OPT, TKEY, TSIG, IXFR, AXFR, MAILA, MAILB
_READY_OVERHEAD = 420


class Ready:
    """A finished answer: where its bytes are for the kernel, and until when they are right."""

    __slots__ = ("_kept", "address", "body", "category", "domain", "length", "valid_until")

    def __init__(self, body: bytes | bytearray, valid_until: float, domain: str = "", category: str = "") -> None:
        """`category` and registered `domain`: what it refuses, for the counts; empty when it refuses nothing."""
        self.body = body
        if isinstance(body, bytes):
            self.address: int = ctypes.cast(ctypes.c_char_p(body), ctypes.c_void_p).value or 0
        else:
            self.address = ctypes.addressof(ctypes.c_char.from_buffer(body))
        self.length = len(body)
        self.valid_until = valid_until
        self.domain = domain
        self.category = category
        self._kept: Kept | None = None

    def count_down(self, kept: Kept, now: float) -> None:
        """From now on its TTLs follow `kept`, second by second."""
        self._kept = kept
        self.valid_until = kept.kept_at + int(now - kept.kept_at) + 1

    def refresh(self, now: float) -> bool:
        """Put this second's TTLs in; False when its life is over."""
        kept = self._kept
        if kept is None:
            return False
        age = int(now - kept.kept_at)
        if age >= kept.life_s:
            return False
        for at, ttl in kept.ttl_places:
            pack_into("!I", self.body, at - 2, ttl - age if ttl > age else 0)
        self.valid_until = kept.kept_at + age + 1
        return True


class Asker(Protocol):
    """Who waits for an answer."""

    client: bytes
    by_udp: bool

    def send(self, body: bytes | bytearray) -> None:
        """Send the body under the asker's own id."""


class Lane:
    """One profile in one worker: its view of lists and rules, its ready answers, its counts."""

    def __init__(self, name: str, view: View, counts: ProfileCounts, ready_bytes: int) -> None:
        self.name = name
        self.view = view
        self.counts = counts
        self.ready: dict[bytes, Ready] = {}
        self._max_bytes = ready_bytes
        self._bytes = 0

    def change(self, view: View) -> None:
        """Another view: every answer made under the old one is forgotten."""
        self.view = view
        self.ready.clear()
        self._bytes = 0

    def keep(self, key: bytes, ready: Ready) -> None:
        """Keep an answer for the very same question bytes; the oldest eighth goes when the bytes are spent."""
        if key not in self.ready:
            self._bytes += len(key) + ready.length + _READY_OVERHEAD
        self.ready[key] = ready
        if self._bytes > self._max_bytes:
            for old in list(islice(self.ready, len(self.ready) // 8 + 1)):
                self._bytes -= len(old) + self.ready.pop(old).length + _READY_OVERHEAD


class Resolver:
    """The slow path of one worker."""

    def __init__(
        self, forwarder: Forwarder, cache: Cache, group: TaskGroup, now: Callable[[], float], block_ttl_s: int
    ) -> None:
        self._forwarder = forwarder
        self._cache = cache
        self._group = group
        self._now = now
        self._block_ttl_s = block_ttl_s
        self._asked: dict[Key, list[tuple[Lane, Query, Asker]]] = {}
        self._waiting = 0

    def answer(self, packet: bytes, lane: Lane, asker: Asker) -> Ready | None:
        """An answer at once, or None: it comes later through `asker`, or the packet deserves none."""
        if len(packet) < 12 or packet[2] & 0x80:
            return None  # no header, or itself an answer: replying would let two servers talk for ever
        if packet[2] & 0x78:
            return Ready(bare_error(packet, NOTIMP), 0.0)
        try:
            query = read_query(packet)
        except BadPacketError:
            return Ready(bare_error(packet, FORMERR), 0.0)
        ready = self._improper(query) or self._decided(query, lane, asker)
        if ready is not None and asker.by_udp and ready.valid_until and _is_shared(query, packet):
            lane.keep(packet[2:], ready)
        return ready

    def _improper(self, query: Query) -> Ready | None:
        if query.edns is not None and query.edns.version:
            return Ready(badvers_body(query), 0.0)
        if query.qclass != CLASS_IN:
            return Ready(error_body(query, REFUSED), 0.0)
        if query.qtype in _NO_TYPES:
            return Ready(error_body(query, NOTIMP), 0.0)
        return None

    def _decided(self, query: Query, lane: Lane, asker: Asker) -> Ready | None:
        verdict = decide(query.name, query.qtype, lane.view)
        if verdict.outcome is not Outcome.FORWARD:
            return self._refused(query, verdict, math.inf)
        if query.qtype == TYPE_ANY:
            return Ready(any_body(query), math.inf)
        now, key = self._now(), key_of(query)
        kept = self._cache.get(key, now)
        if kept is not None:
            return self._from_upstream(query, verdict, kept, lane, asker)
        if self._cache.failed(key, now):
            return Ready(failure_body(query, Ede(13, "failed a moment ago")), 0.0)
        return self._ask_upstream(key, query, lane, asker)

    def _refused(self, query: Query, verdict: Verdict, valid_until: float) -> Ready:
        body = verdict_body(query, verdict, block_ttl_s=self._block_ttl_s)
        if verdict.outcome is not Outcome.REFUSE:
            return Ready(body, valid_until)
        return Ready(body, valid_until, registered_domain(query.name), verdict.category or verdict.step.value)

    def _from_upstream(self, query: Query, verdict: Verdict, kept: Kept, lane: Lane, asker: Asker) -> Ready:
        now = self._now()
        verdict = decide_answer(verdict, kept.targets, kept.inside, lane.view, query.qtype)
        if verdict.outcome is Outcome.REFUSE:
            return self._refused(query, verdict, kept.kept_at + kept.life_s)
        limit = query.udp_limit() if asker.by_udp else 65535
        body = forwarded_body(query, kept.aged(now), kept.question_end, limit)
        if body[0] & 0x02:  # TC: no record in it counts down
            return Ready(body, kept.kept_at + kept.life_s)
        ready = Ready(bytearray(body), 0.0)
        if kept.life_s > 0:
            ready.count_down(kept, now)
        return ready

    def _ask_upstream(self, key: Key, query: Query, lane: Lane, asker: Asker) -> Ready | None:
        waiting = self._asked.get(key)
        if self._waiting >= MAX_WAITING or (waiting is None and len(self._asked) >= MAX_ASKED):
            return Ready(failure_body(query, Ede(0, "too many open questions")), 0.0)
        self._waiting += 1
        if waiting is not None:
            waiting.append((lane, query, asker))  # somebody asks this already
            return None
        self._asked[key] = [(lane, query, asker)]
        self._group.create_task(self._fetch(key))
        return None

    async def _fetch(self, key: Key) -> None:
        kept: Kept | None = None
        ede: Ede | None = None
        try:
            kept = await self._forwarder.ask(key)
            self._cache.put(key, kept)
        except NoAnswerError as none:
            ede = none.ede
            self._cache.fail(key, self._now())
        except Exception as error:  # noqa: BLE001 - one odd answer must not end the worker for all
            event("query.failed", "error", error=repr(error))
        finally:
            waiting = self._asked.pop(key)
            self._waiting -= len(waiting)
        for lane, query, asker in waiting:
            self._reply(kept, ede, lane, query, asker)

    def _reply(self, kept: Kept | None, ede: Ede | None, lane: Lane, query: Query, asker: Asker) -> None:
        if kept is None:
            asker.send(error_body(query, 2, ede))
            return
        # decided again: rules may have changed while the upstream thought
        verdict = decide(query.name, query.qtype, lane.view)
        if verdict.outcome is Outcome.FORWARD:
            ready = self._from_upstream(query, verdict, kept, lane, asker)
        else:
            ready = self._refused(query, verdict, math.inf)
        if ready.category:
            lane.counts.refuse(asker.client, ready.domain, ready.category, self._now())
        asker.send(ready.body)


def _is_shared(query: Query, packet: bytes) -> bool:
    """Will others ask with the same bytes? Not with a cookie in them, nor with a spelling thrown like dice (0x20)."""
    if query.edns is not None and query.edns.has_options:
        return False
    name = query.question[:-4]
    return name == name.lower()
