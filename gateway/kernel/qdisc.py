"""Queueing disciplines and classes of one interface, packed and unpacked: wire only, no policy.

In:  minor numbers and rates (from gateway.kernel.shaper). Out: classes as the kernel holds them.
Layout: linux/rtnetlink.h (tcmsg), linux/pkt_sched.h (tc_htb_glob, tc_htb_opt, tc_ratespec, tc_fifo_qopt).
"""

import errno
import socket
import struct
from dataclasses import dataclass

from gateway.kernel.nfnetlink import FLAG_CREATE, FLAG_REPLACE, Link, attribute, attributes

MAJOR = 0xC0
"""Of our root on each interface; by it we know ours from another's."""
LINE = 1
"""Minor number of the class that is the whole line."""
NO_LEAF, FAIR_LEAF, FIFO_LEAF = "", "fq_codel", "bfifo"

_NEW_QDISC, _DELETE_QDISC, _GET_QDISC = 36, 37, 38
_NEW_CLASS, _DELETE_CLASS, _GET_CLASS = 40, 41, 42
_HEAD = struct.Struct("=BxxxiIII")  # family, interface, handle, parent, info
_ROOT = 0xFFFFFFFF
_KIND, _OPTIONS = 1, 2
_HTB_PARAMETERS, _HTB_INIT = 1, 2
_RATE = struct.Struct("=BBHhHI")  # cell log, link layer, overhead, cell align, least size, bytes a second
_ETHERNET = 1  # a known link layer: the kernel reckons by itself and wants no table of times
_BURST = struct.Struct("=IIIII")  # burst at rate and at ceil, in ticks of 64 ns; quantum; level; priority
_TICK_NS = 64


@dataclass(frozen=True, slots=True)
class HtbClass:
    """One class. Rates are bytes a second of whole Ethernet frames."""

    parent: int
    """Minor number; 0: the root itself."""
    rate_bytes_s: int
    ceil_bytes_s: int
    quantum_bytes: int


class Qdiscs:
    """The interfaces' queues, over rtnetlink."""

    def __init__(self) -> None:
        self._link = Link(socket.NETLINK_ROUTE)

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    def has_root(self, interface: int) -> bool:
        """Is the root of an interface ours?"""
        for body in self._link.dump(_GET_QDISC, _head(interface, 0, 0)):
            _, index, handle, parent, _ = _HEAD.unpack_from(body)
            if (index, handle, parent) == (interface, MAJOR << 16, _ROOT):
                return dict(attributes(body[_HEAD.size :])).get(_KIND) == b"htb\0"
        return False

    def set_root(self, interface: int) -> None:
        """Make the root ours; what no class claims passes it unshaped."""
        init = struct.pack("=IIIII", 3, 10, 0, 0, 0)  # version, rate to quantum, default class 0: none
        options = attribute(_KIND, b"htb\0") + attribute(_OPTIONS, attribute(_HTB_INIT, init), nested=True)
        self._link.ask(_NEW_QDISC, _head(interface, MAJOR << 16, _ROOT) + options, FLAG_CREATE | FLAG_REPLACE)

    def remove_root(self, interface: int) -> None:
        """Give the interface its default queue back, with all classes gone."""
        self._if_there(_DELETE_QDISC, _head(interface, MAJOR << 16, _ROOT))

    def set_class(self, interface: int, minor: int, wanted: HtbClass, burst_bytes: int) -> None:
        """Add a class or change its rates; OSError ENOENT when the root is not ours."""
        parameters = _packed(wanted, burst_bytes)
        body = _head(interface, _id(minor), _id(wanted.parent)) + attribute(_KIND, b"htb\0")
        options = attribute(_OPTIONS, attribute(_HTB_PARAMETERS, parameters), nested=True)
        self._link.ask(_NEW_CLASS, body + options, FLAG_CREATE)

    def set_leaf(self, interface: int, minor: int, kind: str, limit_bytes: int) -> None:
        """Give a class a queue of this kind; OSError ENOENT when the kernel has none such."""
        body = _head(interface, 0, _id(minor)) + attribute(_KIND, kind.encode() + b"\0")
        if kind == FIFO_LEAF:
            body += attribute(_OPTIONS, struct.pack("=I", limit_bytes))
        self._link.ask(_NEW_QDISC, body, FLAG_CREATE | FLAG_REPLACE)

    def remove_class(self, interface: int, minor: int) -> None:
        """Take a class out with what waits in it."""
        self._if_there(_DELETE_CLASS, _head(interface, _id(minor), 0))

    def classes(self, interface: int) -> dict[int, tuple[HtbClass, bool]]:
        """Our classes by minor number, each with whether it has a leaf that was given to it."""
        found = {}
        for body in self._link.dump(_GET_CLASS, _head(interface, 0, 0)):
            _, _, handle, parent, leaf = _HEAD.unpack_from(body)
            parameters = dict(attributes(dict(attributes(body[_HEAD.size :])).get(_OPTIONS, b""))).get(_HTB_PARAMETERS)
            if handle >> 16 == MAJOR and parameters is not None:
                above = 0 if parent == _ROOT else parent & 0xFFFF
                # the kernel's own stop-gap leaf carries the class's number
                found[handle & 0xFFFF] = _unpacked(above, parameters), leaf not in (0, handle)
        return found

    def _if_there(self, kind: int, body: bytes) -> None:
        try:
            self._link.ask(kind, body)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EINVAL, errno.ENODEV):  # EINVAL: another's root stands there
                raise


def _packed(wanted: HtbClass, burst_bytes: int) -> bytes:
    rates = b"".join(_RATE.pack(0, _ETHERNET, 0, 0, 0, rate) for rate in (wanted.rate_bytes_s, wanted.ceil_bytes_s))
    bursts = (_ticks(burst_bytes, rate) for rate in (wanted.rate_bytes_s, wanted.ceil_bytes_s))
    return rates + _BURST.pack(*bursts, wanted.quantum_bytes, 0, 0)


def _unpacked(parent: int, parameters: bytes) -> HtbClass:
    rate, ceil = (_RATE.unpack_from(parameters, offset)[-1] for offset in (0, _RATE.size))
    return HtbClass(parent, rate, ceil, _BURST.unpack_from(parameters, 2 * _RATE.size)[2])


def _ticks(burst_bytes: int, rate_bytes_s: int) -> int:
    return min(0xFFFFFFFF, burst_bytes * 10**9 // rate_bytes_s // _TICK_NS)


def _id(minor: int) -> int:
    return MAJOR << 16 | minor


def _head(interface: int, handle: int, parent: int) -> bytes:
    return _HEAD.pack(0, interface, handle, parent, 0)
