"""Raw nfnetlink messages, foremost for nftables' set elements: wire only, no policy.

In:  names and packed keys (from gateway.kernel.sets). Out: elements as the kernel holds them.
One call is one atomic transaction (or one dump); the kernel answers within the call, so nothing here waits.
Layout: linux/netfilter/nf_tables.h, linux/netlink.h. What the kernel refuses raises OSError with its errno.
"""

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NETLINK_NETFILTER = 12
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_REQUEST, _ACK, _ECHO, _DUMP, _CREATE = 0x1, 0x4, 0x8, 0x300, 0x400
_DUMP_INTERRUPTED = 0x10
_ERROR, _DONE = 2, 3
_BATCH_BEGIN, _BATCH_END = 16, 17
_NF_TABLES = 10
_SUBSYSTEM = _NF_TABLES << 8
_GET_TABLE, _NEW_ELEMENT, _GET_ELEMENT, _DELETE_ELEMENT, _NEW_GENERATION = 1, 12, 13, 14, 15
_INET = 1
_NESTED = 0x8000
_TYPE_MASK = 0x3FFF
_GROUP_NFTABLES = 7
_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a set or map."""

    key: bytes
    data: bytes | None = None
    bytes: int | None = None
    """Its counter, where the set has one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One element to add or delete; `set_name` names a set or a map of the table."""

    set_name: str
    key: bytes
    add: bool
    data: bytes | None = None
    timeout_s: int | None = None


class Link:
    """A socket to the kernel's netfilter subsystems; one question at a time."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER)
        self._socket.bind((0, 0))
        self._socket.settimeout(5.0)  # the kernel answers within the call; a lost answer must not hang the loop
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._sequence = 0

    def close(self) -> None:
        """Release the socket."""
        self._socket.close()

    def ask(self, kind: int, body: bytes) -> list[bytes]:
        """Bodies of the answers to one message; OSError when it is refused."""
        self._send(kind, _REQUEST | _ACK, body)
        answers: list[bytes] = []
        while True:
            for got, sequence, _, answer in messages(self._socket.recv(1 << 20)):
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
            for kind, sequence, _, body in messages(self._socket.recv(1 << 20)):
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
            for got, sequence, flags, answer in messages(self._socket.recv(1 << 20)):
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


class Elements:
    """The elements of one inet table's sets and maps."""

    def __init__(self, table: str) -> None:
        self._table = table.encode() + b"\0"
        self._link = Link()

    def close(self) -> None:
        """Release the socket."""
        self._link.close()

    def change(self, changes: Sequence[Change]) -> list[tuple[str, Element]]:
        """Apply all changes or none; what was deleted comes back with its last counter, as (set name, Element).

        OSError ENOENT when an element to delete is not there, EEXIST when one to add has other data.
        """
        echoed = self._link.batch(_NF_TABLES, [self._item(change) for change in changes])
        deleted = _SUBSYSTEM | _DELETE_ELEMENT
        return [found for kind, body in echoed if kind == deleted for found in _elements_of(body)]

    def dump(self, set_name: str) -> list[Element]:
        """All elements of a set."""
        answers = self._link.dump(_SUBSYSTEM | _GET_ELEMENT, self._names(set_name))
        return [element for body in answers for _, element in _elements_of(body)]

    def get(self, set_name: str, key: bytes) -> Element | None:
        """One element; None when it is not there."""
        body = self._names(set_name) + attribute(3, _element(key, None, None), nested=True)
        found = self._ask_if_there(_GET_ELEMENT, body)
        return next((element for answer in found for _, element in _elements_of(answer)), None)

    def table_handle(self) -> int | None:
        """The number of the table's present life; None when there is no table."""
        found = self._ask_if_there(_GET_TABLE, struct.pack("!BBH", _INET, 0, 0) + attribute(1, self._table))
        handles = (value for body in found for kind, value in attributes(body[4:]) if kind == 4)
        return next((int.from_bytes(value, "big") for value in handles), None)

    def _ask_if_there(self, kind: int, body: bytes) -> list[bytes]:
        try:
            return self._link.ask(_SUBSYSTEM | kind, body)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return []
            raise

    def _item(self, change: Change) -> tuple[int, int, bytes]:
        kind, flags = (_NEW_ELEMENT, _CREATE) if change.add else (_DELETE_ELEMENT, _ECHO)
        element = _element(change.key, change.data, change.timeout_s)
        return _SUBSYSTEM | kind, flags, self._names(change.set_name) + attribute(3, element, nested=True)

    def _names(self, set_name: str) -> bytes:
        return struct.pack("!BBH", _INET, 0, 0) + attribute(1, self._table) + attribute(2, set_name.encode() + b"\0")


class Generations:
    """Hears of every change of the ruleset, by whomever."""

    def __init__(self) -> None:
        self.socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, _NETLINK_NETFILTER
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
                if kind == _SUBSYSTEM | _NEW_GENERATION:
                    authors += [int.from_bytes(value, "big") for number, value in attributes(body[4:]) if number == 2]


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


def _element(key: bytes, data: bytes | None, timeout_s: int | None) -> bytes:
    body = attribute(1, attribute(1, key), nested=True)
    if data is not None:
        body += attribute(2, attribute(1, data), nested=True)
    if timeout_s is not None:
        body += attribute(4, struct.pack("!Q", timeout_s * 1000))
    return attribute(1, body, nested=True)


def _elements_of(body: bytes) -> list[tuple[str, Element]]:
    set_name = ""
    found: list[Element] = []
    for kind, value in attributes(body[4:]):
        if kind == 2:
            set_name = value.rstrip(b"\0").decode("ascii", "replace")
        elif kind == 3:
            found += [_parsed(item) for _, item in attributes(value)]
    return [(set_name, element) for element in found]


def _parsed(body: bytes) -> Element:
    key, data, count = b"", None, None
    for kind, value in attributes(body):
        if kind == 1:
            key = _plain(value)
        elif kind == 2:
            data = _plain(value)
        elif kind == 7:
            count = _counter(value) if count is None else count
        elif kind == 11:  # a list of expressions, on sets that hold several
            for _, expression in attributes(value):
                count = _counter(expression) if count is None else count
    return Element(key, data, count)


def _plain(value: bytes) -> bytes:
    return next((inner for kind, inner in attributes(value) if kind == 1), b"")


def _counter(expression: bytes) -> int | None:
    parts = dict(attributes(expression))
    if parts.get(1) != b"counter\0":
        return None
    return next((int.from_bytes(value, "big") for kind, value in attributes(parts.get(2, b"")) if kind == 1), None)
