"""The block set answers who says so, and a file that is not whole is never used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.blockset import BadBlocksetError, Blockset, verified
from filters.fingerprint import HOME_BITS, fingerprint
from filters.formats.entry import Entry
from filters.segments import compile_list
from filters.settings import Action, Source
from filters.special import Reach
from filters.table import Segment, encode

_WRITTEN = {Reach.TREE: "{}", Reach.EXACT: "0.0.0.0 {}", Reach.BELOW: "0.0.0.0 *.{}"}


def _source(name: str, *entries: Entry, action: Action = Action.BLOCK, category: str = "games") -> Segment:
    lines = [""] * max((entry.line for entry in entries), default=1)
    for entry in entries:
        lines[entry.line - 1] = _WRITTEN[entry.reach].format(entry.name)
    lines += ["192.0.2.1"] * 2
    source = Source(name, category, f"{name}.txt", action)
    return compile_list("\n".join(lines).encode(), source, [], where=name)


def _bytes(*sources: Segment) -> bytes:
    return b"".join(encode(sources, {"generation": 3}))


def _set(*sources: Segment) -> Blockset:
    return verified(memoryview(_bytes(*sources)), where="memory")


def test_a_match_tells_list_line_and_reach() -> None:
    blockset = _set(
        _source("one", Entry("garena.vn", 12, Reach.TREE), Entry("x.vn", 40, Reach.EXACT)),
        _source("two", Entry("garena.vn", 3, Reach.TREE), category="own", action=Action.ALLOW),
    )
    found = blockset.matches("shop.garena.vn")
    assert [(m.listed, m.source.name, m.line, m.reach) for m in found] == [
        ("garena.vn", "one", 12, Reach.TREE),
        ("garena.vn", "two", 3, Reach.TREE),
    ]
    assert found[1].source.action is Action.ALLOW
    assert [m.line for m in blockset.matches("x.vn")] == [40]
    assert blockset.matches("a.x.vn") == []
    assert blockset.matches("vn") == []
    assert blockset.generation == 3
    assert blockset.sources[0].names == 2
    assert blockset.sources[0].rejects == (("ip-address", 2, ((41, "192.0.2.1"), (42, "192.0.2.1"))),)


def test_the_most_specific_name_comes_first() -> None:
    blockset = _set(
        _source("one", Entry("vn", 1, Reach.TREE), Entry("b.vn", 2, Reach.TREE), Entry("a.b.vn", 3, Reach.TREE))
    )
    assert [m.listed for m in blockset.matches("a.b.vn")] == ["a.b.vn", "b.vn", "vn"]


def test_a_list_that_repeats_itself_counts_once_and_shows_its_first_line() -> None:
    blockset = _set(
        _source("one", Entry("a.vn", 1, Reach.TREE), Entry("a.vn", 2, Reach.TREE), Entry("a.vn", 3, Reach.EXACT))
    )
    assert [m.line for m in blockset.matches("a.vn")] == [1]
    assert blockset.sources[0].names == 1
    exact_first = _set(_source("one", Entry("a.vn", 1, Reach.EXACT), Entry("a.vn", 2, Reach.TREE)))
    assert [m.line for m in exact_first.matches("x.a.vn")] == [2]


def test_no_lists_are_a_set_too() -> None:
    assert _set().matches("a.vn") == []
    assert _set(_source("one", Entry("a.vn", 1, Reach.BELOW))).matches("a.vn") == []


@given(st.sets(st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,3}){0,3}", fullmatch=True), min_size=1, max_size=60))
def test_it_holds_what_was_put_in_and_nothing_else(names: set[str]) -> None:
    blockset = _set(_source("one", *(Entry(name, line, Reach.TREE) for line, name in enumerate(sorted(names), 1))))
    for line, name in enumerate(sorted(names), 1):
        assert (name, line) in [(m.listed, m.line) for m in blockset.matches(name)]
    for name in ("zz9.example", "q", "a.a.a.a.a.a"):
        parents = {name.split(".", n)[-1] for n in range(name.count(".") + 1)}
        assert {m.listed for m in blockset.matches(name)} == parents & names


@pytest.mark.parametrize("at", range(0, 64, 4))
def test_damage_to_the_header_is_seen(at: int) -> None:
    content = bytearray(_bytes(_source("one", Entry("a.vn", 1, Reach.TREE))))
    content[at] ^= 0x55
    with pytest.raises(BadBlocksetError):
        verified(memoryview(bytes(content)), where="x.set")


@given(st.data())
def test_a_file_cut_off_or_changed_anywhere_is_refused(data: st.DataObject) -> None:
    content = _bytes(_source("one", Entry("a.vn", 1, Reach.TREE), Entry("b.vn", 2, Reach.EXACT)))
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(BadBlocksetError):
        verified(memoryview(content[:cut]), where="x.set")
    at = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadBlocksetError, match=r"digest|not this kind|version|cut off"):
        verified(memoryview(bytes(changed)), where="x.set")


def test_the_fingerprint_never_changes() -> None:
    # files outlive the program that wrote them: another hash needs another version number
    assert fingerprint("napthe.vn") == 0x71F0DC0B4F75131


@pytest.mark.parametrize("shape", ["n{:07d}.example.vn", "{:x}.vn", "www.{:x}.com", "{:b}.x", "x{:d}"])
def test_names_that_look_alike_do_not_crowd_into_one_corner(shape: str) -> None:
    homes = 40_000
    wanted = sorted(fingerprint(shape.format(number)) for number in range(30_000))
    last = -1
    farthest = 0
    for each in wanted:
        home = (each >> HOME_BITS) * homes >> HOME_BITS
        last = max(home, last + 1)
        farthest = max(farthest, last - home)
    assert farthest < 100  # steps of the longest search
