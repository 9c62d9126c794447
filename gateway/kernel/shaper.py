"""Rates and fair sharing: a class a session on both interfaces, chosen by the packet's priority.

In:  sessions' rates (from gateway.kernel.sets). Out: class numbers for the map `class`, which the ruleset turns into a
packet's priority by its conntrack mark. Down is what leaves to the library, up what leaves to the line: both are
egress, so nothing is queued twice and no packet is classified by anything but one look-up.

Where the line's rate is told, every session has a class below one of 95 % of it and shares it evenly; else only
sessions with a rate have a class, straight below the root, and others are not touched. A rate counts whole Ethernet
frames: of full segments TCP carries 95.6 % (IPv4) and 94.3 % (IPv6) as payload.
"""

import errno
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.access.session import Rates
from gateway.config.model import Config
from gateway.kernel.elements import Change
from gateway.kernel.garden import OPEN_MARK
from gateway.kernel.qdisc import FAIR_LEAF, FIFO_LEAF, LINE, MAJOR, HtbClass, Qdiscs
from gateway.log import event

LEAF_MS = 100
"""What waits in a class that sends at its ceiling, where the kernel has no fq_codel."""
LEAST_LEAF_BYTES = 16_000  # a TCP's first flight is one merged packet of ten segments: it must fit in
_LINE_SHARE_PERCENT = 95
_SHARES = 512  # a session's own part of the line; sums above the line would be sent above it
_LEAST_BYTES_S = 1000
_BURST_MS = 10  # a busy box wakes late by some milliseconds: what is not sent then is sent after
_LEAST_BURST_BYTES = 3028  # two full frames
QUANTUM_BYTES = 16_000
"""What a session sends at a turn. Smaller: whoever's segments come merged sends more at each; larger: turns get long,
and one flow stays behind eight (measured: 8 flows against 1 at 20 Mbit/s, from 1,514 to 60,000)."""
_FIRST, _LAST = LINE + 1, 0xFFFE
UP, DOWN = "up", "down"
NOBODY = OPEN_MARK
"""In a session's place: what is open before login, of all devices together."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One direction: the interface packets leave by, and how fast the line beyond is."""

    interface: str
    line_kbit_s: int | None
    quantum_bytes: int

    @property
    def line(self) -> HtbClass | None:
        """The class all sessions share."""
        if self.line_kbit_s is None:
            return None
        rate = bytes_s(self.line_kbit_s) * _LINE_SHARE_PERCENT // 100
        return HtbClass(0, rate, rate, self.quantum_bytes)

    def wanted(self, kbit_s: int | None) -> HtbClass | None:
        """A session's class for a rate; None: it has none here."""
        line = self.line
        if line is None:
            return None if kbit_s is None else HtbClass(0, bytes_s(kbit_s), bytes_s(kbit_s), self.quantum_bytes)
        ceil = line.ceil_bytes_s if kbit_s is None else min(line.ceil_bytes_s, bytes_s(kbit_s))
        return HtbClass(LINE, min(ceil, max(_LEAST_BYTES_S, line.rate_bytes_s // _SHARES)), ceil, self.quantum_bytes)


def wires(config: Config) -> Mapping[str, Wire]:
    """Both directions."""
    wan = config.wan
    return {
        UP: Wire(wan.interface, wan.up_kbit_s, QUANTUM_BYTES),
        DOWN: Wire(config.lan.interface, wan.down_kbit_s, QUANTUM_BYTES),
    }


def open_rates(config: Config) -> Rates | None:
    """Of what captive clients fetch from sites that are open before login, all together; None: there are none."""
    garden = config.portal.garden
    return Rates(garden.rate_kbit_s, garden.rate_kbit_s) if garden.names else None


class Shaper:
    """The classes of all sessions. Python remembers which number is whose; `take_up` learns it from the kernel."""

    def __init__(self, both: Mapping[str, Wire], open_before: Rates | None = None) -> None:
        """`open_before`: rates of forwarded packets that are of no session; None: there are none such."""
        self._wires = both
        self._open_before = open_before
        self._qdiscs = Qdiscs()
        self._minors: dict[int, int] = {}
        self._leaf = FAIR_LEAF

    def close(self) -> None:
        """Release the socket; the kernel keeps everything."""
        self._qdiscs.close()

    def shape(self, session: int, rates: Rates) -> int | None:
        """Give a session's packets their rates; the number of its class, None when it needs none."""
        wanted = {wire: its for way, wire in self._wires.items() if (its := wire.wanted(_of(rates, way))) is not None}
        if not wanted:
            self._minors.pop(session, None)
            return None
        minor = self._minors.get(session) or self._free(session)
        for wire, its in wanted.items():
            self._set(wire, minor, its)
        self._minors[session] = minor
        return MAJOR << 16 | minor

    def release(self, session: int) -> None:
        """The session is over: its number is free for another."""
        minor = self._minors.pop(session, None)
        for wire in self._wires.values() if minor else ():
            if (index := _index(wire)) is not None:
                self._qdiscs.remove_class(index, minor or 0)

    def take_up(self, classes: Mapping[int, int]) -> None:
        """Begin anew from session -> class number as the kernel's map has them: roots as configured, strays gone."""
        self._minors = {session: number & 0xFFFF for session, number in classes.items()}
        held = set(self._minors.values())
        for wire in self._wires.values():
            if (index := _index(wire)) is not None:
                self._repair_root(wire, index, held)

    def repair(self, rates: Mapping[int, Rates]) -> Mapping[int, int | None]:
        """Give each of these sessions what it should have, touching only what differs; class numbers as `shape`."""
        standing = {wire: self._qdiscs.classes(i) if (i := _index(wire)) else {} for wire in self._wires.values()}
        numbers: dict[int, int | None] = {}
        for session, its in rates.items():
            minor = self._minors.get(session)
            wanted = {wire: wire.wanted(_of(its, way)) for way, wire in self._wires.items()}
            if minor is None or any(standing[wire].get(minor) != (x and (x, True)) for wire, x in wanted.items()):
                self._drop_unwanted(wanted, minor)
                numbers[session] = self.shape(session, its)
            else:
                numbers[session] = MAJOR << 16 | minor
        return numbers

    def nobodys(self, held: int | None) -> list[Change]:
        """What the map lacks for packets without a session, who are one among others; `held`: their class there.

        A class that is not wanted any more goes with the next `take_up`.
        """
        rates = self._open_before
        wanted = self.repair({NOBODY: rates})[NOBODY] if rates else None
        if held == wanted:
            return []
        key = struct.pack("=I", NOBODY)
        gone = [] if held is None else [Change("class", key, False)]
        return gone if wanted is None else [*gone, Change("class", key, True, data=struct.pack("=I", wanted))]

    def _drop_unwanted(self, wanted: Mapping[Wire, HtbClass | None], minor: int | None) -> None:
        for wire, its in wanted.items():
            if its is None and minor is not None and (index := _index(wire)) is not None:
                self._qdiscs.remove_class(index, minor)

    def _repair_root(self, wire: Wire, index: int, held: set[int]) -> None:
        there = self._qdiscs.has_root(index)
        classes = self._qdiscs.classes(index) if there else {}
        if there and (LINE in classes) != (wire.line is not None):  # classes cannot move below another parent
            self._qdiscs.remove_root(index)
            there, classes = False, {}
        for minor in classes.keys() - held - {LINE}:
            self._qdiscs.remove_class(index, minor)
        if wire.line is not None and (not there or classes[LINE][0] != wire.line):
            self._build(wire, index)
        elif there and wire.line is None and not classes.keys() & held:
            self._qdiscs.remove_root(index)

    def _set(self, wire: Wire, minor: int, wanted: HtbClass) -> None:
        index = _index(wire)
        if index is None:  # the interface is away; the next repair finds it
            return
        try:
            self._qdiscs.set_class(index, minor, wanted, _burst(wanted))
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EINVAL, errno.EOPNOTSUPP):
                raise
            self._build(wire, index)  # nobody was shaped yet, or another took our root away
            self._qdiscs.set_class(index, minor, wanted, _burst(wanted))
        self._set_leaf(index, minor, wanted)

    def _set_leaf(self, index: int, minor: int, wanted: HtbClass) -> None:
        limit = max(LEAST_LEAF_BYTES, wanted.ceil_bytes_s * LEAF_MS // 1000)
        try:
            self._qdiscs.set_leaf(index, minor, self._leaf, limit)
        except OSError as error:
            if self._leaf == FIFO_LEAF or error.errno != errno.ENOENT:
                raise
            self._leaf = FIFO_LEAF
            self._qdiscs.set_leaf(index, minor, self._leaf, limit)

    def _build(self, wire: Wire, index: int) -> None:
        if not self._qdiscs.has_root(index):
            self._qdiscs.set_root(index)
            event("shaper.root_set", interface=wire.interface, line_kbit_s=wire.line_kbit_s or 0)
        if wire.line is not None:
            self._qdiscs.set_class(index, LINE, wire.line, _burst(wire.line))

    def _free(self, session: int) -> int:
        """A number nobody has, beginning at the session's own: neighbours in time are rarely neighbours in number."""
        taken = set(self._minors.values())
        count = _LAST - _FIRST + 1
        if len(taken) >= count:
            raise OSError(errno.ENOSPC, "all class numbers are given")
        return next(m for n in range(count) if (m := _FIRST + (session + n) % count) not in taken)


def bytes_s(kbit_s: int) -> int:
    """Bytes a second."""
    return kbit_s * 125


def _of(rates: Rates, way: str) -> int | None:
    return rates.up_kbit_s if way == UP else rates.down_kbit_s


def _burst(wanted: HtbClass) -> int:
    return max(_LEAST_BURST_BYTES, wanted.ceil_bytes_s * _BURST_MS // 1000)


def _index(wire: Wire) -> int | None:
    try:
        return socket.if_nametoindex(wire.interface)
    except OSError:
        return None
