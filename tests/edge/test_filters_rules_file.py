"""The overlay file under the hands of others: replaced, broken, gone."""

import json
import resource
from pathlib import Path

import pytest

from filters.errors import FilterError
from filters.rules import Rule, RulesFile
from filters.settings import Action


def _write(path: Path, text: str) -> None:
    aside = path.with_suffix(".new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _overlay(*rules: tuple[str, str]) -> str:
    return json.dumps({"generation": 4, "rules": [{"name": n, "action": a, "reason": "why"} for n, a in rules]})


def test_the_file_is_read_when_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "local-rules.json"
    file = RulesFile(path)
    assert file.refresh()  # the first look: no file is no rules
    assert len(file.rules) == 0
    assert not file.refresh()
    _write(path, _overlay(("Example.COM.", "block")))
    assert file.refresh()
    assert file.rules.generation == 4
    assert file.rules.match("www.example.com") == Rule("example.com", Action.BLOCK, "why")
    assert not file.refresh()
    path.unlink()
    assert file.refresh()
    assert len(file.rules) == 0


def test_a_rule_that_can_not_be_read_at_once_is_read_later(tmp_path: Path) -> None:
    path = tmp_path / "local-rules.json"
    file = RulesFile(path)
    file.refresh()
    _write(path, _overlay(("b.vn", "block")))
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, most))  # all descriptors are in use: the line is dead, say
    try:
        with pytest.raises(FilterError):
            file.refresh()
        assert not file.refresh()  # told once
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    assert file.refresh()
    assert file.rules.match("b.vn")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"generation": 1, "rules": [{"name": "a b", "action": "block"}]}',
        '{"generation": 1, "rules": [{"name": "a.vn", "action": "delete"}]}',
        '{"generation": 1, "rules": [{"action": "block"}]}',
        '{"generation": 1, "rules": [{"name": 5, "action": "block"}]}',
        '{"generation": "x", "rules": []}',
        "[" * 100_000,
    ],
)
def test_a_broken_file_keeps_the_last_good_rules_and_is_told_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "local-rules.json"
    file = RulesFile(path)
    _write(path, _overlay(("b.vn", "block")))
    file.refresh()
    _write(path, text)
    with pytest.raises(FilterError) as broken:
        file.refresh()
    assert str(path) in str(broken.value)
    assert broken.value.hint
    assert file.rules.match("b.vn") is not None
    assert not file.refresh()
    _write(path, _overlay(("c.vn", "allow")))
    assert file.refresh()
    assert file.rules.match("b.vn") is None


def test_invalid_utf_8_is_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "local-rules.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(FilterError, match="can't be read"):
        RulesFile(path).refresh()
