"""What the documents say is there, and nothing that is there is left out."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from gateway.cli.main import command_group
from gateway.config.load import parse_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    context = click.Context(group)
    found: set[tuple[str, ...]] = set()
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.add((*path, name))
        if isinstance(command, click.Group):
            found |= commands(command, (*path, name))
    return found


def test_every_command_of_the_readme_exists() -> None:
    known = commands(command_group())
    for line in re.findall(r"`(?:\.venv/bin/)?cong ([a-z][a-z -]*)", README):
        words = tuple(word for word in line.split() if not word.startswith("-"))
        if words and words[0] != "lab":
            assert any(words[:n] in known for n in (1, 2)), f"README tells of cong {line}, which is not there"


def test_every_command_is_in_the_readme_and_has_help() -> None:
    for path in commands(command_group()):
        if len(path) == 1:
            assert f"cong {path[0]}" in README, f"README says nothing of cong {path[0]}"


@pytest.mark.parametrize("snippet", re.findall(r"```toml\n(.*?)```", README, re.DOTALL))
def test_the_readmes_configuration_is_valid(snippet: str) -> None:
    assert tomllib.loads(snippet)
    parse_config(snippet, where="README")


def test_every_log_event_is_in_the_reference_and_the_other_way_round() -> None:
    said: set[str] = set()
    for package in ("gateway", "filters"):
        for path in (ROOT / package).rglob("*.py"):
            said |= set(re.findall(r'event\(\s*"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    table = ARCHITECTURE[ARCHITECTURE.index("## Log events") : ARCHITECTURE.index("## Decisions")]
    assert set(re.findall(r"`([a-z]+\.[a-z_]+)`", table)) - {"tests.test_docs"} == said


def test_every_file_the_architecture_names_exists() -> None:
    for name in re.findall(r"`((?:gateway|filters|tests)/[a-z_/]+\.py)`", ARCHITECTURE):
        assert (ROOT / name).exists(), f"ARCHITECTURE.md names {name}"
    for name in re.findall(r"`((?:portal|flows|kernel|store|access|accounting|visits|reports)/[a-z_]+)", ARCHITECTURE):
        assert (ROOT / "gateway" / f"{name}.py").exists(), f"ARCHITECTURE.md names {name}"


def test_every_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named = re.findall(r"^make ([a-z-]+)", text, re.MULTILINE) + re.findall(r"`make ([a-z-]+)`", text)
        assert set(named) <= targets, f"{document}: {set(named) - targets}"


def test_no_document_names_a_machine() -> None:
    for document in ROOT.glob("*.md"):
        assert not re.search(r"/(work|home|root|tmp)/\w", document.read_text(encoding="utf-8")), document
