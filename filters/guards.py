"""Guards against what a client may do to others: ask too much, or carry a tunnel in questions.

In: a client's address as bytes, the moment, what is asked. Out: how the question is to be treated. Nothing here is
kept longer than minutes, everything is bounded, and a client shows outside only as a short hash keyed anew each start.
"""

import mmap
from collections.abc import Sequence
from enum import IntEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from filters.answer import bare_error, error_body, truncated_body
from filters.log import event
from filters.names import registered_domain
from filters.wire import FORMERR, REFUSED, BadPacketError, read_query

BURST_S = 10.0
"""How many seconds' worth of questions may come at once: a page asks for a hundred names in one breath."""
MOST_OF_ONE = 100
"""Questions of one client at the upstreams at a time; browsers ask for some dozens of names at once."""
_SLOTS = 1 << 14
_WATCH_S = 2.0
_TELL_EVERY_S = 60.0


class Level(IntEnum):
    """How a question of a client is treated."""

    FINE = 0
    TRUNCATE = 1
    """TC: a true client asks again by TCP, a forged sender never does."""
    REFUSE = 2


class Networks:
    """Which clients no guard is for: the box itself, infrastructure, a measurement."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._prefixes = tuple(_prefix(ip_network(each)) for each in networks)

    def __contains__(self, client: bytes) -> bool:
        """Is a packed address in one of them?"""
        number, size = int.from_bytes(client, "big"), len(client)
        return any(size == length and number >> shift == prefix for length, shift, prefix in self._prefixes)


class RateGuard:
    """Questions a second of each client, in one piece of memory that all workers share; made before they are forked.

    Per address: a whole IPv4 /24 is many people, and so is the one IPv6 /64 of a library's network. A device with
    several privacy addresses (RFC 8981) has as many shares; that is less harm than one share for the whole house.
    Two clients that fall on one slot push each other out: a limit missed for a moment, never one that is not due.
    """

    def __init__(self, qps: int, exempt: Sequence[str] = ()) -> None:
        """`qps` > 0: questions a second on average, in all workers together; `exempt`: networks without limit."""
        memory = memoryview(mmap.mmap(-1, 3 * 8 * _SLOTS))
        self._marks = memory[: 8 * _SLOTS].cast("q")
        self._served = memory[8 * _SLOTS : 16 * _SLOTS].cast("d")
        self._truncated = memory[16 * _SLOTS :].cast("d")
        self._spacing_s = 1 / qps
        self._exempt = Networks(exempt)
        self._watch_until = 0.0
        self._tell_from = 0.0

    def watches(self, now: float) -> bool:
        """Was some client over its limit a moment ago? Then each question is looked at, else samples are enough."""
        return now < self._watch_until

    def charge(self, client: bytes, count: int, now: float, *, by_tcp: bool = False) -> Level:
        """Put `count` questions to a client's account (packed address); TCP has an account of its own.

        The limit is served, as much again is truncated, the rest is refused (generic cell rate, ITU-T I.371).
        """
        mark = ~hash(client) if by_tcp else hash(client)
        at = mark & (_SLOTS - 1)
        if self._marks[at] != mark:
            self._marks[at] = mark
            self._served[at] = self._truncated[at] = now
        if self._takes(self._served, at, count, now) or client in self._exempt:
            return Level.FINE
        self._watch_until = now + _WATCH_S
        if now >= self._tell_from:
            self._tell_from = now + _TELL_EVERY_S
            event("client.limited", "warning", client=shown(client))
        return Level.TRUNCATE if self._takes(self._truncated, at, count, now) else Level.REFUSE

    def _takes(self, account: "memoryview[float]", at: int, count: int, now: float) -> bool:
        paid_until: float = max(account[at], now)
        if paid_until - now > BURST_S:
            return False
        account[at] = paid_until + count * self._spacing_s
        return True


class Shares:
    """How many questions each client has at the upstreams: names nobody answers stay there for seconds each, and one
    device with a few hundred of them must leave room for the names of all others.
    """

    def __init__(self, exempt: Sequence[str] = ()) -> None:
        self._exempt = Networks(exempt)
        self._taken: dict[bytes, int] = {}

    def is_used_up(self, client: bytes) -> bool:
        """Does it have MOST_OF_ONE there?"""
        return self._taken.get(client, 0) >= MOST_OF_ONE and client not in self._exempt

    def take(self, client: bytes) -> None:
        """It has one more there."""
        self._taken[client] = self._taken.get(client, 0) + 1

    def give_back(self, client: bytes) -> None:
        """One of them has ended."""
        left = self._taken.pop(client) - 1
        if left:
            self._taken[client] = left


def limited_body(packet: bytes, level: Level) -> bytes | None:
    """The answer to a question over the limit; None when the packet is no question."""
    if len(packet) < 12 or packet[2] & 0x80:
        return None
    try:
        query = read_query(packet)
    except BadPacketError:
        return bare_error(packet, FORMERR)
    return truncated_body(query) if level is Level.TRUNCATE else error_body(query, REFUSED)


def _prefix(network: IPv4Network | IPv6Network) -> tuple[int, int, int]:
    shift = network.max_prefixlen - network.prefixlen
    return network.max_prefixlen // 8, shift, int(network.network_address) >> shift


def shown(client: bytes) -> str:
    """A client in log lines: the same within one run of the filter, nothing outside it."""
    return f"{hash(client) & 0xFFFFFFFF:08x}"


TUNNEL = "tunnel"
"""The category its refusals are counted under."""
_HALF_S = 30.0
_CELLS = 1024
_MOST_CELLS = 182  # set by 200 distinct names: 1024 * (1 - exp(-200 / 1024)), linear counting (Whang 1990)
_FEW_CELLS = 30
_LONG_LABEL, _ODD_SHARE = 40, 0.2
_MOST_OCTETS = 4000  # 32 kbit a minute; 200 common names are 3000
_ODD_TYPES = frozenset({10, 16, 255, 65399})  # NULL, TXT, ANY, and the private type tunnels use
_SLOWED_S = 60.0
_ONE_IN_S = 3.0
MAX_PAIRS = 2000


class _Half:
    """Half a minute of one client's new names under one domain."""

    __slots__ = ("cells", "labels", "names", "octets", "odd")

    def __init__(self) -> None:
        self.cells = self.names = self.labels = self.octets = self.odd = 0


class _Pair:
    """One client and one registered domain."""

    __slots__ = ("before", "begun", "half", "next_at", "slowed_until")

    def __init__(self, now: float) -> None:
        self.begun = now
        self.half, self.before = _Half(), _Half()
        self.slowed_until = self.next_at = 0.0

    def add(self, sub_name: str, qtype: int, now: float) -> None:
        if now - self.begun >= _HALF_S:
            self.before = self.half if now - self.begun < 2 * _HALF_S else _Half()
            self.half, self.begun = _Half(), now
        half = self.half
        half.cells |= 1 << (hash(sub_name) % _CELLS)
        half.names += 1
        half.octets += len(sub_name)
        half.labels += max(map(len, sub_name.split(".")))
        half.odd += qtype in _ODD_TYPES

    def is_tunnel(self) -> bool:
        half, before = self.half, self.before
        cells = (half.cells | before.cells).bit_count()
        if cells < _FEW_CELLS:
            return False
        names = half.names + before.names
        return (
            cells > _MOST_CELLS
            or half.octets + before.octets > _MOST_OCTETS
            or half.labels + before.labels > _LONG_LABEL * names
            or half.odd + before.odd > _ODD_SHARE * names
        )


class TunnelGuard:
    """Tells data carried in names from names: many new ones of one domain, or much text, long labels, odd types.

    Asked only about questions that would go upstream, so repeats and refused names cost nothing. One worker's own
    view: a tunnel that is spread over workers shows in each with its part.
    """

    def __init__(self, exempt: Sequence[str] = ()) -> None:
        self._exempt = Networks(exempt)
        self._pairs: dict[tuple[bytes, str], _Pair] = {}
        self._tell_from = 0.0

    def slows(self, client: bytes, name: str, qtype: int, now: float) -> bool:
        """Is this question to be refused? Of a pair that carries a tunnel, one in 3 s goes on."""
        if name.endswith(".arpa"):
            return False  # reverse names: a scan of the network asks for many, and nobody can have data in them
        domain = registered_domain(name)
        if len(domain) == len(name) or client in self._exempt:
            return False
        key = client, domain
        pair = self._pairs.pop(key, None) or _Pair(now)
        self._pairs[key] = pair  # the last used are last
        if len(self._pairs) > MAX_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        pair.add(name[: -len(domain) - 1], qtype, now)
        if pair.is_tunnel():
            if now >= pair.slowed_until and now >= self._tell_from:
                self._tell_from = now + _TELL_EVERY_S
                event("client.tunnelling", "warning", client=shown(client))
            pair.slowed_until = now + _SLOWED_S
        if now >= pair.slowed_until:
            return False
        if now >= pair.next_at:
            pair.next_at = now + _ONE_IN_S
            return False
        return True
