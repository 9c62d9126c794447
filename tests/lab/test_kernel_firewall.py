"""The firewall on the true kernel keeps the contract its fake keeps."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_kernels_firewall_keeps_the_contract() -> None:
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    command = [*apart, sys.executable, "-m", "tests.lab.kernel_firewall"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, "kept: 9\n"), done.stderr
