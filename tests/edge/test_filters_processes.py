"""The filter's processes: lean, and none of them is missed: killed or swapped, no question is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dnslib import RCODE, DNSRecord

from filters.compile import update
from filters.settings import Source
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, running, settings_for, start

_SOURCES = (Source("games-vn", "games", "package:games-vn"),)
_HEAVY = ("pydantic", "click", "rich", "numpy", "aiohttp", "jinja2", "dnslib", "h2", "ssl", "gateway")


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def test_a_worker_loads_nothing_it_does_not_need() -> None:
    told = "import sys; sys.modules['ssl'] = None; import filters.server; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", told], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()} - {"ssl"}
    assert loaded.isdisjoint(_HEAVY), loaded & set(_HEAVY)


def test_the_processes_are_small_and_map_no_library_of_the_gateway(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, [upstream.port], _SOURCES, workers=2)) as server:
        assert server.ask("free.example").rr
        for pid in (server.process.pid, *server.workers()):
            maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
            assert "/libc" in maps
            for library in ("_ssl", "libssl", "pydantic", "numpy", "aiohttp"):
                assert library not in maps, library
            assert _resident_mb(pid) < 32, "an empty filter's process"


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) / 1000
    raise AssertionError("no figure")


@dataclass
class Asking:
    """Questions at a fixed rate from one socket, and which of them were never answered."""

    client: socket.socket
    period_s: float = 0.002
    names: tuple[str, ...] = ("www.garena.vn", "garena.vn", "wifi.internal", "kept.example")
    open: dict[int, float] = field(default_factory=dict)
    slowest_s: float = 0.0
    asked: int = 0

    def ask(self, count: int) -> None:
        begun = time.perf_counter()
        for number in range(count):
            self._receive_until(begun + number * self.period_s)
            query = DNSRecord.question(self.names[self.asked % len(self.names)])
            query.header.id = self.asked & 0xFFFF
            self.open[query.header.id] = time.perf_counter()
            self.client.send(query.pack())
            self.asked += 1

    def settle(self, within_s: float = WAIT_S) -> None:
        """Wait for what is still open."""
        until = time.perf_counter() + within_s
        while self.open and time.perf_counter() < until:
            self._receive_until(time.perf_counter() + 0.05)

    def _receive_until(self, moment: float) -> None:
        while True:
            # late, it still takes what is there: else its own buffer would lose answers
            self.client.settimeout(max(0.0, moment - time.perf_counter()))
            try:
                reply = self.client.recv(4096)
            except (TimeoutError, BlockingIOError):
                return
            asked_at = self.open.pop(int.from_bytes(reply[:2], "big"))
            assert reply[3] & 15 == RCODE.NOERROR
            self.slowest_s = max(self.slowest_s, time.perf_counter() - asked_at)


def test_no_question_is_lost_while_lists_are_compiled_and_swapped(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    text = tmp_path / "own.txt"
    text.write_text("one.example\n", encoding="utf-8")
    settings = settings_for(tmp_path, [upstream.port], [*_SOURCES, Source("own", "games", str(text))], workers=2)
    with running(settings) as server, server.client() as client:
        asking = Asking(client)
        for generation in range(2, 6):
            text.write_text("".join(f"n{n}.example\n" for n in range(1000 * generation)), encoding="utf-8")
            server.process.send_signal(signal.SIGHUP)  # compiles beside the service
            asking.ask(500)
        asking.settle()
        assert not asking.open
        assert asking.asked == 2000
        server.events_until("lists.swapped")


def test_a_killed_worker_loses_no_waiting_question(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, [upstream.port], _SOURCES, workers=2)) as server, server.client() as client:
        asking = Asking(client)
        for _ in range(2):
            asking.ask(200)
            asking.settle()  # what a process has taken out of its socket dies with it; what waits there must not
            for pid in server.workers():
                os.kill(pid, signal.SIGKILL)
            asking.ask(300)
            asking.settle()
            assert not asking.open
            assert asking.slowest_s < 3.0


def test_a_killed_supervisor_loses_no_question_where_systemd_holds_the_sockets(
    upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, [upstream.port], _SOURCES, workers=2)
    update(settings)
    held = _held(settings.profiles[0].port)
    try:
        first = start(settings, held)
        server = Running(first, settings)
        server.events_until("dns.started")
        with server.client() as client:
            asking = Asking(client)
            asking.ask(200)
            asking.settle()
            workers = server.workers()
            first.kill()
            first.wait(WAIT_S)
            assert first.stderr is not None
            first.stderr.close()
            asking.ask(100)  # the orphans answer until they have ended; then questions wait
            with running(settings, held):
                asking.ask(200)
                asking.settle()
            assert not asking.open
        _wait(lambda: not any(_runs(pid) for pid in workers))
    finally:
        for each in held:
            each.close()


def test_workers_end_with_what_they_were_asked_answered(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    upstream.gate.clear()
    try:
        with running(settings_for(tmp_path, [upstream.port], _SOURCES)) as server, server.client() as client:
            client.send(DNSRecord.question("late.example").pack())
            _wait(lambda: bool(upstream.asked("late.example")))
            os.kill(server.workers()[0], signal.SIGTERM)
            upstream.gate.set()
            assert DNSRecord.parse(client.recv(4096)).rr
    finally:
        upstream.gate.set()


def _runs(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty: nobody has waited for the dead yet
    except OSError:
        return False


def _wait(true: Callable[[], bool]) -> None:
    until = time.perf_counter() + WAIT_S
    while not true():
        assert time.perf_counter() < until


def _held(port: int) -> list[socket.socket]:
    """As cong-dns.socket has them: one a worker and family."""
    held = []
    for _ in range(2):
        for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            made = socket.socket(family, socket.SOCK_DGRAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((any_address, port))
            held.append(made)
    return held
