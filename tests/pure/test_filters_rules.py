"""The site's own rules: the longest name decides."""

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
