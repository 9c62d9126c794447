"""Lists as people publish them: what is taken, what is left and counted, what is junk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.errors import FilterError
from filters.formats import MAX_LINE, Format, Listing, read_listing


def _read(text: str | bytes) -> Listing:
    return read_listing(text.encode() if isinstance(text, str) else text, where="list x (x.txt)")


def _names(listing: Listing) -> list[tuple[str, int, bool]]:
    return [(entry.name, entry.line, entry.exact) for entry in listing.entries]


def _rejected(listing: Listing) -> dict[str, int]:
    return {each.reason: each.count for each in listing.rejects}


def test_plain_lines_reach_below_and_comments_go() -> None:
    listing = _read("# head\n! note\nA.vn\nb.vn # likely\n*.c.vn\n.d.vn\ne.vn.\n\n[Adblock Plus 2.0]\n")
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn", "c.vn", "d.vn", "e.vn"]
    assert [entry.line for entry in listing.entries] == [3, 4, 5, 6, 7]
    assert not any(entry.exact for entry in listing.entries)
    assert listing.format is Format.PLAIN
    assert not listing.rejects


def test_hosts_lines_are_exact_and_every_name_counts() -> None:
    listing = _read(
        "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n0.0.0.0 0.0.0.0\n0.0.0.0 a.vn b.vn\tC.vn # x\n"
    )
    assert _names(listing) == [("a.vn", 4, True), ("b.vn", 4, True), ("c.vn", 4, True)]
    assert listing.format is Format.HOSTS
    assert _rejected(listing) == {"name-of-this-machine": 4}


def test_what_is_not_understood_is_counted_with_its_line() -> None:
    listing = _read(
        "a.vn\nb.vn\nc.vn\n||ads.vn^\n@@||ok.vn^\nx.vn##.banner\n/^ads/\naddress=/d.vn/\nx.vn/path\n192.0.2.1\n"
        "two words\n" + "y" * 64 + ".vn\n"
    )
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn", "c.vn"]
    assert _rejected(listing) == {
        "adblock": 3,
        "regular-expression": 1,
        "dnsmasq": 1,
        "address-with-path": 1,
        "ip-address": 1,
        "several-words": 1,
        "label-too-long": 1,
    }
    adblock = next(each for each in listing.rejects if each.reason == "adblock")
    assert adblock.first == ((4, "||ads.vn^"), (5, "@@||ok.vn^"), (6, "x.vn##.banner"))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa.vn\r\nb.vn\r\n",
        b"a.vn\rb.vn\r",
        "a.vn\nb.vn\n".encode("utf-16"),
        b"a.vn\nb.vn",
        b"\n\n  a.vn  \n\tb.vn\n",
    ],
)
def test_line_ends_and_byte_order_marks_do_not_matter(content: bytes) -> None:
    assert [entry.name for entry in _read(content).entries] == ["a.vn", "b.vn"]


def test_odd_bytes_are_counted_not_fatal() -> None:
    listing = _read(b"a.vn\nb.vn\nc.vn\nd\0.vn\n\xff\xfe.vn\n" + b"x" * (1 << 20) + b"\ne.vn\n")
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn", "c.vn", "e.vn"]
    assert _rejected(listing)["line-too-long"] == 1
    assert sum(_rejected(listing).values()) == 3
    assert all(len(text) <= 80 for each in listing.rejects for _, text in each.first)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"# only comments\n", "empty"),
        (b"<!DOCTYPE html>\n<html><body>a.vn</body></html>", "web page"),
        (b"\n\n<HTML>\na.vn\n", "web page"),
        (b"import os\nprint(1)\nreturn x;\n", "no list of names"),
        (b"||a.vn^\n||b.vn^\n", "adblock syntax is not read yet"),
        (bytes(range(256)) * 40, "no list of names"),
        (b"x" * (1 << 20), "no list of names"),
    ],
)
def test_junk_is_refused_with_its_name_and_a_hint(content: bytes, says: str) -> None:
    with pytest.raises(FilterError) as junk:
        _read(content)
    assert says in str(junk.value)
    assert junk.value.where == "list x (x.txt)"
    assert junk.value.hint


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        listing = _read(content)
    except FilterError:
        return
    assert listing.entries
    assert all(entry.line >= 1 and entry.name == entry.name.lower() for entry in listing.entries)


@given(st.lists(st.sampled_from(["a.vn", "0.0.0.0 b.vn c.vn", "||x^", "#", "", "*.d.vn", "é.vn", "1.2.3.4", "x y"])))
def test_lines_keep_their_numbers_in_any_mixture(lines: list[str]) -> None:
    try:
        listing = _read("\n".join(lines))
    except FilterError:
        return
    for entry in listing.entries:
        assert entry.name in lines[entry.line - 1] or lines[entry.line - 1] == "é.vn"


def test_the_longest_line_that_is_read() -> None:
    names = " ".join(f"n{i}.vn" for i in range(400))
    assert len(names) < MAX_LINE
    assert len(_read("0.0.0.0 " + names).entries) == 400
