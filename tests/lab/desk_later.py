"""Run inside a network namespace of its own: the desk comes up behind the portal, or not at all; patrons are served.

unshare --net python -m tests.lab.desk_later       prints "kept: N", or fails with a traceback

The real daemon, in whose installation a library of the desk alone (segno) can't be read at once, or is broken.
"""

import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.control import SCHEME
from gateway.config.model import Config
from gateway.control.client import ask
from gateway.errors import GatewayError
from gateway.lab import processes
from gateway.lab.daemons import cong

_SLOW_LIBRARY = """
import sys, time
from pathlib import Path
here = Path(__file__).parent
while not (here / "readable").exists():
    time.sleep(0.01)
if (here / "broken").exists():
    raise ImportError("Input/output error")
sys.path.remove(str(here))
del sys.modules["segno"]
import segno
"""
_PORT = Config().desk.port


@dataclass
class _Box:
    """One gateway: its directory, its installation's odd library, its process."""

    directory: Path
    daemon: subprocess.Popen[bytes]

    @property
    def door(self) -> Path:
        return self.directory / "run" / "control.sock"

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text(encoding="utf-8")

    def desk(self) -> str:
        """How it stands with the desk; "" while nobody can be asked."""
        try:
            return str(ask(self.door, "GET", "/")["desk"])
        except GatewayError:
            return ""

    def mark(self, name: str) -> Path:
        return self.directory / "library" / name

    def cong(self, *words: str) -> Any:
        """What a command prints as JSON."""
        command = cong(*words, "--json", "--config", str(self.directory / "cong.toml"))
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.directory / "state" / "cong.sqlite")) as database:
            return list(database.execute(sql))


@contextlib.contextmanager
def _box() -> Iterator[_Box]:
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        (directory / "library").mkdir()
        (directory / "library" / "segno.py").write_text(_SLOW_LIBRARY, encoding="ascii")
        config = directory / "cong.toml"
        config.write_text(f'[state]\ndirectory = "{made}/state"\nrun_directory = "{made}/run"\n', encoding="ascii")
        with (directory / "log").open("wb") as log:
            environment = {**processes.ENVIRONMENT, "PYTHONPATH": f"{directory}/library:{Path.cwd()}"}
            daemon = subprocess.Popen(cong("serve", "--config", str(config)), stdout=log, stderr=log, env=environment)
        box = _Box(directory, daemon)
        try:
            yield box
        finally:
            box.mark("readable").touch()
            daemon.kill()
            daemon.wait()


def _until(holds: Callable[[], object], what: str, within_s: float = 20) -> None:
    processes.wait_until(what, lambda: bool(holds()), within_s=within_s)


def _patrons_are_served() -> None:
    """A page of the portal, and the answer to a device's probe."""
    portal = Config().portal
    asked = urllib.request.Request(f"http://127.0.0.1:{portal.port}/help", headers={"Host": portal.hostname})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.status == 200 and "Thư viện" in answer.read().decode()
    with socket.create_connection(("127.0.0.1", portal.redirect_port), timeout=5) as link:
        link.sendall(b"GET /generate_204 HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        assert link.recv(4096).startswith(b"HTTP/1.1 302 ")


def _staff() -> socket.socket:
    """A browser that has asked for the first page."""
    link = socket.create_connection(("127.0.0.1", _PORT), timeout=5)
    link.sendall(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{_PORT}\r\nConnection: close\r\n\r\n".encode())
    return link


def _is_waiting(link: socket.socket) -> bool:
    link.settimeout(0.1)
    try:
        return link.recv(1) is None
    except TimeoutError:
        return True
    finally:
        link.settimeout(10)


def _patrons_come_before_the_desk_and_staff_wait_for_it() -> None:
    with _box() as box:
        _until(lambda: box.desk() == "starting", "the gateway")
        _patrons_are_served()
        assert "gateway.started" in box.log and "desk.open" not in box.log
        with _staff() as staff:
            assert _is_waiting(staff), "neither sent away nor answered"
            box.mark("readable").touch()
            assert staff.recv(4096).startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 303 "))
        assert box.desk() == "open" and box.log.index("gateway.started") < box.log.index("desk.open")
        assert box.cong("desk", "rights"), "the table of the desk that came later"
        box.daemon.send_signal(signal.SIGTERM)
        assert box.daemon.wait(20) == 0 and "gateway.stopped" in box.log


def _a_desk_that_fails_is_told_and_tried_again() -> None:
    with _box() as box:
        box.mark("broken").touch()
        box.mark("readable").touch()
        _until(lambda: box.desk() == "failed", "the desk's failure")
        _patrons_are_served()
        assert "ImportError: Input/output error" in box.log.partition("desk.failed")[2]
        told = {each["key"]: each for each in box.cong("doctor")}
        assert told["gateway"]["good"] and told["desk"]["outcome"] == "fault" and "desk.failed" in told["desk"]["hint"]
        with _staff() as staff:
            assert _is_waiting(staff)
            box.mark("broken").unlink()
            assert staff.recv(4096).startswith(b"HTTP/1.1 ")
        assert "desk" not in {each["key"] for each in box.cong("doctor")}
        assert box.daemon.poll() is None


def _a_port_that_is_taken_is_fatal_as_ever() -> None:
    with socket.create_server(("127.0.0.1", _PORT)), _box() as box:
        assert box.daemon.wait(20) == 1
        assert f"port {_PORT} can't be had" in box.log and "gateway.started" not in box.log


def main() -> None:
    """All of them."""
    subprocess.run(["ip", "-batch", "-"], input=SCHEME, text=True, check=True)
    checks = (
        _patrons_come_before_the_desk_and_staff_wait_for_it,
        _a_desk_that_fails_is_told_and_tried_again,
        _a_port_that_is_taken_is_fatal_as_ever,
    )
    for check in checks:
        check()
    print(f"kept: {len(checks)}")


if __name__ == "__main__":
    main()
