"""Questions for the DNS bench: as fast as answers come (dnsperf), or at a fixed rate (bench/native/pace.c).

In: a port on loopback and a file of queries. Out: figures. Needs gcc and dnsperf.
"""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.figures import Paced

NATIVE = Path(__file__).parent / "native"
SLOW_US = 100_000
SOCKETS = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """What dnsperf found."""

    qps: float
    lost: int


def build(directory: Path) -> None:
    """Compile the native helpers."""
    for name in ("responder", "pace"):
        subprocess.run(["gcc", "-O2", "-o", directory / name, NATIVE / f"{name}.c"], check=True)


_given: set[int] = set()


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row that were free a moment ago, and that nobody here was given before.

    Servers are started later than their ports are chosen, and two with SO_REUSEPORT would share one without a word.
    """
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
        try:
            for at in range(port, port + count):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    with socket.socket(socket.AF_INET, kind) as sock:
                        sock.bind(("127.0.0.1", at))
        except OSError:
            continue
        wanted = set(range(port, port + count))
        if not wanted & _given:
            _given.update(wanted)
            return port


@contextmanager
def responder(directory: Path, kind: str, port: int) -> Iterator[int]:
    """bench/native/responder.c while the block runs; its process id."""
    process = subprocess.Popen([directory / "responder", kind, "127.0.0.1", str(port)])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def flood(port: int, queries: Path, seconds: float, cores: str = "", more: Sequence[str] = ()) -> Rate:
    """As many questions as are answered, 100 open at a time, from 8 clients, again and again from the file."""
    pinned = ["taskset", "-c", cores] if cores else []
    words = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(queries), "-c", str(SOCKETS), "-q", "100"]
    shown = subprocess.run([*pinned, *words, "-l", f"{seconds:g}", *more], capture_output=True, text=True, check=True)
    return Rate(
        float(_found(r"Queries per second: +([\d.]+)", shown.stdout)),
        int(_found(r"Queries lost: +(\d+)", shown.stdout)),
    )


def once(port: int, queries: Path, longest_s: float = 120) -> Rate:
    """The same, each question of the file one time."""
    return flood(port, queries, longest_s, more=("-n", "1"))


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"dnsperf said: {text}")
    return match[1]


class Pace:
    """Questions at a fixed rate from now on, until `count` are asked or it is ended."""

    def __init__(self, directory: Path, port: int, queries: Path, rate: int, count: int) -> None:
        words = [str(directory / "pace"), "127.0.0.1", str(port), str(rate), str(count), str(SOCKETS)]
        self._out = directory / f"outcomes-{port}"
        with queries.open("rb") as asked, self._out.open("wb") as out:
            self._process = subprocess.Popen(words, stdin=asked, stdout=out)

    def ended(self, *, now: bool = False) -> Paced:
        """Wait for the last question (or stop asking `now`) and for its answer."""
        if now:
            self._process.send_signal(signal.SIGINT)
        if self._process.wait():
            raise ValueError(f"pace ended with {self._process.returncode}")
        rows = [line.split() for line in self._out.read_text(encoding="ascii").splitlines()]
        self._out.unlink()
        return summed([(float(sent), float(latency), word == "right") for sent, latency, word in rows])


def summed(outcomes: Sequence[tuple[float, float, bool]]) -> Paced:
    """Figures of (sent in s, latency in us or -1, was right)."""
    answered = sorted(latency for _, latency, _ in outcomes if latency >= 0)
    arrivals = sorted(sent + latency / 1e6 for sent, latency, _ in outcomes if latency >= 0)
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    return Paced(
        asked=len(outcomes),
        lost=len(outcomes) - len(answered),
        slow=sum(latency > SLOW_US for latency in answered),
        wrong=sum(latency >= 0 and not right for _, latency, right in outcomes),
        p50_ms=_quantile(answered, 0.50) / 1000,
        p99_ms=_quantile(answered, 0.99) / 1000,
        most_ms=(answered[-1] if answered else 0.0) / 1000,
        gap_ms=max(gaps, default=0.0) * 1000,
    )


def _quantile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] if sorted_values else 0.0
