"""AdGuard's own cases for adblock rules in DNS: 50 questions to 11 sets of rules, and which rule must be named."""

import json

from filters.policy import View, decide
from filters.rules import LocalRules
from filters.special import Asker
from tests.filter_material import HAS_SHARED, TextLists, vectors

TYPES = {"A": 1, "AAAA": 28}


def test_every_case() -> None:
    """`ips4` and `ips6` are not looked at: a refused name gets this house's answer, not the list's address."""
    sets = json.loads(vectors("adblock-dns-cases.json").read_text(encoding="utf-8"))["sets"]
    failed, seen = [], 0
    for each in sets:
        text = "\n".join(each["rules"])
        # a rule set of which nothing is of use to DNS is refused as a list; beside a list it must still say nothing
        lists = TextLists().add("judge", "ads", f"{text}\nbeside.example\n")
        view = View({"ads": ""}, lists, LocalRules(), {})
        for case in each["cases"]:
            seen += 1
            asker = Asker(case.get("client", ""), case.get("client_name", ""), frozenset(case.get("tags", ())))
            verdict = decide(case["host"], TYPES[case.get("qtype", "A")], view, asker)
            rule = each["rules"][verdict.line - 1] if verdict.line else ""
            if verdict.word != case["expect"] or rule != case.get("rule", rule):
                failed.append((each["name"], case, verdict.word, rule))
            if verdict.text:
                assert verdict.text == rule
    assert not failed
    assert (len(sets), seen) == ((11, 50) if HAS_SHARED else (2, 6))
