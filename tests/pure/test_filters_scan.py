"""The scanner says of simple lines what the line reader says, and leaves all others to it."""

from hashlib import blake2b

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from filters.fingerprint import MODULUS, P1, P2, fingerprint
from filters.formats.entry import Reading
from filters.formats.lines import read_line
from filters.scan import fingerprints_of, scan

_NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,9}(\.[a-zA-Z0-9_-]{1,64}){0,3}\.?", fullmatch=True)
_ODD = st.sampled_from(
    [
        "localhost",
        "localhost.localdomain",
        "ip6-loopback.x",
        "0.0.0.0",
        "local.vn",
        "a..b.vn",
        ".a.vn",
        "*.a.vn",
        "1.2.3.4",
    ]
)
_HEADS = st.sampled_from(
    ["", "", "", "0.0.0.0 ", "127.0.0.1\t", ":: ", "::1 ", "0.0.0.0  ", "||", "@@||", "|", "#", " "]
)
_TAILS = st.sampled_from(["", "", "", " ", "\r", "\t \r", "^", "^$important", " # why", "^ ", "/"])
_LINES = st.lists(st.builds("{}{}{}".format, _HEADS, _NAMES | _ODD, _TAILS) | st.text(max_size=12), max_size=12)


def _read(numbered: list[tuple[int, bytes]]) -> list[tuple[int, int, int]]:
    reading = Reading()
    for number, raw in numbered:
        read_line(raw.decode("utf-8", "replace"), number, reading)
    return [(fingerprint(entry.name), entry.line, entry.reach) for entry in reading.entries]


@given(_LINES)
def test_both_ways_of_reading_a_list_come_to_the_same(lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    scanned = scan(content)
    quick = list(zip(scanned.fingerprints.tolist(), scanned.lines.tolist(), scanned.reaches.tolist(), strict=True))
    slow = _read(list(enumerate(map(bytes.rstrip, content.split(b"\n")), 1)))
    assert sorted(quick + _read(scanned.others)) == sorted(slow)


def test_most_lines_of_a_list_are_simple() -> None:
    text = b"# a list\n" + b"Games.Example.VN\r\n0.0.0.0 a.example.vn\n||b.example.vn^\n" * 1000
    scanned = scan(text)
    assert len(scanned.lines) == 3000 and scanned.adblock == 1000
    assert [number for number, _ in scanned.others] == [1]
    assert scanned.lines[:3].tolist() == [2, 3, 4]


def test_a_rule_that_takes_others_back_leaves_them_to_the_reader() -> None:
    assert scan(b"||a.vn^\n||a.vn^$badfilter\n").others == [(1, b"||a.vn^"), (2, b"||a.vn^$badfilter")]


def test_a_list_longer_than_a_chunk_keeps_its_line_numbers() -> None:
    count = 400_000
    content = b"\n".join(b"n%06d.example.vn" % number for number in range(count))
    scanned = scan(content)
    assert scanned.lines.tolist() == list(range(1, count + 1))
    for number in (0, 123_456, 262_143, count - 1):
        assert scanned.fingerprints[number] == fingerprint(f"n{number:06d}.example.vn")


def test_fingerprints_of_many_are_those_of_each() -> None:
    alphabet = "abcxyz0189-_."
    digests = [blake2b(b"%d" % number, digest_size=64).digest() * 4 for number in range(4 * 253)]
    names = ["".join(alphabet[octet % 13] for octet in each[: 1 + at % 253]) for at, each in enumerate(digests)]
    text = np.frombuffer(bytes(253) + "".join(names).encode() + bytes(8), np.uint8)
    sizes = np.array([len(name) for name in names])
    assert fingerprints_of(text, 253 + np.cumsum(sizes), sizes).tolist() == [fingerprint(name) for name in names]


def test_the_modulus_is_the_product_of_two_primes() -> None:
    for prime in (P1, P2):
        assert all(prime % divisor for divisor in range(2, 46_341))
    assert P1 != P2 and MODULUS < 2**62
