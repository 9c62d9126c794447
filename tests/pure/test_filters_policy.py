"""The steps of a verdict, in their order, each with its reason."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from filters.blockset import CompiledSource, Match
from filters.names import suffixes
from filters.policy import Outcome, Step, Verdict, View, decide, decide_answer
from filters.rules import LocalRules, Rule
from filters.settings import Action
from filters.special import Reach
from filters.special_names import is_private

A, AAAA, TXT, SVCB, HTTPS = 1, 28, 16, 64, 65


class _Lists:
    """Listed names: name -> category; "+category" allows, "=category" is exact."""

    def __init__(self, **names: str) -> None:
        self._names = {name.replace("__", "."): said for name, said in names.items()}

    def matches(self, name: str) -> list[Match]:
        return [
            self._match(suffix, said)
            for suffix in suffixes(name)
            for said in self._names.get(suffix, "").split()
            if not said.startswith("=") or suffix == name
        ]

    def patterns(self, name: str) -> list[Match]:
        return []

    def _match(self, listed: str, said: str) -> Match:
        action = Action.ALLOW if said.startswith("+") else Action.BLOCK
        source = CompiledSource(f"list-{said.strip('+=')}", said.strip("+="), action, "", 1, "plain", ())
        return Match(listed, source, 7, Reach(said.startswith("=")))


def _view(categories: str = "games gambling", rules: tuple[Rule, ...] = (), **listed: str) -> View:
    records = {"wifi.internal": ("10.77.0.1", "fd00::1"), "four.home.arpa": ("10.77.0.1",)}
    return View(dict.fromkeys(categories.split(), ""), _Lists(**listed), LocalRules(rules), records)


def _block(name: str) -> Rule:
    return Rule(name, Action.BLOCK, "complaint")


def _allow(name: str) -> Rule:
    return Rule(name, Action.ALLOW, "")


@pytest.mark.parametrize("qtype", [A, AAAA, TXT, HTTPS])
@pytest.mark.parametrize(
    "name", ["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com", "mask-canary.icloud.com"]
)
def test_1_canaries_do_not_exist_whatever_rules_say(name: str, qtype: int) -> None:
    verdict = decide(name, qtype, _view(rules=(_allow(name),)))
    assert (verdict.outcome, verdict.step) == (Outcome.NXDOMAIN, Step.CANARY)


@pytest.mark.parametrize("qtype", [SVCB, A])
def test_1_no_other_resolver_is_designated(qtype: int) -> None:
    assert decide("_dns.resolver.arpa", qtype, _view()).outcome is Outcome.NODATA


@pytest.mark.parametrize(
    ("name", "qtype", "outcome", "addresses"),
    [
        ("wifi.internal", A, Outcome.ADDRESSES, ("10.77.0.1",)),
        ("wifi.internal", AAAA, Outcome.ADDRESSES, ("fd00::1",)),
        ("wifi.internal", HTTPS, Outcome.NODATA, ()),
        ("four.home.arpa", AAAA, Outcome.NODATA, ()),
    ],
)
def test_2_local_records_stand_over_rules_and_special_names(
    name: str, qtype: int, outcome: Outcome, addresses: tuple[str, ...]
) -> None:
    verdict = decide(name, qtype, _view(rules=(_block("internal"), _block("arpa"))))
    assert (verdict.outcome, verdict.addresses, verdict.step) == (outcome, addresses, Step.LOCAL_RECORD)
    assert verdict.word == "allow"


@pytest.mark.parametrize(
    "name",
    [
        "printer.local",
        "a.invalid",
        "test",
        "x.onion",
        "a.home.arpa",
        "b.internal",
        "x.alt",
        "1.0.0.10.in-addr.arpa",
        "1.0.16.172.in-addr.arpa",
        "1.1.168.192.in-addr.arpa",
        "1.0.0.127.in-addr.arpa",
        "d.f.ip6.arpa",
        "1." + "0." * 31 + "ip6.arpa",
    ],
)
def test_3_special_names_are_never_forwarded(name: str) -> None:
    verdict = decide(name, A, _view(rules=(_allow(name),)))
    assert (verdict.outcome, verdict.step) == (Outcome.NXDOMAIN, Step.SPECIAL_NAME)


def test_3_localhost_is_the_asking_machine() -> None:
    assert decide("localhost", A, _view()).addresses == ("127.0.0.1",)
    assert decide("x.localhost", AAAA, _view()).addresses == ("::1",)
    assert decide("localhost", TXT, _view()).outcome is Outcome.NODATA


@pytest.mark.parametrize("name", ["4.4.8.8.in-addr.arpa", "1.0.32.172.in-addr.arpa", "example.com", "mylocal"])
def test_3_public_names_are(name: str) -> None:
    assert decide(name, A, _view()).outcome is Outcome.FORWARD


def test_4_the_sites_own_rule_stands_over_lists() -> None:
    allowed = decide("a.game.vn", A, _view(rules=(_allow("game.vn"),), game__vn="games"))
    assert (allowed.outcome, allowed.step, allowed.word) == (Outcome.FORWARD, Step.LOCAL_RULE, "allow")
    blocked = decide("a.ok.vn", A, _view(rules=(_block("ok.vn"),), ok__vn="+games"))
    assert (blocked.outcome, blocked.step, blocked.category) == (Outcome.REFUSE, Step.LOCAL_RULE, "own")
    assert "complaint" in blocked.why


def test_5_what_devices_ask_whether_they_are_online_is_refused_by_no_list_but_the_sites_own() -> None:
    def asked(name: str, view: View) -> Verdict:
        return _after(name, replace(view, checks=frozenset({"test.game.vn"})), ("edge.game.vn",))

    kept = asked("test.game.vn", _view(game__vn="games"))
    assert (kept.outcome, kept.step, kept.word) == (Outcome.FORWARD, Step.CHECK, "allow")
    for name in ("game.vn", "www.game.vn", "x.test.game.vn"):
        assert asked(name, _view(game__vn="games")).word == "block"
    assert asked("test.game.vn", _view(game__vn="own")).word == "block"
    assert asked("test.game.vn", _view(rules=(_block("game.vn"),))).word == "block"
    assert asked("test.game.vn", _view()).word == "allow"


def test_5_a_listed_name_is_refused_with_list_line_and_category() -> None:
    verdict = decide("www.game.vn", HTTPS, _view(game__vn="games"))
    assert verdict.outcome is Outcome.REFUSE
    assert (verdict.category, verdict.list_name, verdict.line, verdict.rule) == ("games", "list-games", 7, "game.vn")
    assert verdict.word == "block"


@pytest.mark.parametrize(
    ("name", "listed", "word"),
    [
        ("a.game.vn", {"game__vn": "=games"}, "none"),  # exact: nothing below
        ("game.vn", {"game__vn": "=games"}, "block"),
        ("game.vn", {"game__vn": "threats"}, "none"),  # not this profile's category
        ("a.game.vn", {"game__vn": "games", "a__game__vn": "+games"}, "allow"),  # exception below a listed name
        ("b.game.vn", {"game__vn": "games", "a__game__vn": "+games"}, "block"),
        ("game.vn", {"game__vn": "games +games"}, "allow"),  # both: open
        ("a.ok.vn", {"ok__vn": "+games", "a__ok__vn": "games"}, "block"),  # the more specific name decides
        ("game.vn", {"game__vn": "games gambling +games"}, "block"),  # an exception frees its own category only
        ("game.vn", {"game__vn": "games gambling +own"}, "allow"),  # but the site's own list frees all
        ("game.vn", {"game__vn": "own"}, "block"),
        ("ok.vn", {"ok__vn": "+games"}, "allow"),
        ("ok.vn", {"ok__vn": "+threats"}, "none"),
    ],
)
def test_5_allowlist_over_category(name: str, listed: dict[str, str], word: str) -> None:
    assert decide(name, A, replace(_view(), lists=_Lists(**listed))).word == word


def _after(name: str, view: View, targets: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> Verdict:
    return decide_answer(decide(name, A, view), targets, [ip_address(each) for each in addresses], view, A)


@pytest.mark.parametrize(
    ("view", "word"),
    [
        (_view(game__vn="games"), "block"),
        (_view(game__vn="games", shop__vn="+games"), "allow"),  # an allowed name beats its blocked target
        (_view(game__vn="gambling", shop__vn="+games"), "block"),  # but only for the category it was freed from
        (_view(game__vn="games", rules=(_allow("shop.vn"),)), "allow"),
        (_view(game__vn="games", rules=(_allow("game.vn"),)), "none"),
        (_view(rules=(_block("game.vn"),)), "block"),
        (_view("threats", game__vn="games"), "none"),
    ],
)
def test_6_an_alias_carries_no_blocked_name_in(view: View, word: str) -> None:
    verdict = _after("shop.vn", view, ("cdn.example", "www.game.vn"))
    assert verdict.word == word
    if word == "block":
        assert verdict.step is Step.ALIAS
        assert "www.game.vn" in verdict.why


def test_7_a_public_name_must_not_lead_inside() -> None:
    verdict = _after("evil.example", _view(), addresses=("203.0.113.5", "192.168.1.1"))
    assert (verdict.outcome, verdict.step) == (Outcome.REFUSE, Step.REBINDING)
    assert _after("evil.example", _view(), addresses=("203.0.113.5",)).word == "none"
    assert _after("school.example", _view(rules=(_allow("school.example"),)), addresses=("10.1.1.1",)).word == "allow"


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.0.1", True),
        ("100.64.0.1", True),
        ("127.0.0.1", True),
        ("169.254.1.1", True),
        ("172.31.0.1", True),
        ("192.168.0.1", True),
        ("0.0.0.0", True),
        ("::", True),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("172.32.0.1", False),
        ("8.8.8.8", False),
        ("203.0.113.9", False),
        ("2001:db8::1", False),
        ("2606:4700::1", False),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(ip_address(address)) is private
