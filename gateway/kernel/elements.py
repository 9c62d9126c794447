"""The elements of nftables' sets and maps, packed and unpacked: wire only, no policy.

In:  set names and packed keys (from gateway.kernel.sets). Out: elements as the kernel holds them.
One call is one atomic transaction, or one dump. Layout: linux/netfilter/nf_tables.h.
"""

import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.kernel.nfnetlink import FLAG_CREATE, FLAG_ECHO, Link, attribute, attributes

_NF_TABLES = 10
_SUBSYSTEM = _NF_TABLES << 8
_GET_TABLE, _NEW_ELEMENT, _GET_ELEMENT, _DELETE_ELEMENT = 1, 12, 13, 14
_INET = 1


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a set or map."""

    key: bytes
    data: bytes | None = None
    bytes: int | None = None
    """Its counter, where the set has one."""
    packets: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One element to add or delete; `set_name` names a set or a map of the table."""

    set_name: str
    key: bytes
    add: bool
    data: bytes | None = None
    timeout_s: int | None = None


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
        kind, flags = (_NEW_ELEMENT, FLAG_CREATE) if change.add else (_DELETE_ELEMENT, FLAG_ECHO)
        element = _element(change.key, change.data, change.timeout_s)
        return _SUBSYSTEM | kind, flags, self._names(change.set_name) + attribute(3, element, nested=True)

    def _names(self, set_name: str) -> bytes:
        return struct.pack("!BBH", _INET, 0, 0) + attribute(1, self._table) + attribute(2, set_name.encode() + b"\0")


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
    key, data = b"", None
    counted: tuple[int, int] | None = None
    for kind, value in attributes(body):
        if kind == 1:
            key = _plain(value)
        elif kind == 2:
            data = _plain(value)
        elif kind == 7:
            counted = counted or _counter(value)
        elif kind == 11:  # a list of expressions, on sets that hold several
            for _, expression in attributes(value):
                counted = counted or _counter(expression)
    return Element(key, data, *(counted or (None, None)))


def _plain(value: bytes) -> bytes:
    return next((inner for kind, inner in attributes(value) if kind == 1), b"")


def _counter(expression: bytes) -> tuple[int, int] | None:
    """Bytes and packets; None when the expression is no counter."""
    parts = dict(attributes(expression))
    if parts.get(1) != b"counter\0":
        return None
    counts = dict(attributes(parts.get(2, b"")))
    return int.from_bytes(counts.get(1, b""), "big"), int.from_bytes(counts.get(2, b""), "big")
