"""Runs a judge and ends it with all it started, whatever became of the test."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.lab import processes


@contextmanager
def running(
    command: list[str],
    log: Path,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a session of its own, its output in the log; `more` is added to its environment."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output if stdout is None else stdout,
            stderr=output,
            start_new_session=True,
            env={**processes.ENVIRONMENT, **(more or {})},
        )
    leader = processes.this_process(child.pid)
    try:
        yield child
    finally:
        if leader:
            processes.end(processes.family(leader), grace_s=2)
        child.wait(5)


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory with a short name: the path of a socket in it has to stay below 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="cong-judge-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def said(log: Path) -> str:
    """What a program has printed so far."""
    return log.read_text(encoding="utf-8", errors="replace")
