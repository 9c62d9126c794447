"""A dump's elements, cut at once where they are alike, attribute by attribute where not: the same comes out."""

import struct

from gateway.kernel.elements import Element, Shapes, elements_in
from gateway.kernel.nfnetlink import attribute


def element(
    number: int, *, counted: tuple[int, int] | None = None, data: bytes | None = None, last: bytes = b"", of: int = 1
) -> bytes:
    """As the kernel writes one: key, data, time-out and what is left of it, counter; `last`: one nobody knows."""
    body = attribute(1, attribute(1, struct.pack("=I", number)), nested=True)
    if data is not None:
        body += attribute(2, attribute(1, data), nested=True)
    body += attribute(4, struct.pack("!Q", 7_200_000)) + attribute(5, struct.pack("!Q", 1000 * number))
    if counted is not None:
        counts = b"".join(
            attribute(kind, struct.pack("!Q", count)) for kind, count in zip((1, 2), counted, strict=True)
        )
        body += attribute(7, attribute(1, b"counter\0") + attribute(2, counts, nested=True), nested=True)
    return attribute(of, body + last, nested=True)


def key(number: int) -> bytes:
    return struct.pack("=I", number)


def test_counters_of_many_sessions() -> None:
    counted = [(number, (number << 33, number)) for number in range(1, 400)]
    items = b"".join(element(number, counted=counts) for number, counts in counted)
    assert elements_in(items, {}) == [Element(key(n), None, up, packets) for n, (up, packets) in counted]


def test_data_shorter_than_its_padding() -> None:
    """A port has two bytes, filled up to four."""
    items = b"".join(element(number, data=struct.pack("!H", 5353 + number)) for number in range(9))
    assert elements_in(items, {}) == [Element(key(n), struct.pack("!H", 5353 + n)) for n in range(9)]


def test_one_that_is_not_as_the_others_costs_only_time() -> None:
    odd = element(2, counted=(5, 6), last=attribute(9, b"abcd"))
    as_long = attribute(1, attribute(1, attribute(1, key(3)), nested=True) + attribute(8, b"\0" * 80), nested=True)
    alike = [element(number, counted=(number, 1)) for number in (1, 4)]
    wanted = [Element(key(1), None, 1, 1), Element(key(2), None, 5, 6), Element(key(4), None, 4, 1)]
    shapes: Shapes = {}
    assert elements_in(alike[0] + odd + alike[1], shapes) == wanted
    assert elements_in(odd, shapes) == [wanted[1]]
    assert elements_in(as_long + alike[0], shapes) == [Element(key(3)), wanted[0]]
    assert elements_in(b"", shapes) == []


def test_of_the_same_length_and_another_shape() -> None:
    """Eight bytes of data are as long as a key and a time-out less: what is fixed tells them apart."""
    plain, other = element(1, counted=(1, 2)), element(7, counted=(3, 4), of=2)
    assert len(plain) == len(other)
    assert [each.bytes for each in elements_in(plain + other, {})] == [1, 3]


def test_what_is_cut_short_ends_the_walk() -> None:
    whole = element(1, counted=(1, 2))
    assert elements_in(whole + whole[:20], {}) == [Element(key(1), None, 1, 2)]
