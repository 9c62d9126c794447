"""Logins a second, login time, restart time and resident memory, in the lab, with real clients in their namespaces.

    make bench-portal            (needs root; 50 clients)

A login is what a device does: GET of a probe (302), GET of the splash, POST of the form (303), GET of the status page,
each on a connection of its own from the client's namespace; it counts when the status page says "online". Client and
gateway share the machine's cores, so the figures are a lower bound.
"""

import argparse
import asyncio
import ctypes
import json
import os
import re
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gateway.lab.driver import Lab

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@contextmanager
def _inside(netns: str) -> Iterator[None]:
    """Sockets made here belong to the namespace, wherever they are used later."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        if _LIBC.setns(there, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        _LIBC.setns(here, _CLONE_NEWNET)
        os.close(here)
        os.close(there)


async def _exchange(netns: str, address: str, request: bytes) -> bytes:
    with _inside(netns):
        link = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    async with asyncio.timeout(30):
        await asyncio.get_running_loop().sock_connect(link, (address, 80))
        reader, writer = await asyncio.open_connection(sock=link)
        writer.write(request)
        answer = await reader.read()
        writer.close()
    return answer


def _request(method: str, target: str, host: str, form: dict[str, str] | None = None) -> bytes:
    body = urlencode(form).encode() if form is not None else b""
    head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    if form is not None:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def _login(netns: str, portal: str, host: str) -> float:
    begun = time.perf_counter()
    probe = await _exchange(netns, "198.18.0.1", _request("GET", "/hotspot-detect.html", "captive.apple.com"))
    assert probe.startswith(b"HTTP/1.1 302"), probe[:200]
    splash = await _exchange(netns, portal, _request("GET", "/?lang=en", host))
    form = dict(_HIDDEN.findall(splash.decode()))
    posted = await _exchange(netns, portal, _request("POST", "/login?lang=en", host, {**form, "agree": "yes"}))
    assert posted.startswith(b"HTTP/1.1 303"), posted[:200]
    status = await _exchange(netns, portal, _request("GET", "/status?lang=en", host))
    assert b"You are online" in status, status[:200]
    return time.perf_counter() - begun


async def _logins(clients: list[str], at_once: int, portal: str, host: str) -> tuple[float, list[float]]:
    turn = asyncio.Semaphore(at_once)
    taken: list[float] = []

    async def one(netns: str) -> None:
        async with turn:
            taken.append(await _login(netns, portal, host))

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for netns in clients:
            tasks.create_task(one(netns))
    return time.perf_counter() - begun, taken


def _resident(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process in MB (10^6)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    sizes = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
    return int(sizes["Rss"]) * 1.024 / 1000, int(sizes["Pss"]) * 1.024 / 1000


def _restart_s(lab: Lab) -> float:
    """From the kill to the first splash page of the new process."""
    status = lab.status()
    os.kill(status["gateway"]["pids"]["gateway"], signal.SIGKILL)
    lab.restart("gateway")
    log = [json.loads(line) for line in lab.log("gateway").splitlines() if line.startswith("{")]
    started = [line for line in log if line["event"] == "gateway.started"]
    return float(started[-1]["took_s"])


def main() -> None:
    """Bring a lab up, measure, print, take it down."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--rounds", type=int, default=2)
    asked = options.parse_args()
    lab = Lab(clients=asked.clients)
    lab.up()
    try:
        _measure(lab, asked.rounds)
    finally:
        lab.down()


def _measure(lab: Lab, rounds: int) -> None:
    status: dict[str, Any] = lab.status()
    clients = [client["netns"] for client in status["clients"]]
    portal, host = status["gateway"]["lan_ipv4"], status["gateway"]["portal_url"].removeprefix("http://").strip("/")
    print(f"{len(clients)} clients, {rounds} rounds; a login is 4 exchanges on 4 connections")
    print(f"{'at once':>8} {'logins/s':>9} {'median ms':>10} {'p95 ms':>8} {'all in s':>9}")
    for at_once in (1, 10, len(clients)):
        walls, taken = [], []
        for _ in range(rounds):
            wall, times = asyncio.run(_logins(clients, at_once, portal, host))
            lab.end_all_sessions()
            walls.append(wall)
            taken += times
        rate = len(clients) / statistics.median(walls)
        p95 = statistics.quantiles(taken, n=20)[18]
        print(
            f"{at_once:>8} {rate:>9.0f} {statistics.median(taken) * 1000:>10.1f} {p95 * 1000:>8.1f} "
            f"{statistics.median(walls):>9.2f}"
        )
    asyncio.run(_logins(clients, 10, portal, host))
    restarts = [_restart_s(lab) for _ in range(rounds)]
    print(f"restart of the gateway with {len(clients)} sessions, start of the process to open doors:")
    print(f"  median {statistics.median(restarts):.2f} s, longest {max(restarts):.2f} s")
    pids = lab.status()["gateway"]["pids"]
    print("resident memory (RSS, PSS) in MB:")
    for name, pid in (("gateway", pids["gateway"]), *((f"dns {n}", pid) for n, pid in enumerate(pids["dns"]))):
        print(f"  {name:8} {_resident(pid)[0]:6.1f} {_resident(pid)[1]:6.1f}")


if __name__ == "__main__":
    main()
