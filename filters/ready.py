"""Finished answers, kept by the very bytes of their question: what the fast path sends without looking further.

In: bodies from filters.resolver. Out: Ready, whose bytes the kernel takes as they are; TTLs count down in place.
"""

import ctypes
import math
from asyncio import TimerHandle
from dataclasses import dataclass, field
from itertools import islice
from socket import AF_INET, AF_INET6, inet_ntop
from struct import pack_into
from typing import NamedTuple, Protocol

from filters.cache import is_worth_prefetching
from filters.counts import ProfileCounts
from filters.kept import MAX_TTL_S, Kept
from filters.policy import Verdict, View
from filters.special import Asker as ListAsker
from filters.wire import Query

_READY_OVERHEAD = 420
_NAME_AT = 12
"""Where the asked name begins in a packet; in a body, which has no id, two bytes before."""


class Ready:
    """A finished answer: where its bytes are for the kernel, and until when they are right."""

    __slots__ = ("_edge_at", "_kept", "address", "body", "category", "domain", "length", "valid_until")

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
        self._edge_at = math.inf

    def count_down(self, kept: Kept, now: float, edge_at: float) -> None:
        """From now on its TTLs follow `kept`, second by second; none reaches past `edge_at`."""
        self._kept = kept
        self._edge_at = edge_at
        self.valid_until = kept.kept_at + int(now - kept.kept_at) + 1

    def refresh(self, now: float) -> bool:
        """Put this second's TTLs in; False when its life is over, or so near its end that the slow path must know."""
        kept = self._kept
        if kept is None:
            return False
        age = int(now - kept.kept_at)
        if age >= kept.life_s:
            return False
        kept.uses += 1
        if is_worth_prefetching(kept, now):
            return False
        most = most_ttl_s(self._edge_at, now)
        for at, ttl in kept.ttl_places:
            pack_into("!I", self.body, at - 2, min(ttl - age, most) if ttl > age else 0)
        self.valid_until = kept.kept_at + age + 1
        return True


def most_ttl_s(edge_at: float, now: float) -> int:
    """The longest life an answer may be given when a schedule changes at `edge_at`; never less than a second."""
    return max(1, int(min(edge_at - now, MAX_TTL_S)))


class Asker(Protocol):
    """Who waits for an answer."""

    client: bytes
    """Its address, packed."""
    by_udp: bool

    def send(self, body: bytes | bytearray) -> None:
        """Send the body under the asker's own id."""


class Space:
    """What the ready answers of all profiles of a worker may take together, in bytes: a busy one has an idle one's."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lanes: list[Lane] = []

    def join(self, lane: "Lane") -> None:
        """One more profile shares it."""
        self._lanes.append(lane)

    def make_room(self) -> None:
        """When all is spent the oldest eighth of the largest profile's answers goes."""
        if sum(lane.used_bytes for lane in self._lanes) > self._max_bytes:
            max(self._lanes, key=lambda lane: lane.used_bytes).forget_oldest()


class Lane:
    """One profile in one worker: its view of lists and rules, its ready answers, its counts."""

    def __init__(self, name: str, view: View, counts: ProfileCounts, space: Space) -> None:
        self.name = name
        self.view = view
        self.counts = counts
        self.ready: dict[bytes, Ready] = {}
        self.edge_at = math.inf
        """When the profile's schedule changes next, on the monotonic clock: no TTL reaches past it."""
        self._tags = frozenset({name})
        self.used_bytes = 0
        """Bytes the ready answers take, about."""
        self._space = space
        space.join(self)

    def change(self, view: View) -> None:
        """Another view: every answer made under the old one is forgotten."""
        self.view = view
        self.forget()

    def forget(self) -> None:
        """Forget every ready answer."""
        self.ready.clear()
        self.used_bytes = 0

    def forget_oldest(self) -> None:
        """Forget an eighth of the ready answers, those kept first."""
        for gone in list(islice(self.ready, len(self.ready) // 8 + 1)):
            self.used_bytes -= len(gone) + self.ready.pop(gone).length + _READY_OVERHEAD

    def asker(self, client: bytes) -> ListAsker:
        """Who asks, as rules of lists may name it."""
        address = inet_ntop(AF_INET if len(client) == 4 else AF_INET6, client) if len(client) in (4, 16) else ""
        return ListAsker(address, self.name, self._tags)

    def respelled(self, packet: bytes, now: float) -> Ready | None:
        """The ready answer to the same question in small letters, with this packet's own spelling in it (0x20)."""
        at, whole = _NAME_AT, len(packet)
        while at < whole and packet[at]:
            at += 1 + packet[at]
        name = packet[_NAME_AT:at]
        plain = name.lower()  # a length byte is at most 63, no letter
        if plain == name:
            return None
        ready = self.ready.get(packet[2:_NAME_AT] + plain + packet[at:])
        if ready is None or (ready.valid_until <= now and not ready.refresh(now)):
            return None
        body = bytearray(ready.body)
        body[_NAME_AT - 2 : at - 2] = name
        return Ready(body, 0.0, ready.domain, ready.category)

    def keep(self, key: bytes, ready: Ready) -> None:
        """Keep an answer for the very same question bytes."""
        old = self.ready.get(key)
        self.used_bytes += ready.length - old.length if old else len(key) + ready.length + _READY_OVERHEAD
        self.ready[key] = ready
        self._space.make_room()


class Waiting(NamedTuple):
    """One asker of a question at the upstreams, with the verdict on it and the view that was made under."""

    query: Query
    lane: Lane
    asker: Asker
    verdict: Verdict
    view: View


@dataclass(slots=True)
class Asking:
    """One question at the upstreams; who asks the same meanwhile waits with the first."""

    client: bytes
    """Who asked first."""
    waiting: list[Waiting] = field(default_factory=list)
    timer: TimerHandle | None = None
    is_late: bool = False
    """A stale answer has been given meanwhile: whoever comes now need not wait."""
