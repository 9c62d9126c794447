"""Shipped lists, generations on disk, and the answer to "why"."""

import os
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from filters.compile import compile_in_memory, is_stale, update
from filters.errors import FilterError
from filters.explain import explain, explain_fully
from filters.generations import CurrentGeneration, generation_files, load_current
from filters.policy import Step
from filters.settings import Action, FilterSettings, Match, Profile, Source

SHIPPED = (
    Source("games-vn", "games", "package:games-vn"),
    Source("games-vn-exceptions", "games", "package:games-vn-exceptions", Action.ALLOW),
    Source("gambling-vn", "gambling", "package:gambling-vn"),
    Source("threats-vn", "threats", "package:threats-vn"),
)


def _settings(directory: Path, *sources: Source) -> FilterSettings:
    return FilterSettings(
        profiles=(
            Profile("adult", 5301, frozenset({"games", "gambling", "threats"})),
            Profile("staff", 5302, frozenset({"threats"})),
        ),
        sources=sources,
        upstreams=(),
        blockset_directory=directory / "blockset",
        local_rules=directory / "local-rules.json",
        counts_socket=directory / "counts.sock",
        local_records=(("wifi.internal", ("10.77.0.1",)),),
    )


def _list(path: Path, *lines: str) -> Source:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Source(path.stem, "games", str(path))


def _names(file: str) -> list[str]:
    text = resources.files("filters").joinpath("shipped", file).read_text(encoding="utf-8")
    return [name for line in text.splitlines() if (name := line.partition("#")[0].strip())]


def test_every_shipped_game_is_refused_and_every_exception_open(tmp_path: Path) -> None:
    settings = _settings(tmp_path, *SHIPPED)
    update(settings)
    games, exceptions = _names("games-vn.txt"), _names("games-vn-exceptions.txt")
    assert (len(games), len(exceptions)) == (359, 27)
    lists = load_current(settings.blockset_directory)
    assert lists is not None
    assert [source.rejects for source in lists.sources] == [(), (), (), ()]
    for name in games:
        for asked in (name, f"www.{name}"):
            verdict = explain(settings, asked, "adult")
            assert verdict.word == ("allow" if asked in exceptions else "block"), asked
    for name in exceptions:
        for asked in (name, f"www.{name}"):
            assert explain(settings, asked, "adult").word == "allow", asked
    below = [name for name in exceptions if any(name.endswith("." + game) for game in games)]
    assert len(below) == 3  # these are open by the allow step alone
    assert {explain(settings, name, "adult").step for name in below} == {Step.ALLOWLIST}


def test_the_why_names_list_line_and_text(tmp_path: Path) -> None:
    source = _list(tmp_path / "hosts.txt", "# mine", "0.0.0.0 Bad.example worse.example  # both")
    settings = _settings(tmp_path, source)
    found = explain_fully(settings, "WORSE.example.", None)
    assert (found.name, found.generation) == ("worse.example", 0)  # nothing compiled yet: the lists were read
    assert (found.verdict.list_name, found.verdict.line) == ("hosts", 2)
    assert found.rule_text == "0.0.0.0 Bad.example worse.example  # both"
    assert dict(found.by_profile) == {"adult": "block", "staff": "none"}
    update(settings)
    assert explain_fully(settings, "worse.example", "staff").verdict.word == "none"
    assert explain_fully(settings, "worse.example", "adult").generation == 1


def test_list_files_can_be_tried(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    tried = tmp_path / "new.txt"
    tried.write_text("new.example\n", encoding="utf-8")
    found = explain_fully(settings, "a.new.example", None, [tried])
    assert (found.verdict.word, found.verdict.list_name, found.rule_text) == ("block", "new.txt", "new.example")
    tried.write_text("<html>", encoding="utf-8")
    with pytest.raises(FilterError, match="web page"):
        explain(settings, "a.new.example", None, [tried])


def test_an_unknown_profile_is_said(tmp_path: Path) -> None:
    with pytest.raises(FilterError, match="no profile") as unknown:
        explain(_settings(tmp_path), "a.example", "nobody")
    assert "adult, staff" in unknown.value.hint


def test_the_sense_of_a_list_can_be_set(tmp_path: Path) -> None:
    plain = _list(tmp_path / "plain.txt", "a.example")
    for match, below in ((Match.AUTO, "block"), (Match.TREE, "block"), (Match.EXACT, "none")):
        settings = _settings(tmp_path, replace(plain, match=match))
        assert explain(settings, "x.a.example", "adult").word == below


def test_generations_follow_each_other_and_two_are_kept(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source)
    following = CurrentGeneration(settings.blockset_directory)
    for number in range(1, 5):
        assert update(settings).blockset.generation == number
        assert following.has_moved()
        assert not following.has_moved()
    assert sorted(path.name for path in generation_files(settings.blockset_directory)) == [
        "0000000003.set",
        "0000000004.set",
    ]


def test_stale_is_said_when_a_list_or_its_settings_change(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source, SHIPPED[0])
    assert is_stale(None, settings.sources)
    blockset = update(settings).blockset
    assert not is_stale(blockset, settings.sources)
    assert is_stale(blockset, settings.sources[:1])
    assert is_stale(blockset, (replace(source, category="other"), SHIPPED[0]))
    os.utime(tmp_path / "own.txt", (1, 1))
    assert is_stale(blockset, settings.sources)
    (tmp_path / "own.txt").unlink()
    assert is_stale(blockset, settings.sources)


def test_junk_changes_nothing_and_names_the_file(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source, SHIPPED[0])
    update(settings)
    before = {path.name: path.read_bytes() for path in settings.blockset_directory.iterdir()}
    (tmp_path / "own.txt").write_bytes(b"\0\1\2 nonsense here\n" * 50)
    with pytest.raises(FilterError) as junk:
        update(settings)
    assert "own.txt" in junk.value.where
    assert "the last good lists stay" in junk.value.hint
    (tmp_path / "own.txt").unlink()
    with pytest.raises(FilterError, match="can't be read"):
        update(settings)
    assert {path.name: path.read_bytes() for path in settings.blockset_directory.iterdir()} == before
    tolerant = compile_in_memory(settings.sources)
    assert [each.where for each in tolerant.skipped] == [f"list own ({source.location})"]
    assert tolerant.blockset.matches("garena.vn")


def test_several_bad_lists_are_told_at_once(tmp_path: Path) -> None:
    bad = [Source(f"bad{n}", "games", str(tmp_path / f"bad{n}.txt")) for n in (1, 2)]
    with pytest.raises(FilterError) as told:
        update(_settings(tmp_path, *bad))
    assert "bad1.txt" in str(told.value)
    assert "bad2.txt" in str(told.value)


def test_a_killed_compiler_leaves_the_last_generation(tmp_path: Path) -> None:
    """Each state a kill can leave on disk: the pointer names a whole generation, or the newest whole one is taken."""
    settings = _settings(tmp_path, _list(tmp_path / "own.txt", "one.example"))
    directory = settings.blockset_directory
    whole = update(settings).blockset
    content = (directory / "0000000001.set").read_bytes()
    (directory / "0000000002.new").write_bytes(content[: len(content) // 2])  # killed while writing aside
    assert load_current(directory).generation == 1  # type: ignore[union-attr]  # there is one
    (directory / "0000000002.set").write_bytes(content)  # killed between rename and pointer
    (directory / "current.new").write_bytes(b"00000")
    current = load_current(directory)
    assert current is not None
    assert current.about == whole.about
    (directory / "current").unlink()  # the pointer lost, the newest file cut off
    (directory / "0000000002.set").write_bytes(content[:-5])
    faults: list[FilterError] = []
    current = load_current(directory, faults)
    assert current is not None
    assert [fault.where for fault in faults] == [str(directory / "0000000002.set")]
    assert update(settings).blockset.generation == 3
    assert not list(directory.glob("*.new"))


def test_a_directory_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.blockset_directory.write_text("", encoding="utf-8")
    with pytest.raises(FilterError, match="can't be made"):
        update(settings)
