"""The kernel's connection table: a client's entries are deleted when its standing changes.

A redirect is decided once a connection. Without this, questions and page requests of a client that was just admitted
would go on to the garden and the portal until their entries ran out (30 s and more).
Layout: linux/netfilter/nfnetlink_conntrack.h.
"""

import asyncio
import errno
import struct
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address
from socket import IPPROTO_UDP

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.clock import Clock
from gateway.kernel import nfnetlink as wire
from gateway.kernel.flow_ends import ends_of, origin_of
from gateway.log import event
from gateway.ports import IpAddress, Neighbours

_SUBSYSTEM = 1 << 8
_NEW, _GET, _DELETE = 0, 1, 2
_TUPLE_ORIGIN, _MARK, _COUNTERS_ORIGIN, _COUNTERS_REPLY, _TIMES = 1, 8, 9, 10, 20
_BYTES, _STARTED, _PROTOCOL_NUMBER = 2, 1, 1
_TUPLE_PROTOCOL = 2
_LONG_S, _BUSY_BYTES = 600, 10_000_000
"""Ten minutes and 10 MB: longer than a page's connection lives on after its last request, less than an hour of talk."""
_TOGETHER_S = 0.02
"""Who signs in within it shares a walk, and the walk does not compete with the page that says "you are online"."""
_APART_S = 0.25
"""Between two such walks: in a crowd at the door they were the largest part of a login's own processor time."""
_NO_SESSIONS = (b"", bytes(4), b"\xff" * 4)
"""Marks of what began before login: none, and that of sites open before it (kernel/garden)."""
_PAGE_PORTS = {struct.pack("!H", port) for port in (80, 443)}


def _is_of_session(body: bytes) -> bool:
    return dict(wire.attributes(body[4:])).get(_MARK, b"") not in _NO_SESSIONS


class _Walk:
    """One walk through the table, for everybody who asked before it began."""

    __slots__ = ("deleted", "newcomers", "sources")

    def __init__(self) -> None:
        self.sources: set[bytes] = set()
        self.newcomers: set[bytes] = set()
        """Who came in just now: what began since is of their session, and goes on."""
        self.deleted: Counter[bytes] | None = None


class Conntrack:
    """The Flows port over nfnetlink."""

    def __init__(self, own: Collection[str], clock: Clock, neighbours: Neighbours) -> None:
        """`own`: the box's addresses on the library network; the page a patron is just reading there is kept."""
        self._link = wire.Link()
        self._own = {ip_address(text).packed for text in own}
        self._wall = clock
        self._next = _Walk()
        self._neighbours = neighbours
        self._soon: set[Mac] = set()
        self._wanted = asyncio.Event()
        self._one_walk = asyncio.Lock()
        self._one_thread = threading.Lock()  # a cancelled caller lets go of the other one while its walk goes on

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    async def forget(self, addresses: Sequence[IpAddress]) -> int:
        """See Flows. The walk is what costs (13 ms for an empty table of 262,144 buckets), so it is shared.

        The kernel walks without Python's lock: on a thread, the loop goes on meanwhile.
        """
        return await self._forgotten(addresses, self._next.sources)

    async def _forgotten(self, addresses: Sequence[IpAddress], among: set[bytes]) -> int:
        """`among`: of the next walk."""
        mine = {ip_address(text).packed for text in addresses}
        if not mine:
            return 0
        walk = self._next
        among |= mine
        async with self._one_walk:
            if walk is self._next:
                self._next = _Walk()  # who comes from now on is not seen by this one
                walk.deleted = await asyncio.to_thread(self._forget, walk.sources, walk.newcomers)
        if walk.deleted is None:
            raise OSError("the kernel's connection table could not be read for the device that asked first")
        return sum(walk.deleted[source] for source in mine)

    def forget_soon(self, mac: Mac) -> None:
        """See Flows."""
        self._soon.add(mac)
        self._wanted.set()

    async def run(self) -> None:
        """Forget what was wanted soon, all of a moment in one walk; until cancelled."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(_TOGETHER_S)
            self._wanted.clear()
            macs, self._soon = self._soon, set()
            try:
                known = await self._neighbours.addresses_of_each(macs)
                addresses = [address for each in known.values() for address in each]
                await self._forgotten(addresses, self._next.newcomers)
            except OSError as error:  # its entries run out by themselves, in half a minute
                event("connections.not_forgotten", "warning", says=str(error))
            await asyncio.sleep(_APART_S)

    async def hand_over(self, before: SessionId, after: SessionId) -> int:
        """See Flows."""
        async with self._one_walk:
            return await asyncio.to_thread(self._hand_over, before, after)

    async def long_udp_flows(self) -> Mapping[SessionId, int]:
        """See Flows. Needs net.netfilter.nf_conntrack_acct and nf_conntrack_timestamp; without them it finds none."""
        async with self._one_walk:
            return await asyncio.to_thread(self._long_udp, self._wall.now().timestamp() - _LONG_S)

    def _long_udp(self, started_before_s: float) -> Counter[SessionId]:
        found: Counter[SessionId] = Counter()
        with self._one_thread:
            bodies = self._link.dump(_SUBSYSTEM | _GET, struct.pack("!BBH", 0, 0, 0))
        for body in bodies:
            flow = dict(wire.attributes(body[4:]))
            mark = int.from_bytes(flow.get(_MARK, b""), "big")
            protocol = dict(wire.attributes(dict(wire.attributes(flow[_TUPLE_ORIGIN]))[_TUPLE_PROTOCOL]))
            if not mark or protocol[_PROTOCOL_NUMBER] != bytes([IPPROTO_UDP]):
                continue
            times, up, down = (
                dict(wire.attributes(flow.get(kind, b""))) for kind in (_TIMES, _COUNTERS_ORIGIN, _COUNTERS_REPLY)
            )
            started_s = int.from_bytes(times.get(_STARTED, b""), "big") / 1e9
            moved = sum(int.from_bytes(each.get(_BYTES, b""), "big") for each in (up, down))
            if 0 < started_s <= started_before_s and moved >= _BUSY_BYTES:
                found[SessionId(mark)] += 1
        return found

    def _hand_over(self, before: SessionId, after: SessionId) -> int:
        moved, marked = 0, struct.pack("!I", before)
        with self._one_thread:
            for body in self._link.dump(_SUBSYSTEM | _GET, struct.pack("!BBH", 0, 0, 0)):
                flow = dict(wire.attributes(body[4:]))
                if flow.get(_MARK) == marked:
                    new_mark = wire.attribute(_MARK, struct.pack("!I", after))
                    moved += self._change(_NEW, body[0], flow[_TUPLE_ORIGIN], new_mark)
        return moved

    def _forget(self, sources: Collection[bytes], newcomers: Collection[bytes]) -> Counter[bytes]:
        deleted: Counter[bytes] = Counter()
        with self._one_thread:
            for family, source, origin in self._tuples_from(sources, newcomers):
                deleted[source] += self._change(_DELETE, family, origin)
        return deleted

    def _tuples_from(self, sources: Collection[bytes], newcomers: Collection[bytes]) -> list[tuple[int, bytes, bytes]]:
        """Family, source and original direction of each entry, both families; of newcomers what is no session's."""
        found = []
        for body in self._link.dump(_SUBSYSTEM | _GET, struct.pack("!BBH", 0, 0, 0)):
            ends = ends_of(body)
            here = ends.destination in self._own and ends.port in _PAGE_PORTS
            is_new = ends.source in newcomers and not _is_of_session(body)
            if here or not (ends.source in sources or is_new):
                continue
            found.append((body[0], ends.source, origin_of(body)))
        return found

    def _change(self, act: int, family: int, origin: bytes, to: bytes = b"") -> int:
        """Delete one entry, or (NEW without FLAG_CREATE) change it; how many there were."""
        body = struct.pack("!BBH", family, 0, 0) + wire.attribute(_TUPLE_ORIGIN, origin, nested=True) + to
        try:
            self._link.ask(_SUBSYSTEM | act, body)
        except OSError as error:
            if error.errno == errno.ENOENT:  # it ran out by itself
                return 0
            raise
        return 1
