"""Where our worker's time goes under the mixed replay: py-spy for Python's functions, perf for the kernel's.

In: our running filter. Out: text. Either tool may be missing: perf is Debian's linux-perf, py-spy comes by pip.
"""

import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from bench.dns_load import Rate, flood
from bench.peers.cong import Cong

_SECONDS, _SHOWN = 5, 20


def profile(server: Cong, queries: Path) -> str:
    """The functions in which the first worker spent its time, and the rate meanwhile."""
    worker = server.workers_pids()[0]
    told = []
    for look in (_by_py_spy, _by_perf):
        rates: list[Rate] = []
        load = threading.Thread(target=lambda to=rates: to.append(flood(server.place.port, queries, _SECONDS + 2)))
        load.start()
        try:
            shown = look(worker, server.place.directory / "profile")
        finally:
            load.join()
        told.append(f"{shown}\n({rates[0].qps:,.0f} questions a second meanwhile)")
    return "\n\n".join(told)


def _by_py_spy(pid: int, path: Path) -> str:
    beside = Path(sys.executable).with_name("py-spy")
    program = str(beside) if beside.exists() else shutil.which("py-spy")
    if program is None:
        return "py-spy is not there: pip install py-spy"
    words = [program, "record", "-r", "250", "-f", "raw", "-d", str(_SECONDS), "-o", str(path), "-p", str(pid)]
    if subprocess.run(words, capture_output=True).returncode:
        return "py-spy may not look at the process: run as root"
    lines: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for stack, _, count in (line.rpartition(" ") for line in path.read_text(encoding="utf-8").splitlines()):
        frames = stack.split(";")
        lines[frames[-1]] += int(count)
        functions.update(
            dict.fromkeys({frame.rpartition(":")[0] for frame in frames if "filters/" in frame}, int(count))
        )
    whole = lines.total()
    return "\n".join(
        ["share  line, by itself (py-spy)"]
        + [f"{count / whole:5.1%}  {line}" for line, count in lines.most_common(_SHOWN)]
        + ["share  function of ours, with what it calls"]
        + [f"{count / whole:5.1%}  {name}" for name, count in functions.most_common(_SHOWN)]
    )


def _by_perf(pid: int, path: Path) -> str:
    if not shutil.which("perf"):
        return "perf is not there: apt-get install linux-perf"
    words = ["perf", "record", "-q", "-F", "997", "-p", str(pid), "-o", str(path), "--", "sleep", str(_SECONDS)]
    if subprocess.run(words, capture_output=True).returncode:
        return "perf may not look at the process: run as root"
    words = ["perf", "report", "-i", str(path), "--stdio", "--percent-limit", "0.7", "--sort", "dso,symbol"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = [line.rstrip() for line in shown.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(["share  object, function (perf)", *found[: 2 * _SHOWN]])
