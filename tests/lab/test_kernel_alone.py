"""Edges on the true kernel, each in a namespace of its own: the firewall's contract, flows forgotten, the desk late."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("module", "checks"),
    [
        ("kernel_firewall", 11),
        ("kernel_connections", 8),
        ("kernel_strict", 6),
        ("kernel_generations", 2),
        ("kernel_shaper", 6),
        ("desk_later", 3),
    ],
)
def test_the_kernel_does_as_agreed(module: str, checks: int) -> None:
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    command = [*apart, sys.executable, "-m", f"tests.lab.{module}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, f"kept: {checks}\n"), done.stderr
