"""The block set answers who says so, and a file that is not whole is never used."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.blockset import BadBlocksetError, Blockset, SourceLines, encode, fingerprint, verified
from filters.formats import Entry
from filters.settings import Action


def _source(name: str, *entries: Entry, action: str = "block", category: str = "games") -> SourceLines:
    about: dict[str, Any] = {
        "name": name,
        "category": category,
        "action": action,
        "location": f"{name}.txt",
        "format": "plain",
        "rejects": [["adblock", 2, [[7, "||x^"]]]],
    }
    return SourceLines(about, entries)


def _bytes(*sources: SourceLines) -> bytes:
    return encode(sources, {"generation": 3})


def _set(*sources: SourceLines) -> Blockset:
    return verified(memoryview(_bytes(*sources)), where="memory")


def test_a_match_tells_list_line_and_reach() -> None:
    blockset = _set(
        _source("one", Entry("garena.vn", 12, False), Entry("x.vn", 40, True)),
        _source("two", Entry("garena.vn", 3, False), category="own", action="allow"),
    )
    found = blockset.matches("shop.garena.vn")
    assert [(m.listed, m.source.name, m.line, m.exact) for m in found] == [
        ("garena.vn", "one", 12, False),
        ("garena.vn", "two", 3, False),
    ]
    assert found[1].source.action is Action.ALLOW
    assert [m.line for m in blockset.matches("x.vn")] == [40]
    assert blockset.matches("a.x.vn") == []
    assert blockset.matches("vn") == []
    assert blockset.generation == 3
    assert blockset.sources[0].names == 2
    assert blockset.sources[0].rejects == (("adblock", 2, ((7, "||x^"),)),)


def test_the_most_specific_name_comes_first() -> None:
    blockset = _set(_source("one", Entry("vn", 1, False), Entry("b.vn", 2, False), Entry("a.b.vn", 3, False)))
    assert [m.listed for m in blockset.matches("a.b.vn")] == ["a.b.vn", "b.vn", "vn"]


def test_a_list_that_repeats_itself_counts_once_and_shows_its_first_line() -> None:
    blockset = _set(_source("one", Entry("a.vn", 1, False), Entry("a.vn", 2, False), Entry("a.vn", 3, True)))
    assert [m.line for m in blockset.matches("a.vn")] == [1]
    assert blockset.sources[0].names == 1
    exact_first = _set(_source("one", Entry("a.vn", 1, True), Entry("a.vn", 2, False)))
    assert [m.line for m in exact_first.matches("x.a.vn")] == [2]


def test_no_lists_and_empty_lists_are_sets_too() -> None:
    assert _set().matches("a.vn") == []
    assert _set(_source("one")).matches("a.vn") == []


@given(st.sets(st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,3}){0,3}", fullmatch=True), max_size=60))
def test_it_holds_what_was_put_in_and_nothing_else(names: set[str]) -> None:
    blockset = _set(_source("one", *(Entry(name, line, False) for line, name in enumerate(sorted(names), 1))))
    for line, name in enumerate(sorted(names), 1):
        assert (name, line) in [(m.listed, m.line) for m in blockset.matches(name)]
    for name in ("zz9.example", "q", "a.a.a.a.a.a"):
        parents = {name.split(".", n)[-1] for n in range(name.count(".") + 1)}
        assert {m.listed for m in blockset.matches(name)} == parents & names


@pytest.mark.parametrize("at", range(0, 64, 4))
def test_damage_to_the_header_is_seen(at: int) -> None:
    content = bytearray(_bytes(_source("one", Entry("a.vn", 1, False))))
    content[at] ^= 0x55
    if 24 <= at < 32:
        return  # the number of entries is for people, nothing is read by it
    with pytest.raises(BadBlocksetError):
        verified(memoryview(bytes(content)), where="x.set")


@given(st.data())
def test_a_file_cut_off_or_changed_anywhere_is_refused(data: st.DataObject) -> None:
    content = _bytes(_source("one", Entry("a.vn", 1, False), Entry("b.vn", 2, True)))
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(BadBlocksetError):
        verified(memoryview(content[:cut]), where="x.set")
    at = data.draw(st.integers(64, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadBlocksetError, match=r"checksum"):
        verified(memoryview(bytes(changed)), where="x.set")


def test_the_fingerprint_never_changes() -> None:
    # files outlive the program that wrote them: another hash needs another version number
    assert fingerprint("napthe.vn") == 0x6AAE3522FF09D9DC
