"""Hears of every change of the ruleset, by whomever (linux/netfilter/nf_tables.h, NFT_MSG_NEWGEN)."""

import asyncio
import ctypes
import errno
import socket
import struct
from collections.abc import Callable, Collection

from gateway.kernel.nfnetlink import NETLINK_NETFILTER, attributes, messages
from gateway.log import event

_NEW_GENERATION = 10 << 8 | 15
_PROCESS = 2
_GROUP_NFTABLES = 7
_SHORTEST_REPAIR_S = 1.0
_SO_ATTACH_FILTER = 26
# linux/filter.h: load the message's type (in the machine's own order); take the message if it is this one, else nothing
_LOAD_TYPE, _IS_EQUAL, _TAKE = 0x28, 0x15, 0x06
_TYPE_AT = 4
_ONLY_GENERATIONS = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in (
        (_LOAD_TYPE, 0, 0, _TYPE_AT),
        (_IS_EQUAL, 0, 1, int.from_bytes(struct.pack("=H", _NEW_GENERATION), "big")),
        (_TAKE, 0, 0, 0xFFFFFFFF),
        (_TAKE, 0, 0, 0),
    )
)


class Generations:
    """A socket that hears of changes: one message each, not one for each of thousands of elements."""

    def __init__(self) -> None:
        self.socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, NETLINK_NETFILTER
        )
        program = ctypes.create_string_buffer(_ONLY_GENERATIONS)
        count = len(_ONLY_GENERATIONS) // struct.calcsize("=HBBI")
        self.socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", count, ctypes.addressof(program))
        )
        self.socket.bind((0, 1 << (_GROUP_NFTABLES - 1)))

    def close(self) -> None:
        """Release the socket."""
        self.socket.close()

    def read(self) -> list[int]:
        """Process numbers behind the changes heard of now; -1 when some were lost."""
        authors: list[int] = []
        while True:
            try:
                heard = self.socket.recv(1 << 16)
            except BlockingIOError:
                return authors
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                authors.append(-1)
                continue
            for kind, _, _, body in messages(heard):
                if kind == _NEW_GENERATION:
                    authors += [
                        int.from_bytes(value, "big") for number, value in attributes(body[4:]) if number == _PROCESS
                    ]


async def watch_ruleset(own_processes: Callable[[], Collection[int]], changed_by_another: asyncio.Event) -> None:
    """Until cancelled, set the event when a program that is not ours changed nftables (it may have flushed all)."""
    generations = Generations()
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    loop.add_reader(generations.socket, changed.set)
    try:
        while True:
            await changed.wait()
            changed.clear()
            foreign = set(generations.read()).difference(own_processes())
            if foreign:
                event("ruleset.changed_by_another", "warning", processes=len(foreign))
                changed_by_another.set()
                await asyncio.sleep(_SHORTEST_REPAIR_S)  # a program that changes rules in a row gets one repair
    finally:
        loop.remove_reader(generations.socket)
        generations.close()
