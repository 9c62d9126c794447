"""`cong lists` as an operator types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from filters.errors import FilterError
from gateway.cli.lists import lists
from gateway.config.example import example_config


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = example_config().replace("/var/lib/cong", str(tmp_path / "lib")).replace("/run/cong", str(tmp_path / "run"))
    path = tmp_path / "cong.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(lists, [*words, "--config", str(config)])


def test_update_then_status(config: Path) -> None:
    updated = _run(config, "update")
    assert updated.exit_code == 0
    assert "generation 1: 8577 names of 4 lists" in updated.output
    status = _run(config, "status")
    assert status.exit_code == 0
    assert "games-vn-exceptions" in status.output
    told = json.loads(_run(config, "status", "--json").output)
    assert set(told) == {"generation", "built_at", "age_s", "stale", "lists", "not_used", "faults"}
    assert told["stale"] is False
    assert [each["names"] for each in told["lists"]][:2] == [359, 27]
    assert set(told["lists"][0]) == {"name", "category", "action", "location", "format", "names", "rejected"}


def test_status_before_any_update_is_a_fault_with_a_hint(config: Path) -> None:
    failed = _run(config, "status")
    assert isinstance(failed.exception, FilterError)
    assert failed.exception.exit_code == 1
    assert "cong lists update" in failed.exception.hint


def test_check_says_why_without_a_running_filter(config: Path) -> None:
    said = json.loads(_run(config, "check", "shop.NapThe.vn", "--json").output)
    assert said == {
        "name": "shop.napthe.vn",
        "profile": None,
        "verdict": "block",
        "step": "category",
        "category": "games",
        "list": "games-vn",
        "line": 38,
        "rule": "napthe.vn",
        "why": "list games-vn, line 38, has napthe.vn (with all below); category games",
        "profiles": {"adult": "block", "staff": "none"},
        "generation": 0,
    }
    assert json.loads(_run(config, "check", "napthe.vn", "--profile", "staff", "--json").output)["verdict"] == "none"
    assert "ioe.goplay.vn: allow" in _run(config, "check", "ioe.goplay.vn").output


def test_check_tries_files(config: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("new.example\n||odd^\n", encoding="utf-8")
    said = _run(config, "check", "a.new.example", "--with", str(tmp_path / "new.txt"))
    assert "a.new.example: block" in said.output
    assert "new.txt, line 1" in said.output


@pytest.mark.parametrize(
    "words", [["check"], ["check", "a.vn", "--profile", "nobody"], ["check", "a.vn", "--with", "no"]]
)
def test_wrong_use_is_exit_code_2(config: Path, words: list[str]) -> None:
    assert _run(config, *words).exit_code == 2


def test_a_name_that_is_none_is_wrong_use(config: Path) -> None:
    failed = _run(config, "check", "a..b")
    assert isinstance(failed.exception, FilterError)
    assert failed.exception.exit_code == 2


def test_what_was_rejected_is_shown_with_its_line(config: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("good.example\n||ads.example^\n", encoding="utf-8")
    text = config.read_text(encoding="utf-8")
    own = f'[[dns.lists]]\nname = "own"\ncategory = "games"\nlocation = "{tmp_path / "own.txt"}"\n'
    blocks = 'profiles.adult]\nport = 5301\nblock = ["games"]\n\n[dns.profiles.staff]\nport = 5302\nblock = ["games"]\n'
    config.write_text(text[: text.index("[dns")] + "[dns." + blocks + "\n" + own, encoding="utf-8")
    updated = _run(config, "update")
    assert updated.exit_code == 0, updated.exception
    assert "1  entry not used: adblock; the first in line 2: ||ads.example^" in updated.output
    told = json.loads(_run(config, "status", "--json").output)
    assert told["lists"][0]["rejected"] == {"adblock": {"lines": 1, "first": [{"line": 2, "text": "||ads.example^"}]}}
