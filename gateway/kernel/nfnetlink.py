"""Raw nfnetlink: one socket, questions, dumps and batches; what a message means is the caller's.

The kernel answers within the call, so nothing here waits. What it refuses raises OSError with its errno.
Layout: linux/netlink.h, linux/netfilter/nfnetlink.h.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator, Sequence

NETLINK_NETFILTER = 12
FLAG_CREATE, FLAG_REPLACE, FLAG_ECHO = 0x400, 0x100, 0x8
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_DUMP_INTERRUPTED = 0x10
_ERROR, _DONE = 2, 3
_BATCH_BEGIN, _BATCH_END = 16, 17
_NESTED = 0x8000
_TYPE_MASK = 0x3FFF
_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_TRIES = 5
_LARGEST = 1 << 16
"""The kernel's own datagrams hold 32 kB at most (af_netlink.c, netlink_dump); room for a megabyte is made anew at each
receiving, and that took longer than the answer: 30 us."""


class Link:
    """A netlink socket, to the netfilter subsystems unless said otherwise; one question at a time."""

    def __init__(self, protocol: int = NETLINK_NETFILTER) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        self._socket.bind((0, 0))
        self._socket.settimeout(5.0)  # the kernel answers within the call; a lost answer must not hang the loop
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._sequence = 0

    def close(self) -> None:
        """Release the socket."""
        self._socket.close()

    def ask(self, kind: int, body: bytes, flags: int = 0) -> list[bytes]:
        """Bodies of the answers to one message; OSError when it is refused."""
        self._send(kind, _REQUEST | _ACK | flags, body)
        answers: list[bytes] = []
        while True:
            for got, sequence, _, answer in messages(self._socket.recv(_LARGEST)):
                if sequence != self._sequence:
                    continue
                if got == _ERROR:
                    _raise_if_refused(answer)
                    return answers
                answers.append(answer)

    def dump(self, kind: int, body: bytes) -> list[bytes]:
        """Bodies of a whole listing; asked again while the kernel says that it changed underneath."""
        answers: list[bytes] = []
        for _ in range(_TRIES):
            answers, interrupted = self._dump_once(kind, body)
            if not interrupted:
                break
        return answers

    def batch(self, subsystem: int, items: Sequence[tuple[int, int, bytes]]) -> list[tuple[int, bytes]]:
        """Apply (type, flags, body) items whole or not at all; what the kernel echoes, as (type, body)."""
        first = self._sequence + 1
        inner = b"".join(
            message(kind, _REQUEST | _ACK | flags, first + place, body)
            for place, (kind, flags, body) in enumerate(items)
        )
        self._sequence += len(items)
        edge = struct.pack("!BBH", 0, 0, subsystem)
        self._socket.send(message(_BATCH_BEGIN, _REQUEST, 0, edge) + inner + message(_BATCH_END, _REQUEST, 0, edge))
        waiting = set(range(first, self._sequence + 1))
        echoed: list[tuple[int, bytes]] = []
        problem: bytes | None = None
        while waiting:
            for kind, sequence, _, body in messages(self._socket.recv(_LARGEST)):
                if kind != _ERROR:
                    echoed.append((kind, body))
                    continue
                waiting.discard(sequence)
                if body[:4] != bytes(4) and problem is None:
                    problem = body
                if sequence == 0:  # the batch as a whole was refused
                    waiting.clear()
        if problem is not None:
            _raise_if_refused(problem)
        return echoed

    def _dump_once(self, kind: int, body: bytes) -> tuple[list[bytes], bool]:
        self._send(kind, _REQUEST | _DUMP, body)
        answers: list[bytes] = []
        interrupted = False
        while True:
            for got, sequence, flags, answer in messages(self._socket.recv(_LARGEST)):
                if sequence != self._sequence:
                    continue
                interrupted |= bool(flags & _DUMP_INTERRUPTED)
                if got == _DONE:
                    return answers, interrupted
                if got == _ERROR:
                    _raise_if_refused(answer)
                answers.append(answer)

    def _send(self, kind: int, flags: int, body: bytes) -> None:
        self._sequence += 1
        self._socket.send(message(kind, flags, self._sequence, body))


def message(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    """One netlink message, header and body."""
    return _HEADER.pack(_HEADER.size + len(body), kind, flags, sequence, 0) + body


def messages(datagram: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """(type, sequence, flags, body) of each message of a datagram; a length that lies ends the walk."""
    offset = 0
    while offset + _HEADER.size <= len(datagram):
        length, kind, flags, sequence, _ = _HEADER.unpack_from(datagram, offset)
        if length < _HEADER.size or offset + length > len(datagram):
            return
        yield kind, sequence, flags, datagram[offset + _HEADER.size : offset + length]
        offset += (length + 3) & ~3


def attribute(kind: int, value: bytes, *, nested: bool = False) -> bytes:
    """One attribute, padded to four bytes."""
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind | (_NESTED if nested else 0)) + value + b"\0" * (-length % 4)


def attributes(body: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, value) of each attribute; a length that lies ends the walk."""
    offset = 0
    while offset + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, offset)
        if length < _ATTRIBUTE.size or offset + length > len(body):
            return
        yield kind & _TYPE_MASK, body[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3


def _raise_if_refused(answer: bytes) -> None:
    if problem := -int.from_bytes(answer[:4], sys.byteorder, signed=True):
        raise OSError(problem, os.strerror(problem))
