"""How long the desk's pages take with 1,000 sessions open: the real daemon in a namespace of its own.

    unshare --net .venv/bin/python -m bench.desk          (needs root)

Times are those of one request, answer read: the daemon's own work. Musts of the desk: a first view under 300 ms,
a page under 100 kB.
"""

import asyncio
import http.client
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from bench.control import SCHEME, fill, start
from gateway.lab.daemons import cong

PAGES = (
    *(
        "/",
        "/sessions",
        "/vouchers",
        "/accounts",
        "/filter",
        "/filter/names",
        "/filter/why?name=garena.vn&profile=adult",
    ),
    *("/calendar", "/calendar/hours", "/pcs", "/line", "/bills", "/reports", "/board", "/shelf", "/settings", "/users"),
    *("/settings/backup", "/audit", "/account"),
)
_HOST, _PORT = "127.0.0.1", 8090


def measure(directory: Path, sessions: int, rounds: int) -> dict[str, tuple[list[float], int]]:
    """Milliseconds of each request and bytes of the answer, by page."""
    subprocess.run(["ip", "-batch", "-"], input=SCHEME, text=True, check=True)
    config, password = directory / "cong.toml", directory / "password"
    config.write_text(
        f'[state]\ndirectory = "{directory}/state"\nrun_directory = "{directory}/run"\n', encoding="ascii"
    )
    password.write_text("three blue cats\n", encoding="ascii")
    asyncio.run(fill(directory / "state" / "cong.sqlite", sessions))
    daemon, _ = start(config, directory / "run" / "control.sock", directory / "log")
    try:
        made = ["desk", "add", "bench", "--role", "administrator", "--password-file", str(password)]
        subprocess.run(cong(*made, "--config", str(config)), check=True, stdout=subprocess.DEVNULL)
        cookie = _signed_in("bench", "three blue cats")
        return {page: _opened(page, cookie, rounds) for page in PAGES}
    finally:
        daemon.terminate()
        daemon.wait()


def _signed_in(name: str, password: str) -> str:
    door = http.client.HTTPConnection(_HOST, _PORT, timeout=20)
    body = urllib.parse.urlencode({"name": name, "password": password})
    kind = "application/x-www-form-urlencoded"
    door.request("POST", "/sign-in", body, {"Origin": f"http://{_HOST}:{_PORT}", "Content-Type": kind})
    answer = door.getresponse()
    assert answer.status == 303, answer.read().decode()
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _opened(page: str, cookie: str, rounds: int) -> tuple[list[float], int]:
    door, times, size = http.client.HTTPConnection(_HOST, _PORT, timeout=20), [], 0
    for _ in range(rounds):
        begun = time.perf_counter()
        door.request("GET", page, headers={"Cookie": cookie})
        answer = door.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200, (page, answer.status)
        size = len(body)
    door.close()
    return times, size


def main() -> None:
    """Measure and print."""
    if {name for _, name in socket.if_nameindex()} != {"lo"}:
        raise SystemExit("run it in a network namespace of its own: unshare --net python -m bench.desk")
    with tempfile.TemporaryDirectory() as directory:
        took = measure(Path(directory), 1000, 15)
    print("| page | first view, ms | median, ms | slowest, ms | kB |\n|---|---|---|---|---|")
    for page, (times, size) in took.items():
        first, middle, most = times[0], statistics.median(times), max(times)
        print(f"| {page.partition('?')[0]} | {first:.0f} | {middle:.0f} | {most:.0f} | {size / 1000:.1f} |")


if __name__ == "__main__":
    main()
