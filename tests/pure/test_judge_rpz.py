"""Unbound's scenarios for response policy zones: those about names asked for, question by question.

The decision is theirs; the manner of answers is ours, and argued here: AA is never set (this is a forwarder, and RPZ's
answers are nobody's authority); an alias that a zone answers for is folded, the records stand under the asked name; an
alias of somebody else's that a zone would lead elsewhere is refused, because nobody has resolved its new target.
"""

from dataclasses import replace

import pytest

from filters.policy import View, decide, decide_answer
from filters.rules import LocalRules
from filters.settings import Action, Refusal
from filters.verdict import Outcome, Verdict
from filters.wire import read_name
from tests.filter_material import HAS_SHARED, TextLists, vectors
from tests.rpl import Entry, Scenario, read_scenario

TYPES = {"A": 1, "CNAME": 5, "TXT": 16}
TAKEN = {
    "rpz_qname": 14,
    "rpz_qname_tcponly": 3,
    "rpz_passthru": 3,
    "rpz_rootwc": 2,
    "rpz_cname_wild": 2,
    "rpz_qtype_cname": 2,
    "rpz_cname_handle": 22,
    "rpz_signal_nxdomain_ra": 5,
}
"""Scenario and how many questions it has."""
NOT_TAKEN = {
    "rpz_axfr": "zone transfers: lists are fetched",
    "rpz_clientip": "client-ip triggers: a profile is who asks",
    "rpz_clientip_override": "client-ip triggers",
    "rpz_clientip_passthru_cache": "client-ip and ip triggers",
    "rpz_cname_tag": "tags of Unbound's configuration and nsip triggers",
    "rpz_nsdname": "nsdname triggers: only a resolver from the root knows the name servers",
    "rpz_nsdname_override": "nsdname triggers",
    "rpz_nsip": "nsip triggers",
    "rpz_passthru_clientip": "client-ip triggers",
    "rpz_respip": "ip triggers: addresses are the kernel's sets",
    "rpz_respip_tcponly": "ip triggers",
    "serve_expired_rpz_drop": "ip triggers",
    "serve_expired_rpz_nx": "ip triggers",
    "local_acl_override": "Unbound's local zones",
    "local_acl_taglist": "Unbound's local zones",
    "local_acl_taglist_action": "Unbound's local zones",
    "local_cname": "Unbound's local zones",
    "local_cnameother": "Unbound's local zones",
    "local_ds": "Unbound's local zones",
    "local_transparent_sametype": "Unbound's local zones",
    "local_typetransparent": "Unbound's local zones",
}
LED_ELSEWHERE = "an alias of somebody else's that a zone leads elsewhere: refused"
NOT_A_NAME = "its trigger is an address or a name server: answered as if it were not listed"
EXCEPTIONS = {
    ("rpz_cname_wild", "www.gotham.a"): LED_ELSEWHERE,
    ("rpz_cname_wild", "www.gotham2.a"): NOT_A_NAME,
    ("rpz_qtype_cname", "www.gotham2.a"): NOT_A_NAME,
    ("rpz_cname_handle", "www.gotham14.a"): LED_ELSEWHERE,
    ("rpz_cname_handle", "www.gotham15.a"): LED_ELSEWHERE,
    **{("rpz_cname_handle", f"www.gotham{n}.a"): NOT_A_NAME for n in (8, 9, 10, 16, 17)},
    **{("rpz_signal_nxdomain_ra", name): NOT_A_NAME for name in ("d.d.a", "e.e.a", "f.a")},
}


def _upstream(scenario: Scenario, name: str, qtype: str) -> Entry | None:
    return next((e for e in scenario.upstream if e.question == (name, qtype) and e.answer), None)


def _answer(scenario: Scenario, view: View, asked: Entry) -> tuple[Verdict, str]:
    """The filter's walk, with the scenario's name servers as upstream: the verdict, and the data that is sent."""
    name, qtype = asked.question
    verdict = decide(name, TYPES[qtype], view)
    if verdict.outcome is Outcome.TRUNCATE and "TCP" in asked.match:
        verdict = replace(verdict, outcome=Outcome.FORWARD)
    if verdict.outcome in (Outcome.FORWARD, Outcome.REWRITE):
        targets = [verdict.target] if verdict.target else []
        reply = _upstream(scenario, verdict.target or name, qtype)
        while reply and " CNAME " in reply.answer[-1] and qtype != "CNAME":
            targets.append(reply.answer[-1].split()[-1].rstrip("."))
            reply = _upstream(scenario, targets[-1], qtype)
        verdict = decide_answer(verdict, targets, [], view, TYPES[qtype])
        if verdict.outcome in (Outcome.FORWARD, Outcome.REWRITE):
            return verdict, _data(reply.answer[-1], qtype) if reply else ""
    return verdict, "".join(_shown(*each) for each in verdict.records)


def _shown(kind: int, data: bytes) -> str:
    if kind == TYPES["CNAME"]:
        return f"{read_name(data, 0)}."
    return f'"{data[1:].decode()}"' if kind == TYPES["TXT"] else ".".join(map(str, data))


def _data(line: str, qtype: str) -> str:
    return line.partition(f" {qtype} ")[2]


def _wanted(wanted: Entry) -> tuple[str, str]:
    """The outcome in a word, as the reply's flags tell it, and the data of its last record."""
    flags = wanted.reply.split()
    word = "tc" if "TC" in flags else "nxdomain" if "NXDOMAIN" in flags else "noerror"
    return word, _data(wanted.answer[-1], wanted.question[1]) if wanted.answer and word == "noerror" else ""


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_scenario(name: str) -> None:
    """The zones are one category of a profile whose refusal is "no such name", as `CNAME .` means it."""
    scenario = read_scenario(vectors(f"rpz-scenarios/{name}.rpl").read_text(encoding="utf-8"))
    lists = TextLists()
    for zone in scenario.zones:
        lists.add(zone.name, "rpz", zone.text, Action.ALLOW if zone.override == "passthru" else Action.BLOCK)
    view = View({"rpz": ""}, lists, LocalRules(), {}, refusal=Refusal.NXDOMAIN)
    assert len(scenario.steps) == TAKEN[name]
    words = {Outcome.REFUSE: "nxdomain", Outcome.NXDOMAIN: "nxdomain", Outcome.TRUNCATE: "tc"}
    for step in scenario.steps:
        assert step.wanted is not None
        verdict, data = _answer(scenario, view, step.asked)
        exception = EXCEPTIONS.get((name, step.asked.question[0]))
        if exception is None:
            assert (words.get(verdict.outcome, "noerror"), data) == _wanted(step.wanted), step.asked.question
        else:
            assert verdict.outcome is (Outcome.REFUSE if exception == LED_ELSEWHERE else Outcome.FORWARD)


def test_every_scenario_is_taken_or_argued() -> None:
    there = {path.stem for path in vectors("rpz-scenarios").glob("*.rpl")}
    assert there == (TAKEN.keys() | NOT_TAKEN.keys() if HAS_SHARED else TAKEN.keys())
    assert not TAKEN.keys() & NOT_TAKEN.keys()
