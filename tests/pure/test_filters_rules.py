"""The site's own rules: the longest name decides; scopes and ends."""

import pytest

from filters.errors import FilterError
from filters.rules import LocalRules, Rule, parse_rules
from filters.settings import Action


def _rules(*rules: tuple[str, Action]) -> LocalRules:
    return LocalRules([Rule(name, action, "") for name, action in rules])


def test_the_longest_name_decides() -> None:
    rules = _rules(("vn", Action.BLOCK), ("b.vn", Action.ALLOW), ("a.b.vn", Action.BLOCK))
    for name, decides in (("x.vn", "vn"), ("b.vn", "b.vn"), ("x.b.vn", "b.vn"), ("x.a.b.vn", "a.b.vn")):
        found = rules.match(name)
        assert found is not None
        assert found.name == decides
    assert rules.match("example.com") is None


@pytest.mark.parametrize("order", [(Action.BLOCK, Action.ALLOW), (Action.ALLOW, Action.BLOCK)])
def test_a_name_both_ways_is_allowed(order: tuple[Action, Action]) -> None:
    found = _rules(("b.vn", order[0]), ("b.vn", order[1])).match("b.vn")
    assert found is not None
    assert found.action is Action.ALLOW


def test_parsing_names_the_place() -> None:
    with pytest.raises(FilterError) as broken:
        parse_rules("{}", where="/x/rules.json")
    assert broken.value.where == "/x/rules.json"


# --- scope and end ---------------------------------------------------------------------------------------------------

NOON_S = 1_795_496_400  # 2026-11-24 05:00 UTC, noon at +07:00
HANOI_S = 7 * 3600


def _decides(rules: LocalRules, profile: str, name: str, now_s: float = NOON_S) -> Rule | None:
    return rules.for_profile(profile, now_s, HANOI_S).match(name)


def test_a_rule_of_named_profiles_holds_there_only() -> None:
    rules = LocalRules([Rule("a.vn", Action.BLOCK, profiles=frozenset({"child", "adult"}))])
    assert _decides(rules, "child", "www.a.vn")
    assert _decides(rules, "staff", "www.a.vn") is None


def test_a_grant_ends_by_itself_and_what_stood_stands_again() -> None:
    rules = LocalRules(
        [Rule("a.vn", Action.BLOCK), Rule("a.vn", Action.ALLOW, until_s=NOON_S + 3600, by="hoa")], generation=7
    )
    for now_s, action in ((NOON_S, Action.ALLOW), (NOON_S + 3599.9, Action.ALLOW), (NOON_S + 3600, Action.BLOCK)):
        found = _decides(rules, "child", "a.vn", now_s)
        assert found is not None and found.action is action
    assert rules.next_expiry(NOON_S) == NOON_S + 3600
    assert rules.next_expiry(NOON_S + 3600) is None
    assert rules.for_profile("child", NOON_S).generation == 7


@pytest.mark.parametrize("turn", [1, -1])
def test_passing_over_standing_then_narrow_over_wide_then_allowing(turn: int) -> None:
    child = frozenset({"child"})
    ladder = [
        Rule("a.vn", Action.BLOCK),
        Rule("a.vn", Action.ALLOW),
        Rule("a.vn", Action.BLOCK, profiles=child),
        Rule("a.vn", Action.ALLOW, profiles=child),
        Rule("a.vn", Action.BLOCK, until_s=NOON_S + 60),
        Rule("a.vn", Action.ALLOW, profiles=child, until_s=NOON_S + 60),
    ]
    for top in range(1, len(ladder) + 1):
        found = _decides(LocalRules(ladder[:top][::turn]), "child", "a.vn")
        assert found is not None
        assert (found.action, found.profiles, found.until_s) == (
            ladder[top - 1].action,
            ladder[top - 1].profiles,
            ladder[top - 1].until_s,
        )


@pytest.mark.parametrize(
    ("until_s", "says"),
    [
        (None, "a.vn: opened by hoa: homework"),
        (NOON_S + 3 * 3600, "a.vn: opened by hoa until 15:00: homework"),
        (NOON_S + 12 * 3600, "a.vn: opened by hoa until midnight: homework"),
        (NOON_S + 24 * 3600, "a.vn: opened by hoa until 2026-11-25 12:00: homework"),
    ],
)
def test_why(until_s: int | None, says: str) -> None:
    found = _decides(LocalRules([Rule("a.vn", Action.ALLOW, "homework", None, until_s, "hoa")]), "child", "a.vn")
    assert found is not None
    assert found.why == says


def test_a_rule_without_signer_is_the_librarys() -> None:
    assert Rule("a.vn", Action.BLOCK).why == "a.vn: blocked by this library"


def test_both_forms_of_the_file_are_read() -> None:
    text = """{"generation": 3, "rules": [
        {"name": "old.vn", "action": "block", "reason": ""},
        {"name": "New.vn", "action": "allow", "reason": "r", "profiles": ["child"], "until": 5, "by": "hoa"}]}"""
    rules = parse_rules(text, where="x")
    assert rules.match("old.vn") == Rule("old.vn", Action.BLOCK)
    assert rules.match("new.vn") == Rule("new.vn", Action.ALLOW, "r", frozenset({"child"}), 5, "hoa")


@pytest.mark.parametrize(
    "field", ['"until": "5"', '"until": true', '"until": -1', '"until": 1e30', '"profiles": "child"']
)
def test_a_wrong_scope_or_end_breaks_the_file(field: str) -> None:
    with pytest.raises(FilterError):
        parse_rules(f'{{"generation": 1, "rules": [{{"name": "a.vn", "action": "block", {field}}}]}}', where="x")
