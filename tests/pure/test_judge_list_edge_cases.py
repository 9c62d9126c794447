"""Blocky's golden file: one list with a line of every shape, and the entries it comes to.

Wanted differences, each on purpose:
- `trailing.dot.example.com.` stands in the golden file with its dot; no question ever has one, so ours has none.
- The bare addresses (192.168.1.1, 2001:db8::1, ::1) are no names: no question asks for them. Here they are counted as
  "ip-address"; lists of addresses are a kind of their own (settings.Kind.ADDRESSES) and go into the kernel's sets.
"""

import re

from filters.formats.listing import read_listing
from filters.special import Reach
from tests.filter_material import vectors

ADDRESSES = {"192.168.1.1", "2001:db8::1", "::1"}
WILDCARDS = {"deep.sub.wildcard.example.org", "mixedcasewildcard.example.com", "wildcard.example.com"}


def test_same_entries() -> None:
    content = vectors("list-edge-cases/edge_cases.txt").read_bytes()
    lines = vectors("list-edge-cases/edge_cases.golden").read_text(encoding="utf-8").splitlines()
    golden = {tuple(line.split("\t")) for line in lines}
    listing = read_listing(content, where="edge cases")
    reach = {entry.name: entry.reach for entry in listing.entries}
    names = {name.removesuffix(".") for kind, name in golden if kind != "regex"}
    assert names - reach.keys() == ADDRESSES
    assert not reach.keys() - names
    assert {name for kind, name in golden if kind == "wildcard"} == WILDCARDS
    assert all(reach[name] is Reach.TREE for name in WILDCARDS)
    assert sum(name.endswith(".") for _, name in golden) == 1
    expressions = [special.pattern for special in listing.specials]
    theirs = [name for kind, name in sorted(golden) if kind == "regex"]
    assert len(expressions) == len(theirs) == 2
    for asked in (
        "ad.tracker.example.com",
        "ads12.tracker.example.com",
        "xad.tracker.example.com",
        "a.banner-1.vn",
        "x",
    ):
        ours = [re.search(pattern, asked) is not None for pattern in expressions]
        assert ours == [re.search(pattern, asked) is not None for pattern in theirs], asked
    rejected = {each.reason: each.count for each in listing.rejects}
    assert rejected == {"ip-address": 4, "label-too-long": 1}
