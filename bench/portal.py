"""Logins a second and login time beside Debian's openNDS in one run; listing, kick, restart and resident memory.

    make bench-portal            (needs root; 50 clients; the table goes into README.md)

A login is what a device does, four exchanges, each on a connection of its own from the client's namespace. Ours: probe
(302), splash, POST of the form (303), status page; openNDS with its own click-through page: probe (307), splash,
"accept", "continue". It counts when the last page says "online". What is waited for answers is the server's time; the
whole has the client's own work too. Clients and gateway share the machine's cores, so the
figures are a lower bound of both.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench import opennds
from bench.exchange import PATIENCE_S, Taken, exchange, request
from bench.readme import cpu_model, write_between
from gateway.control.client import ask
from gateway.lab.driver import Lab

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- bench-portal: begin (made by make bench-portal) -->", "<!-- bench-portal: end -->"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
Login = Callable[[str], Awaitable[Taken]]


@dataclass
class Arrivals:
    """So many logins at once."""

    at_once: int
    asked: int = 0
    walls_s: list[float] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    """Of the logins that came to their end."""

    @property
    def rate(self) -> float:
        """Finished logins a second."""
        return len(self.taken) / sum(self.walls_s)

    @property
    def slowest_s(self) -> float:
        """The longest login."""
        return max(each.whole_s for each in self.taken)

    @property
    def waited_s(self) -> float:
        """Median of what a login waited for answers."""
        return statistics.median(each.waited_s for each in self.taken)

    def cells(self) -> str:
        """As the table has them."""
        if len(self.taken) < 2:
            return f"{self.rate:.1f} | – | – | – | {len(self.taken)} of {self.asked} | –"
        whole = [each.whole_s for each in self.taken]
        times = (self.waited_s, statistics.median(whole), statistics.quantiles(whole, n=20)[18])
        told = " | ".join(f"{each * 1000:,.0f} ms" for each in times)
        return f"{self.rate:.1f} | {told} | {len(self.taken)} of {self.asked} | {self.slowest_s:.2f} s"


async def _our_login(portal: str, host: str, netns: str) -> Taken:
    begun, waits_s = time.perf_counter(), list[float]()
    probe = await exchange(netns, "198.18.0.1", request("GET", "/hotspot-detect.html", "captive.apple.com"), waits_s)
    assert probe.startswith(b"HTTP/1.1 302"), probe[:200]
    splash = await exchange(netns, portal, request("GET", "/?lang=en", host), waits_s)
    form = dict(_HIDDEN.findall(splash.decode()))
    posted = await exchange(netns, portal, request("POST", "/login?lang=en", host, {**form, "agree": "yes"}), waits_s)
    assert posted.startswith(b"HTTP/1.1 303"), posted[:200]
    status = await exchange(netns, portal, request("GET", "/status?lang=en", host), waits_s)
    assert b"You are online" in status, status[:200]
    return Taken(time.perf_counter() - begun, sum(waits_s))


async def _arrive(login: Login, clients: Sequence[str], arrivals: Arrivals) -> None:
    turn = asyncio.Semaphore(arrivals.at_once)

    async def one(netns: str) -> None:
        async with turn:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    arrivals.taken.append(await login(netns))
            except (OSError, AssertionError, TimeoutError, UnicodeDecodeError):
                return  # counted as not finished: a patron would try again

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for netns in clients:
            tasks.create_task(one(netns))
    arrivals.walls_s.append(time.perf_counter() - begun)
    arrivals.asked += len(clients)
    print(f"{arrivals.at_once} at once: {arrivals.cells()}", file=sys.stderr, flush=True)


def _ours(count: int, rounds: int) -> tuple[list[Arrivals], list[str]]:
    lab = Lab(clients=count)
    lab.up()
    try:
        status: dict[str, Any] = lab.status()
        clients = [client["netns"] for client in status["clients"]]
        host = status["gateway"]["portal_url"].removeprefix("http://").strip("/")
        login = partial(_our_login, status["gateway"]["lan_ipv4"], host)
        asyncio.run(_arrive(login, clients[:5], Arrivals(1)))  # what is made once: templates, terms
        _end_all(lab)
        found = []
        for at_once in (1, 10, count):
            arrivals = Arrivals(at_once)
            for _ in range(rounds):
                asyncio.run(_arrive(login, clients, arrivals))
                _end_all(lab)
            found.append(arrivals)
        pids = lab.status()["gateway"]["pids"]
        sizes = {"gateway": _pss_mb(pids["gateway"]), "DNS": sum(map(_pss_mb, pids["dns"]))}
        return found, [f"Resident (PSS): {', '.join(f'{name} {size:.0f} MB' for name, size in sizes.items())}."]
    finally:
        lab.down()


def _end_all(lab: Lab) -> None:
    """As the operator does, but in one program."""
    for session in lab.sessions():
        ask(lab.config.state.control_socket, "POST", f"/sessions/{session['id']}/end")


def _opennds(count: int) -> tuple[list[Arrivals], list[str]]:
    found = []
    notes: list[str] = []
    with opennds.network(count) as clients:
        for at_once in (1, 10, count):
            with opennds.running(count) as pid:
                arrivals = Arrivals(at_once)
                fewer = clients[: {1: 5, 10: 20}.get(at_once, count)]  # each login takes it a second or two
                asyncio.run(_arrive(opennds.login, fewer, arrivals))
                found.append(arrivals)
                if at_once == 1:
                    listing_s, kick_s = opennds.listing_and_kick_s(pid, "10.78.0.11")
                    done = len(arrivals.taken)
                    notes = [f"openNDS: {done} clients listed in {listing_s:.1f} s, a kick in {kick_s:.2f} s."]
    return found, notes


def _pss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    sizes = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
    return int(sizes["Pss"]) * 1.024 / 1000


def _control() -> dict[str, list[float]]:
    """Listing, kick and restart with 1,000 sessions, in a namespace of its own."""
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        command = ["unshare", "--net", sys.executable, "-m", "bench.control", "--json", told.name]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        times: dict[str, list[float]] = json.loads(Path(told.name).read_text(encoding="utf-8"))
    return times


def markdown(rows: Sequence[tuple[str, Sequence[Arrivals]]], control: dict[str, list[float]], notes: list[str]) -> str:
    """The whole section, with the goals that are not reached."""
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"`make bench-portal` on {datetime.now(UTC):%Y-%m-%d}: {cpu_model()}, {cores} cores shared by gateway and "
        f"clients, kernel {platform.release()}. A login is four exchanges on four connections.",
        "",
        "| | at once | logins/s | median, waited for answers | median, whole | p95 | finished | slowest |",
        "|---|---|---|---|---|---|---|---|",
        *(f"| {title} | {each.at_once} | {each.cells()} |" for title, found in rows for each in found),
        "",
        "| with 1,000 sessions | median | longest |",
        "|---|---|---|",
    ]
    lines += [f"| {what} | {statistics.median(t):,.0f} ms | {max(t):,.0f} ms |" for what, t in control.items()]
    lines += ["", *notes]
    if missed := _missed(rows[0][1], control):
        lines += ["", f"**Goals not reached:** {'; '.join(missed)}."]
    return "\n".join(lines) + "\n"


def _missed(ours: Sequence[Arrivals], control: dict[str, list[float]]) -> list[str]:
    alone, _, together = ours
    figures = (
        ("login alone, waited for answers", alone.waited_s * 1000, 20.0, 5.0, "ms"),
        ("50 at once, slowest", together.slowest_s * 1000, 1000.0, 1000.0, "ms"),
        ("listing of 1,000", statistics.median(control["listing"]), 50.0, 20.0, "ms"),
        ("kick", statistics.median(control["kick"]), 100.0, 20.0, "ms"),
        ("restart", statistics.median(control["restart"]), 1000.0, 500.0, "ms"),
        ("restart with the desk", statistics.median(control["restart, until the desk answers"]), 1000.0, 500.0, "ms"),
    )
    missed = [
        f"{what} {found:.0f} {unit} ({'must' if found > must else 'goal'} {must if found > must else goal:.0f})"
        for what, found, must, goal, unit in figures
        if found > goal
    ]
    if together.rate < 400:
        word, least = ("must", 100) if together.rate < 100 else ("goal", 400)
        missed.append(f"{together.rate:.0f} logins/s ({word} {least})")
    return missed


def main() -> None:
    """Measure both, print, write."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="put the table into README.md")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the networks are taken down
    control = _control()  # first: the kernel clears away the others' fifty namespaces for seconds after their end
    ours, notes = _ours(asked.clients, asked.rounds)
    rows: list[tuple[str, Sequence[Arrivals]]] = [("Cổng", ours)]
    if version := opennds.version():
        theirs, their_notes = _opennds(asked.clients)
        rows.append((f"openNDS {version}", theirs))
        notes += their_notes
    else:
        notes.append("openNDS was not measured: the package is not installed (.ci/setup bench).")
    text = markdown(rows, control, notes)
    print(text)
    if asked.write:
        write_between(ROOT / "README.md", BEGIN, END, text)


if __name__ == "__main__":
    main()
