"""The operator's door with 1,000 sessions: listing, a kick, a restart; the real daemon in a namespace of its own.

    unshare --net .venv/bin/python -m bench.control          (needs root)

Times are those of one request over the control socket, answer read: the daemon's own. `cong sessions` adds the start of
a Python program. A restart ends when the control socket answers, the last door that opens for patrons and commands; the
desk's first page has a line of its own. Modules are compiled before, as pip does when it installs.
"""

import argparse
import asyncio
import compileall
import http.client
import json
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Method
from gateway.access.session import Limits
from gateway.clock import SystemClock
from gateway.config.model import Config
from gateway.lab.daemons import cong
from gateway.ports import NewSession
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions

_ROOT = Path(__file__).parent.parent
SCHEME = """
link add lan0 type veth peer name lan0p
link add wan0 type veth peer name wan0p
link set lo up
link set lan0 up
link set lan0p up
link set wan0 up
link set wan0p up
addr add 10.77.0.1/24 dev lan0
addr add 2001:db8:77::1/64 dev lan0 nodad
"""


class _Door(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def ask(path: Path, method: str, target: str) -> tuple[float, bytes]:
    """Milliseconds and the answer."""
    door = _Door(path)
    begun = time.perf_counter()
    door.request(method, target)
    answer = door.getresponse().read()
    took = (time.perf_counter() - begun) * 1000
    door.close()
    return took, answer


async def fill(path: Path, count: int) -> None:
    database, clock = await Database.open(path), SystemClock()
    sessions = SqliteSessions(database)
    for number in range(count):
        mac = Mac(f"02:00:5e:20:{number >> 8:02x}:{number & 255:02x}")
        new = NewSession(mac, AccessKind.WIFI, Method.TERMS, "adult", Limits(7200, 900), None, counted=True)
        await sessions.open_session(new, clock.now(), clock.boot_s(), clock.boot_id())
    await database.close()


def start(config: Path, door: Path, log: Path) -> tuple[subprocess.Popen[bytes], float]:
    door.unlink(missing_ok=True)
    begun = time.perf_counter()
    with log.open("ab") as said:
        daemon = subprocess.Popen(cong("serve", "--config", str(config)), stdout=said, stderr=said)
    while True:
        if daemon.poll() is not None:
            raise SystemExit(f"the daemon ended:\n{log.read_text(encoding='utf-8')[-2000:]}")
        if door.exists():
            try:
                ask(door, "GET", "/")
            except OSError:
                pass
            else:
                return daemon, time.perf_counter() - begun
        time.sleep(0.002)


def await_desk() -> None:
    """A page of the desk was read; one who asks early waits at its socket."""
    desk = http.client.HTTPConnection("127.0.0.1", Config().desk.port, timeout=20)
    desk.request("GET", "/sign-in")
    desk.getresponse().read()
    desk.close()


def measure(directory: Path, count: int, rounds: int) -> dict[str, list[float]]:
    """Lists of milliseconds by what was done."""
    subprocess.run(["ip", "-batch", "-"], input=SCHEME, text=True, check=True)
    for package in ("gateway", "filters", "portal_pages"):
        compileall.compile_dir(_ROOT / package, quiet=1)
    config = directory / "cong.toml"
    config.write_text(
        f'[state]\ndirectory = "{directory}/state"\nrun_directory = "{directory}/run"\n', encoding="ascii"
    )
    asyncio.run(fill(directory / "state" / "cong.sqlite", count))
    door, log = directory / "run" / "control.sock", directory / "log"
    daemon, granted_s = start(config, door, log)
    await_desk()  # what follows is of every day, not of the second after a start
    took: dict[str, list[float]] = {
        "start, all granted anew": [granted_s * 1000],
        "restart": [],
        "restart, until the desk answers": [],
    }
    try:
        listed = [ask(door, "GET", "/sessions") for _ in range(rounds)]
        sessions = json.loads(listed[-1][1])
        assert len(sessions) == count
        took["listing"] = [ms for ms, _ in listed]
        begun = time.perf_counter()
        subprocess.run(cong("sessions", "--config", str(config)), check=True, stdout=subprocess.DEVNULL)
        took["`cong sessions`, whole program"] = [(time.perf_counter() - begun) * 1000]
        took["kick"] = [ask(door, "POST", f"/sessions/{each['id']}/end")[0] for each in sessions[:rounds]]
        for _ in range(3):
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
            begun = time.perf_counter()
            daemon, restart_s = start(config, door, log)
            took["restart"].append(restart_s * 1000)
            await_desk()
            took["restart, until the desk answers"].append((time.perf_counter() - begun) * 1000)
    finally:
        daemon.terminate()
        daemon.wait()
    return took


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    options.add_argument("--sessions", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    if {name for _, name in socket.if_nameindex()} != {"lo"}:
        raise SystemExit("run it in a network namespace of its own: unshare --net python -m bench.control")
    with tempfile.TemporaryDirectory() as directory:
        took = measure(Path(directory), asked.sessions, asked.rounds)
    if asked.json:
        asked.json.write_text(json.dumps(took), encoding="utf-8")
    print(f"{asked.sessions} sessions; ms: median, longest")
    for what, times in took.items():
        print(f"  {what:32} {statistics.median(times):8.1f} {max(times):8.1f}")


if __name__ == "__main__":
    main()
