"""Shipped lists, generations on disk, and the answer to "why"."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from filters.compile import compile_in_memory, update
from filters.errors import FilterError
from filters.explain import explain, explain_fully
from filters.generations import CurrentGeneration, generation_files, is_stale, load_current
from filters.policy import Step
from filters.settings import Action, FilterSettings, Match, Profile, Schedule, Source

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
    assert is_stale(None, settings)
    blockset = update(settings).blockset
    assert not is_stale(blockset, settings)
    assert is_stale(blockset, _settings(tmp_path, source))
    assert is_stale(blockset, _settings(tmp_path, replace(source, category="other"), SHIPPED[0]))
    os.utime(tmp_path / "own.txt", (1, 1))
    assert is_stale(blockset, settings)
    (tmp_path / "own.txt").unlink()
    assert is_stale(blockset, settings)


def test_a_list_that_turns_bad_keeps_its_last_good_names_and_is_told(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source, SHIPPED[0])
    update(settings)
    (tmp_path / "own.txt").write_bytes(b"\0\1\2 nonsense here\n" * 50)
    junk = update(settings)
    assert [(kept.name, kept.why.partition(":")[0]) for kept in junk.kept] == [("own", "is no list of names")]
    assert junk.blockset.matches("one.example") and junk.blockset.matches("garena.vn")
    (tmp_path / "own.txt").unlink()
    gone = update(settings)
    assert [kept.since_s for kept in gone.kept] == [kept.since_s for kept in junk.kept]
    assert "can't be read" in gone.kept[0].why and gone.blockset.matches("one.example")
    said = replace(source, category="threats")
    moved = update(_settings(tmp_path, said, SHIPPED[0]))  # what is said of it holds at once
    assert [match.source.category for match in moved.blockset.matches("one.example")] == ["threats"]
    _list(tmp_path / "own.txt", "two.example")
    good = update(settings)
    assert not good.kept and good.blockset.matches("two.example") and not good.blockset.matches("one.example")


def test_half_a_list_is_held_back_until_somebody_says_that_it_is_right(tmp_path: Path) -> None:
    names = [f"n{number}.example" for number in range(100)]
    settings = _settings(tmp_path, _list(tmp_path / "own.txt", *names))
    update(settings)
    _list(tmp_path / "own.txt", *names[:49])
    held = update(settings)
    assert held.kept[0].why == "has shrunk to 49 names from 100; the last good ones stay"
    assert held.blockset.matches("n99.example")
    accepted = update(settings, accept=["own"])
    assert not accepted.kept and not accepted.blockset.matches("n99.example")
    _list(tmp_path / "own.txt", *names[:25])
    assert not update(settings).kept


def test_lists_that_do_not_change_are_not_read_again(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source, SHIPPED[0])
    update(settings)
    segment = settings.blockset_directory / "segments" / "own.seg"
    made_at = segment.stat().st_mtime_ns
    assert update(settings).blockset.matches("one.example") and segment.stat().st_mtime_ns == made_at
    segment.write_bytes(segment.read_bytes()[:-1])
    assert update(settings).blockset.matches("one.example") and segment.stat().st_mtime_ns != made_at
    update(_settings(tmp_path, SHIPPED[0]))
    assert not segment.exists()


def test_when_no_list_was_ever_good_nothing_is_made(tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = _settings(tmp_path, source)
    (tmp_path / "own.txt").write_bytes(b"<html>not found</html>")
    with pytest.raises(FilterError) as junk:
        update(settings)
    assert "own.txt" in junk.value.where and "is a web page" in junk.value.message
    assert not generation_files(settings.blockset_directory)
    settings = _settings(tmp_path, source, SHIPPED[0])
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


def test_a_moment_and_a_type_are_asked_for(tmp_path: Path) -> None:
    lists = _list(tmp_path / "games.txt", "game.example", "||v6.example^$dnstype=AAAA", "/^play[0-9]+\\./")
    school = Schedule("school", frozenset(range(5)), 8 * 60, 16 * 60, block=frozenset({"games"}))
    child = Profile("child", 5303, frozenset(), (school,))
    settings = replace(_settings(tmp_path, lists), profiles=(child,), utc_offset_s=7 * 3600)
    update(settings)
    monday = datetime(2026, 11, 23, 2, 0, tzinfo=UTC).timestamp()  # 09:00 in the library
    found = explain_fully(settings, "game.example", "child", at_s=monday)
    assert (found.verdict.word, found.verdict.step, found.verdict.schedule) == ("block", Step.SCHEDULE, "school")
    assert (found.profile, found.at_s, found.by_profile) == ("child", monday, (("child", "block"),))
    assert explain_fully(settings, "game.example", "child", at_s=monday + 7 * 3600).verdict.word == "none"  # 16:00
    assert explain_fully(settings, "v6.example", None, qtype=1).verdict.word == "none"
    six = explain_fully(settings, "v6.example", None, qtype=28)
    assert (six.verdict.word, six.rule_text, six.verdict.line) == ("block", "||v6.example^$dnstype=AAAA", 2)
    pattern = explain_fully(settings, "play1.example", None)
    assert (pattern.verdict.step, pattern.rule_text, pattern.verdict.line) == (Step.PATTERN, "/^play[0-9]+\\./", 3)
