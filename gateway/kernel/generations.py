"""Hears of every change of the ruleset, by whomever (linux/netfilter/nf_tables.h, NFT_MSG_NEWGEN)."""

import errno
import socket

from gateway.kernel.nfnetlink import NETLINK_NETFILTER, attributes, messages

_NEW_GENERATION = 10 << 8 | 15
_PROCESS = 2
_GROUP_NFTABLES = 7


class Generations:
    """A socket that hears of changes."""

    def __init__(self) -> None:
        self.socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, NETLINK_NETFILTER
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
                heard = self.socket.recv(1 << 20)
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
