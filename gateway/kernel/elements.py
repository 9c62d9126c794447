"""The elements of nftables' sets and maps, packed and unpacked: wire only, no policy.

In:  set names and packed keys (from gateway.kernel.sets). Out: elements as the kernel holds them.
One call is one atomic transaction, or one dump. Layout: linux/netfilter/nf_tables.h.
"""

import errno
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gateway.kernel.nfnetlink import FLAG_CREATE, FLAG_ECHO, Link, attribute, attributes

_NF_TABLES = 10
_SUBSYSTEM = _NF_TABLES << 8
_GET_TABLE, _NEW_ELEMENT, _GET_ELEMENT, _DELETE_ELEMENT, _GET_OBJECT = 1, 12, 13, 14, 19
_OBJECT_COUNTER = 1
_INET = 1
_ITEMS = 3
_HEAD = 4
"""Length and kind, before each attribute."""


class Element(NamedTuple):
    """One element of a set or map. A tuple: a listing makes thousands."""

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
    counted: tuple[int, int] | None = None
    """What its counter begins with: bytes and packets."""


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
        shapes: Shapes = {}
        return [
            element
            for body in self._link.dump(_SUBSYSTEM | _GET_ELEMENT, self._names(set_name))
            for kind, items in attributes(body[4:])
            if kind == _ITEMS
            for element in elements_in(items, shapes)
        ]

    def get(self, set_name: str, key: bytes) -> Element | None:
        """One element; None when it is not there."""
        body = self._names(set_name) + attribute(3, _element(key, None, None), nested=True)
        found = self._ask_if_there(_GET_ELEMENT, body)
        return next((element for answer in found for _, element in _elements_of(answer)), None)

    def counter(self, name: str) -> int:
        """Bytes of a named counter; 0 when it is not there."""
        kind = attribute(3, struct.pack("!I", _OBJECT_COUNTER))
        found = self._ask_if_there(_GET_OBJECT, self._names(name) + kind)
        parts = (dict(attributes(body[4:])) for body in found)
        counts = (dict(attributes(part.get(4, b""))) for part in parts)
        return next((int.from_bytes(count.get(1, b""), "big") for count in counts), 0)

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
        element = _element(change.key, change.data, change.timeout_s, change.counted)
        return _SUBSYSTEM | kind, flags, self._names(change.set_name) + attribute(3, element, nested=True)

    def _names(self, set_name: str) -> bytes:
        return struct.pack("!BBH", _INET, 0, 0) + attribute(1, self._table) + attribute(2, set_name.encode() + b"\0")


def _element(key: bytes, data: bytes | None, timeout_s: int | None, counted: tuple[int, int] | None = None) -> bytes:
    body = attribute(1, attribute(1, key), nested=True)
    if data is not None:
        body += attribute(2, attribute(1, data), nested=True)
    if timeout_s is not None:
        body += attribute(4, struct.pack("!Q", timeout_s * 1000))
    if counted is not None:
        counts = b"".join(
            attribute(kind, struct.pack("!Q", count)) for kind, count in zip((1, 2), counted, strict=True)
        )
        body += attribute(7, attribute(1, b"counter\0") + attribute(2, counts, nested=True), nested=True)
    return attribute(1, body, nested=True)


def _elements_of(body: bytes) -> list[tuple[str, Element]]:
    set_name = ""
    found: list[Element] = []
    for kind, value in attributes(body[4:]):
        if kind == 2:
            set_name = value.rstrip(b"\0").decode("ascii", "replace")
        elif kind == _ITEMS:
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


class _Shape:
    """Where the parts of an element are, learned from one: a set's elements have the same attributes in one order.

    A listing of 1,000 sessions has 3,000 elements; taken apart attribute by attribute they are most of its time.
    """

    def __init__(self, body: bytes) -> None:
        """ValueError when the element has parts that are not known here."""
        spans = sorted(_spans(body))
        edges = [0, *(edge for start, end, _ in spans for edge in (start, end)), len(body)]
        widths = (end - start for start, end in pairwise(edges))
        layout = "".join(f"{width}s" for width in widths)
        self._row = struct.Struct(f"{_HEAD}s{layout}{-len(body) % 4}x")
        whole = self._row.unpack(attribute(1, body, nested=True))
        self._fixed = whole[1::2]
        place = {what: 2 * index + 2 for index, (_, _, what) in enumerate(spans)}
        self._key, self._data = place["key"], place.get("data")
        self._counts = (place["bytes"], place["packets"]) if "bytes" in place else None

    def all_of(self, items: bytes) -> list[Element] | None:
        """Elements one behind the other, each with its head; None when one has other parts."""
        rows = list(self._row.iter_unpack(items))
        if any(row[1::2] != self._fixed or row[0] != rows[0][0] for row in rows):
            return None
        key, data = self._key, self._data
        if self._counts is None:
            return [Element(row[key], None if data is None else row[data]) for row in rows]
        up, packets = self._counts
        number = int.from_bytes
        return [
            Element(row[key], None if data is None else row[data], number(row[up], "big"), number(row[packets], "big"))
            for row in rows
        ]


Shapes = dict[int, _Shape | None]


def elements_in(items: bytes, shapes: Shapes) -> list[Element]:
    """The elements of one message. Alike, as a set's are, they are cut at once; else each by its attributes.

    `shapes`: what is known of those of this dump, by length; empty at first.
    """
    _, first = next(attributes(items), (0, b""))
    if first and len(items) % (_HEAD + len(first) + -len(first) % 4) == 0:
        if len(first) not in shapes:
            try:
                shapes[len(first)] = _Shape(first)
            except (ValueError, KeyError):
                shapes[len(first)] = None
        shape = shapes[len(first)]
        if shape and (found := shape.all_of(items)) is not None:
            return found
    return [_parsed(body) for _, body in attributes(items)]


_TIMEOUT, _EXPIRATION = 4, 5
_PART_OF = {(1, 1): "key", (2, 1): "data", (7, 2, 1): "bytes", (7, 2, 2): "packets"}
_PART_OF |= {(_TIMEOUT,): "timeout", (_EXPIRATION,): "expiration"}
_NESTS = {(1,), (2,), (7,), (7, 2)}
_SAME_IN_ALL = {(7, 1)}  # the expression's name


def _spans(body: bytes, base: int = 0, above: tuple[int, ...] = ()) -> Iterator[tuple[int, int, str]]:
    """(start, end, part) of what differs from element to element."""
    place = 0
    for kind, value in attributes(body):
        path, start = (*above, kind), base + place + 4
        if path in _NESTS:
            yield from _spans(value, start, path)
        elif path in _PART_OF:
            yield start, start + len(value), _PART_OF[path]
        elif path not in _SAME_IN_ALL:
            raise ValueError(f"an attribute {path} is not known")
        place += 4 + len(value) + -len(value) % 4
