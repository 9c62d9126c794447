"""Lines with conditions, patterns and answers of their own: what they come to, whoever asks and whenever."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.names import to_wire
from filters.policy import UPSTREAM, View, decide, decide_answer
from filters.rules import LocalRules, Rule
from filters.settings import Action
from filters.special import Asker, Special, holds
from filters.verdict import NOTHING, Outcome, Step, Verdict
from tests.filter_material import TextLists

A, CNAME, TXT, AAAA, SVCB, HTTPS, ANY = 1, 5, 16, 28, 64, 65, 255
CATEGORIES = ("games", "ads", "own")


def _view(
    refused: dict[str, str] | None = None,
    rules: tuple[Rule, ...] = (),
    opened: dict[str, str] | None = None,
    safe: dict[str, str] | None = None,
    **lists: str,
) -> View:
    """Lists by category: the text of one that blocks; "allow_CATEGORY" is one that allows."""
    texts = TextLists()
    for key, text in lists.items():
        category, action = key.removeprefix("allow_"), Action.ALLOW if key.startswith("allow_") else Action.BLOCK
        texts.add(f"list-{key}", category, text, action)
    categories = dict.fromkeys(["games", "ads"], "") if refused is None else refused
    return View(categories, texts, LocalRules(rules), {}, opened=opened or {}, safe=safe or {})


@pytest.mark.parametrize(
    ("name", "lists", "step", "word"),
    [
        ("a.d.vn", {"games": "||d.vn^", "ads": "@@||d.vn^"}, Step.CATEGORY, "block"),  # an exception of its category
        ("a.d.vn", {"games": "||d.vn^\n@@||a.d.vn^"}, Step.ALLOWLIST, "allow"),
        ("a.d.vn", {"games": "||a.d.vn^\n@@||d.vn^"}, Step.ALLOWLIST, "allow"),  # @@ holds against longer names
        ("a.d.vn", {"games": "||a.d.vn^", "allow_games": "d.vn"}, Step.CATEGORY, "block"),  # a list's names do not
        ("a.d.vn", {"games": "||d.vn^$important\n@@||a.d.vn^"}, Step.IMPORTANT, "block"),
        ("a.d.vn", {"games": "||d.vn^$important\n@@||a.d.vn^$important"}, Step.ALLOWLIST, "allow"),
        ("a.d.vn", {"games": "@@||d.vn^$important", "ads": "||d.vn^"}, Step.CATEGORY, "block"),
        ("a.d.vn", {"games": "/^a\\./"}, Step.PATTERN, "block"),
        ("a.d.vn", {"games": "/^a\\./\n@@||d.vn^"}, Step.ALLOWLIST, "allow"),
        ("a.d.vn", {"games": "||a.d.vn^\n@@/^a\\./"}, Step.ALLOWLIST, "allow"),
        ("ad1.d.vn", {"games": "||ad*.d.vn^"}, Step.CATEGORY, "block"),
        ("a.d.vn", {"games": "||d.vn^", "allow_own": "d.vn"}, Step.ALLOWLIST, "allow"),
        ("d.vn", {"games": "||*.d.vn^"}, Step.NOTHING, "none"),
        ("a.d.vn", {"games": "||d.vn^$denyallow=a.d.vn"}, Step.NOTHING, "none"),
        ("b.d.vn", {"games": "||d.vn^$denyallow=a.d.vn"}, Step.CATEGORY, "block"),
        ("x.vn", {"games": "*$denyallow=com|net"}, Step.PATTERN, "block"),
        ("x.com", {"games": "*$denyallow=com|net"}, Step.NOTHING, "none"),
    ],
)
def test_precedence(name: str, lists: dict[str, str], step: Step, word: str) -> None:
    verdict = decide(name, A, _view(None, (), None, None, **lists))
    assert (verdict.step, verdict.word) == (step, word)


def test_the_rule_is_named_as_it_is_written() -> None:
    verdict = decide("a.d.vn", A, _view(games="x.vn\n||d.vn^$dnstype=A,important\n"))
    assert (verdict.list_name, verdict.line, verdict.rule) == ("list-games", 2, "d.vn")
    assert verdict.text == "||d.vn^$dnstype=A,important"
    assert verdict.text in verdict.why


def test_a_schedule_is_named_where_it_alone_refuses() -> None:
    view = _view({"games": "school", "ads": ""}, games="a.vn\nb.vn\n", ads="b.vn\n")
    closed = decide("a.vn", A, view)
    assert (closed.outcome, closed.step, closed.schedule) == (Outcome.REFUSE, Step.SCHEDULE, "school")
    assert "closed now by schedule school" in closed.why
    always = decide("b.vn", A, view)
    assert (always.step, always.category, always.schedule) == (Step.CATEGORY, "ads", "")


def test_a_schedule_is_named_where_it_opens() -> None:
    view = _view({"ads": ""}, opened={"games": "evening"}, games="a.vn\nb.vn\n", ads="b.vn\n", allow_games="c.vn")
    open_now = decide("a.vn", A, view)
    assert (open_now.outcome, open_now.step, open_now.word) == (Outcome.FORWARD, Step.SCHEDULE, "allow")
    assert (open_now.schedule, open_now.category) == ("evening", "games")
    assert decide("b.vn", A, view).word == "block"
    assert decide("c.vn", A, view) is NOTHING
    assert decide("d.vn", A, view) is NOTHING


SAFE = {"www.google.com": "forcesafesearch.google.com"}


@pytest.mark.parametrize(
    ("qtype", "outcome"),
    [
        (A, Outcome.REWRITE),
        (AAAA, Outcome.REWRITE),
        (HTTPS, Outcome.NODATA),
        (SVCB, Outcome.NODATA),
        (TXT, Outcome.FORWARD),
    ],
)
def test_safe_search_by_type(qtype: int, outcome: Outcome) -> None:
    verdict = decide("www.google.com", qtype, _view(safe=SAFE))
    assert verdict.outcome is outcome
    assert verdict.target == ("forcesafesearch.google.com" if outcome is Outcome.REWRITE else "")
    assert verdict.step is (Step.NOTHING if qtype == TXT else Step.SAFE_SEARCH)


def test_safe_search_beside_other_decisions() -> None:
    name, rule = "www.google.com", Rule("www.google.com", Action.ALLOW)
    assert decide(name, A, _view(safe=SAFE, games="google.com")).word == "block"  # a name refused stays refused
    assert decide(name, A, _view(safe=SAFE, allow_games=name)).word == "safe"  # an allowlist is no word on search
    assert decide(name, A, _view(safe=SAFE, rules=(Rule("google.com", Action.ALLOW),))).word == "safe"
    assert decide(name, A, _view(safe=SAFE, rules=(rule,))).word == "allow"  # staff has opened exactly this
    assert decide(f"x.{name}", A, _view(safe=SAFE)) is NOTHING


@pytest.mark.parametrize(
    ("value", "qtype", "outcome"),
    [
        ("NXDOMAIN", A, Outcome.NXDOMAIN),
        ("REFUSED", A, Outcome.NOT_SERVED),
        ("SERVFAIL", A, Outcome.NOT_SERVED),
        ("NOERROR", A, Outcome.NODATA),
        ("192.0.2.1", A, Outcome.RECORDS),
        ("192.0.2.1", AAAA, Outcome.NODATA),
        ("192.0.2.1", ANY, Outcome.RECORDS),
        ("safe.vn", A, Outcome.REWRITE),
        ("safe.vn", HTTPS, Outcome.REWRITE),
    ],
)
def test_answers_of_lists(value: str, qtype: int, outcome: Outcome) -> None:
    assert decide("a.d.vn", qtype, _view(games=f"||d.vn^$dnsrewrite={value}")).outcome is outcome


def test_several_records_of_one_name_make_one_answer() -> None:
    rules = "||d.vn^$dnsrewrite=192.0.2.1\n||d.vn^$dnsrewrite=192.0.2.2\n||d.vn^$dnsrewrite=NOERROR;TXT;x\n"
    verdict = decide("d.vn", A, _view(games=rules, ads="||d.vn^$dnsrewrite=192.0.2.9"))
    assert verdict.records == ((A, b"\xc0\0\2\1"), (A, b"\xc0\0\2\2"))
    assert decide("d.vn", A, _view(games=rules, ads="||d.vn^")).outcome is Outcome.REFUSE  # refusing outranks


def test_where_a_list_leads_to_a_list_may_lead_on() -> None:
    view = _view(
        games="a.vn CNAME b.vn.\nb.vn CNAME c.vn.\n*.w.vn CNAME *.wall.vn.\nl.vn CNAME l2.vn.\nl2.vn CNAME l.vn.\n"
    )
    assert decide("a.vn", A, view).target == "c.vn"
    assert decide("x.w.vn", A, view).target == "x.w.vn.wall.vn"
    assert decide("a.vn", CNAME, view).records == ((CNAME, to_wire("b.vn")),)
    assert decide("l.vn", A, view).outcome is Outcome.REWRITE  # a circle ends; resolving it will fail
    long = ".".join(["x" * 60] * 4) + ".w.vn"
    assert decide(long, A, view).outcome is Outcome.REFUSE


def test_a_verdict_says_whether_it_depends_on_who_asks() -> None:
    view = _view(games="||d.vn^$client=10.0.0.0/8|'child'\n||e.vn^\n")
    inside, outside = Asker("10.1.2.3", "adult"), Asker("192.0.2.1", "adult")
    assert decide("d.vn", A, view, inside).word == "block"
    assert decide("d.vn", A, view, Asker("::ffff:10.1.2.3")).word == "block"
    assert decide("d.vn", A, view, Asker("", "child")).word == "block"
    assert decide("d.vn", A, view, outside).word == "none"
    assert decide("d.vn", A, view, inside).by_asker
    assert decide("d.vn", A, view, outside).by_asker
    assert not decide("e.vn", A, view, inside).by_asker
    assert not decide("x.vn", A, view, inside).by_asker
    open_name = decide("x.vn", A, view, outside)
    assert decide_answer(open_name, ["d.vn"], [], view, A, outside).by_asker
    assert decide_answer(open_name, ["d.vn"], [], view, A, inside).step is Step.ALIAS


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("||t.vn^", Outcome.REFUSE),
        ("||t.vn^$dnsrewrite=NXDOMAIN", Outcome.NXDOMAIN),
        ("||t.vn^$dnsrewrite=192.0.2.1", Outcome.RECORDS),
        ("||t.vn^$dnsrewrite=safe.vn", Outcome.REFUSE),  # nobody has resolved the new target
        ("||t.vn^$dnstype=AAAA", Outcome.FORWARD),
        ("@@||t.vn^", Outcome.FORWARD),
    ],
)
def test_an_alias_with_a_line_of_its_own(line: str, outcome: Outcome) -> None:
    view = _view(games=f"{line}\nx.vn\n")
    assert decide_answer(NOTHING, ["t.vn"], [], view, A).outcome is outcome


@pytest.mark.parametrize(
    ("addresses", "codes", "outcome", "step"),
    [
        (["0.0.0.0"], [], Outcome.REFUSE, Step.UPSTREAM),
        (["::"], [], Outcome.REFUSE, Step.UPSTREAM),
        (["0.0.0.0", "198.51.100.7"], [], Outcome.REFUSE, Step.UPSTREAM),
        (["0.0.0.0", "10.0.0.1"], [], Outcome.REFUSE, Step.REBINDING),
        (["146.112.61.106"], [], Outcome.FORWARD, Step.UPSTREAM),
        (["::ffff:146.112.61.106"], [], Outcome.FORWARD, Step.UPSTREAM),
        (["198.51.100.7", "94.140.14.35"], [], Outcome.FORWARD, Step.UPSTREAM),
        (["10.0.0.1", "94.140.14.35"], [], Outcome.REFUSE, Step.REBINDING),
        ([], [15], Outcome.FORWARD, Step.UPSTREAM),
        ([], [17, 3], Outcome.FORWARD, Step.UPSTREAM),
        ([], [3, 22], Outcome.FORWARD, Step.NOTHING),
        (["198.51.100.7"], [], Outcome.FORWARD, Step.NOTHING),
    ],
)
def test_what_the_upstream_has_refused(addresses: list[str], codes: list[int], outcome: Outcome, step: Step) -> None:
    verdict = decide_answer(NOTHING, [], [ip_address(each) for each in addresses], _view(), A, codes=codes)
    assert (verdict.outcome, verdict.step) == (outcome, step)
    assert (verdict.category == UPSTREAM) is (step is Step.UPSTREAM)
    opened = Verdict(Outcome.FORWARD, Step.LOCAL_RULE, "opened")
    assert decide_answer(opened, [], [ip_address(each) for each in addresses], _view(), A, codes=codes) is opened


def test_special_names_of_the_sites_own_zones_go_on() -> None:
    view = _view()
    assert decide("nas.home.arpa", A, view).word == "block"
    inside = View(view.refused, view.lists, view.rules, {}, inside=("home.arpa", "10.in-addr.arpa"))
    assert decide("nas.home.arpa", A, inside) is NOTHING
    assert decide("1.0.0.10.in-addr.arpa", 12, inside) is NOTHING
    assert decide("1.1.168.192.in-addr.arpa", 12, inside).step is Step.SPECIAL_NAME


def test_odd_conditions_hold_for_nobody() -> None:
    assert not holds(Special(1, "", "d.vn", clients=("no address",)), A, Asker("also none"), "d.vn")
    assert holds(Special(1, "", "d.vn", not_clients=("10.0.0.0/99",)), A, Asker("10.0.0.1"), "d.vn")


_NAMES = st.lists(st.sampled_from(["a", "b", "vn", "d", "\\000", "x" * 63]), min_size=1, max_size=4).map(".".join)
_LINES = st.sampled_from(
    """\
||d.vn^\n@@||d.vn^\n||b.vn^$important\n||a.vn^$dnstype=A\n/a\\.b/\nb.vn CNAME *.\n*.vn CNAME *.d.vn.
a.vn CNAME b.vn.\nb.vn A 192.0.2.1\n||vn^$client=10.0.0.1\n0.0.0.0 d.vn\nd\n||d^$ctag=x\nd CNAME .""".splitlines()
)


@given(_NAMES, st.integers(0, 65535), st.lists(_LINES, min_size=1), st.lists(_NAMES, max_size=2), st.ip_addresses())
def test_every_question_has_a_verdict(
    name: str, qtype: int, lines: list[str], targets: list[str], address: object
) -> None:
    view = _view({"games": "hour"}, games="\n".join(lines), safe={"a.vn": "b.vn"})
    verdict = decide(name, qtype, view, Asker(str(address)))
    assert verdict.why
    assert (verdict.outcome is Outcome.REWRITE) is bool(verdict.target)
    assert (verdict.outcome is Outcome.RECORDS) is bool(verdict.records)
    after = decide_answer(verdict, targets, [ip_address(str(address))], view, qtype, Asker(str(address)))
    assert after.why
