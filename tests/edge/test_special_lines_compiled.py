"""Lists with rules of every kind, compiled: the table must say what the texts say (tests.filter_material.TextLists)."""

import json
from pathlib import Path

import pytest

from filters.compile import compile_in_memory
from filters.policy import View, decide
from filters.rules import LocalRules
from filters.settings import Source
from filters.special import Asker
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
full:exact.vn
keyword:napthe
"""
NAMES = """
    x.vn y.x.vn d.vn a.d.vn b.d.vn open.d.vn imp.vn re.vn ad7.cdn.vn bad.cdn.vn cdn.vn stats.vn w.vn x.w.vn b.w.vn
    x.b.w.vn c.w.vn x.c.w.vn plain.vn x.plain.vn drop.vn local.vn exact.vn y.exact.vn www.napthe1.vn nothing.vn
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
