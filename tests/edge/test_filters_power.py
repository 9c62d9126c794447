"""Power fails and disks fill while lists are compiled: the last whole generation stays, and answers go on."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from filters.compile import update
from filters.errors import FilterError
from filters.generations import load_current
from filters.settings import FilterSettings, Source
from tests.edge.filters_upstream import ScriptedUpstream, running, settings_for

ROOT = Path(__file__).parent.parent.parent
KILLED = 100


@dataclass
class Compiler:
    """The other process."""

    process: subprocess.Popen[str]

    def run(self, last_line: int = 0, most_bytes: int = 0) -> dict[str, Any]:
        """One compilation, and what became of it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{last_line} {most_bytes}\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def _compiler(settings: FilterSettings) -> Iterator[Compiler]:
    path = settings.blockset_directory.parent / "settings"
    path.write_bytes(pickle.dumps(settings))
    command = [sys.executable, "-m", "tests.edge.compile_and_die", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Compiler(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.fixture
def lists(tmp_path: Path) -> tuple[Source, Source]:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    _write(first, "always.example", "round0.example")
    _write(second, *(f"n{number}.example" for number in range(3000)))
    return Source("first", "games", str(first)), Source("second", "games", str(second))


def _write(path: Path, *names: str) -> None:
    path.write_text("\n".join(names) + "\n", encoding="utf-8")


def _rounds_in(settings: FilterSettings) -> list[int]:
    """Which rounds' names the current generation holds; nothing that had to be passed over."""
    faults: list[FilterError] = []
    current = load_current(settings.blockset_directory, faults)
    assert current is not None and not faults
    assert current.matches("always.example") and current.matches("n2999.example")
    return [number for number in range(KILLED + 1) if current.matches(f"round{number}.example")]


def test_killed_at_a_hundred_lines_the_filter_answers_on(tmp_path: Path, lists: tuple[Source, Source]) -> None:
    """At a random one of each hundredth of the lines that read and write: the lists are old or new, never half."""
    with ScriptedUpstream() as upstream:
        settings = settings_for(tmp_path, [upstream.port], lists)
        update(settings)
        with _compiler(settings) as compiler, running(settings) as server:
            _write(Path(lists[0].location), "always.example", "round0.example", "round0.example")
            lines = compiler.run()["lines"]
            assert lines > KILLED
            before = [0]
            for number in range(1, KILLED + 1):
                _write(Path(lists[0].location), "always.example", f"round{number}.example")
                at = 1 + (lines * (number - 1) + int.from_bytes(os.urandom(4)) % lines) // KILLED
                assert compiler.run(last_line=at)["ended"] == "SIGKILL", at
                now = _rounds_in(settings)
                assert now in (before, [number])
                before = now
                assert str(server.ask("always.example").rr[0].rdata) == "0.0.0.0"
            assert compiler.run()["ended"] == "done"
            assert _rounds_in(settings) == [KILLED]
    assert not list(settings.blockset_directory.rglob("*.new"))


def test_a_full_disk_changes_nothing_and_is_told(tmp_path: Path, lists: tuple[Source, Source]) -> None:
    settings = settings_for(tmp_path, [], lists)
    with _compiler(settings) as compiler:
        assert "free space" in compiler.run(most_bytes=100)["said"]
        assert load_current(settings.blockset_directory) is None  # nothing was ever good, nothing half is there
        assert compiler.run()["ended"] == "done"
        files = {path: path.read_bytes() for path in settings.blockset_directory.rglob("*") if path.is_file()}
        generation = max(len(content) for path, content in files.items() if path.suffix == ".set")
        _write(Path(lists[0].location), "always.example", "round1.example")
        for most_bytes in (100, generation // 4, generation - 1):  # a list's own file, the table, its last byte
            told = compiler.run(most_bytes=most_bytes)
            assert told["ended"] == "refused" and "free space" in told["said"], told
            assert _rounds_in(settings) == [0]
            assert not list(settings.blockset_directory.rglob("*.new"))
        assert compiler.run()["ended"] == "done"
        assert _rounds_in(settings) == [1]
