"""Lists with rules of every kind, compiled: the table must say what the texts say (tests.filter_material.TextLists)."""

import json
from pathlib import Path

import pytest

from filters.compile import compile_in_memory
from filters.policy import View, decide
from filters.rules import LocalRules
from filters.settings import Source
from filters.special import MAX_PATTERNS, MAX_SPECIALS, Asker
from tests.filter_material import TextLists, vectors
from tests.rpl import read_scenario

OWN = """\
x.vn
||d.vn^$dnstype=A|~AAAA,client=10.0.0.0/8|'child',ctag=~tv,denyallow=a.d.vn
@@||open.d.vn^
||imp.vn^$important
||re.vn^$dnsrewrite=192.0.2.1
||re.vn^$dnsrewrite=NOERROR;TXT;text
||ad*.cdn.vn^
/^stats?\\./
*.w.vn CNAME *.wall.example.
b.w.vn CNAME *.
c.w.vn CNAME rpz-passthru.
*.plain.vn CNAME .
drop.vn CNAME rpz-drop.
address=/local.vn/192.0.2.7
address=/served.vn/
server=/www.served.vn/#
full:exact.vn
keyword:napthe
"""
NAMES = """
    x.vn y.x.vn d.vn a.d.vn b.d.vn open.d.vn imp.vn re.vn ad7.cdn.vn bad.cdn.vn cdn.vn stats.vn w.vn x.w.vn b.w.vn
    x.b.w.vn c.w.vn x.c.w.vn plain.vn x.plain.vn drop.vn local.vn exact.vn y.exact.vn www.napthe1.vn nothing.vn
    served.vn x.www.served.vn
"""


def _agree(directory: Path, texts: dict[str, str], names: set[str]) -> None:
    lists, sources = TextLists(), []
    for name, text in texts.items():
        path = directory / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        sources.append(Source(name, "games", str(path)))
        lists.add(name, "games", text)
    made = compile_in_memory(sources)
    assert not made.skipped
    askers = [Asker(), Asker("10.0.0.1", "adult", frozenset({"tv"})), Asker("192.0.2.1", "child")]
    for name in names:
        for qtype in (1, 5, 16, 28, 65, 255):
            for asker in askers:
                said = [
                    decide(name, qtype, View({"games": ""}, each, LocalRules(), {}), asker)
                    for each in (lists, made.blockset)
                ]
                assert said[0] == said[1], (name, qtype, asker)


def test_rules_of_every_kind(tmp_path: Path) -> None:
    _agree(tmp_path, {"own": OWN, "other": "b.d.vn\n||x.vn^$important\n"}, set(NAMES.split()))


def test_the_judges_rules(tmp_path: Path) -> None:
    for each in json.loads(vectors("adblock-dns-cases.json").read_text(encoding="utf-8"))["sets"]:
        names = {case["host"] for case in each["cases"]} | {"beside.example"}
        _agree(tmp_path, {"judge": "\n".join([*each["rules"], "beside.example"])}, names)


@pytest.mark.parametrize("name", ["rpz_qname", "rpz_rootwc", "rpz_cname_handle"])
def test_the_judges_zones(tmp_path: Path, name: str) -> None:
    scenario = read_scenario(vectors(f"rpz-scenarios/{name}.rpl").read_text(encoding="utf-8"))
    names = {step.asked.question[0] for step in scenario.steps}
    _agree(tmp_path, {zone.name: zone.text for zone in scenario.zones}, names)


def test_rules_there_is_no_room_for_are_counted_and_lead_nowhere(tmp_path: Path) -> None:
    """One list fills the room; what it has more of, and all of the next list's, must not find other rules' text."""
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("".join(f"||n{number}.vn^$important\n" for number in range(MAX_SPECIALS + 2)), encoding="utf-8")
    second.write_text("plain.vn\n||late.vn^$important\n@@||late2.vn^\n", encoding="utf-8")
    made = compile_in_memory([Source(path.stem, "games", str(path)) for path in (first, second)])
    assert not made.skipped
    blockset = made.blockset
    assert [match.line for match in blockset.matches(f"n{MAX_SPECIALS - 1}.vn")] == [MAX_SPECIALS]
    for name in (f"n{MAX_SPECIALS}.vn", f"n{MAX_SPECIALS + 1}.vn", "late.vn", "late2.vn"):
        assert blockset.matches(name) == []
    assert [match.line for match in blockset.matches("plain.vn")] == [1]
    assert [(each.names, each.specials) for each in blockset.sources] == [(MAX_SPECIALS, MAX_SPECIALS), (1, 0)]
    told = [[(reason, count, lines[0]) for reason, count, lines in each.rejects] for each in blockset.sources]
    assert told == [
        [("too-many-rules", 2, (MAX_SPECIALS + 1, f"||n{MAX_SPECIALS}.vn^$important"))],
        [("too-many-rules", 2, (2, "||late.vn^$important"))],
    ]


def test_patterns_there_is_no_room_for_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "patterns.txt"
    path.write_text("".join(f"/^ad{number}x[0-9]/\n" for number in range(MAX_PATTERNS + 3)), encoding="utf-8")
    (source,) = compile_in_memory([Source("patterns", "ads", str(path))]).blockset.sources
    assert source.specials == MAX_PATTERNS
    assert [(reason, count) for reason, count, _ in source.rejects] == [("too-many-rules", 3)]
