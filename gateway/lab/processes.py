"""The lab's programs: started with a log each, known by process id and start time, ended through a pidfd.

A process id alone may have been given to somebody else since; with the start time it names one process for ever.
"""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from gateway.clock import SystemClock
from gateway.errors import GatewayError

# a user's PATH on Debian has no sbin, where ip, nft and dnsmasq live
ENVIRONMENT = {**os.environ, "PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"}


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this boot."""

    pid: int
    start_ticks: int


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    parent: int
    session: int
    start_ticks: int


def start(command: list[str], log: Path) -> Process:
    """Run a program in a session of its own, its output to the log; it outlives us."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=ENVIRONMENT,
        )
    found = _stat(child.pid)
    assert found is not None, "a child that was not waited for keeps its entry"
    return Process(child.pid, found.start_ticks)


def run(command: list[str], *, stdin: str | None = None, within_s: float = 20) -> str:
    """Output of a short command; GatewayError with what it said when it fails."""
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=within_s, check=False, env=ENVIRONMENT
        )
    except FileNotFoundError as error:
        raise GatewayError(f"{command[0]} is not installed", hint="make setup installs what the lab needs") from error
    except subprocess.TimeoutExpired as error:
        raise GatewayError(f"gave no result within {within_s:g} s", where=" ".join(command)) from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing")[-2000:]
        raise GatewayError(f"failed with exit code {done.returncode}, saying: {said}", where=" ".join(command))
    return done.stdout


def this_process(pid: int) -> Process | None:
    """Identity of a running process by its id; None when there is none."""
    found = _stat(pid)
    return Process(pid, found.start_ticks) if found and found.state not in "ZX" else None


def is_alive(process: Process) -> bool:
    """Is it still running? A zombie is not."""
    return this_process(process.pid) == process


def family(process: Process) -> list[Process]:
    """Those of the session this process leads that still live, itself first; also when it is dead itself."""
    members = []
    for pid in _all_pids():
        found = _stat(pid)
        in_session = found and (found.session == process.pid and found.start_ticks >= process.start_ticks)
        if found and in_session and found.state not in "ZX":
            members.append(Process(pid, found.start_ticks))
    return sorted(members, key=lambda member: (member != process, member.pid))


def children(process: Process) -> list[Process]:
    """Processes it started that still live."""
    found = {pid: stat for pid in _all_pids() if (stat := _stat(pid))}
    return [
        Process(pid, stat.start_ticks)
        for pid, stat in sorted(found.items())
        if stat.parent == process.pid and stat.state not in "ZX"
    ]


def in_namespaces(kind: str, inodes: set[int]) -> list[Process]:
    """Processes living in one of the namespaces (`kind`: "net", "user"), this one left out."""
    found = []
    for pid in _all_pids():
        process = this_process(pid)
        # gone meanwhile, or another user's: neither is ours
        with contextlib.suppress(OSError):
            if process and pid != os.getpid() and Path(f"/proc/{pid}/ns/{kind}").stat().st_ino in inodes:
                found.append(process)
    return found


def end(processes: Iterable[Process], *, grace_s: float) -> None:
    """Ask them to stop, then make them; returns when all are gone."""
    handles = {handle: process for process in processes if (handle := _handle(process)) is not None}
    try:
        _signal_all(handles, signal.SIGTERM)
        left = _wait_gone(set(handles), grace_s)
        _signal_all(left, signal.SIGKILL)
        _wait_gone(left, 5)
        for process in handles.values():
            with contextlib.suppress(OSError):  # only our own children are ours to bury (`cong lab demo` has some)
                os.waitpid(process.pid, os.WNOHANG)
    finally:
        for handle in handles:
            os.close(handle)


def wait_until(what: str, holds: Callable[[], bool], *, within_s: float, step_s: float = 0.02) -> None:
    """Poll until it holds; GatewayError naming what was awaited when the time is over."""
    clock = SystemClock()
    deadline = clock.boot_s() + within_s
    pause = Event()
    while not holds():
        if clock.boot_s() > deadline:
            raise GatewayError(f"{what}: not within {within_s:g} s")
        pause.wait(step_s)


def listeners(process: Process, port: int, protocol: str) -> int:
    """How many sockets are bound to the port in the network namespace of this process. (No connection is made.)"""
    wanted = f":{port:04X}"
    count = 0
    for table in (protocol, f"{protocol}6"):
        try:
            lines = Path(f"/proc/{process.pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[1].endswith(wanted) and (protocol == "udp" or fields[3] == "0A"):
                count += 1
    return count


def _handle(process: Process) -> int | None:
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        return None
    if not is_alive(process):  # looked at after the handle is held: from here on it can't be another's
        os.close(handle)
        return None
    return handle


def _signal_all(handles: Iterable[int], number: int) -> None:
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)


def _wait_gone(handles: set[int], within_s: float) -> set[int]:
    """Those that are still there after the time."""
    clock = SystemClock()
    deadline = clock.boot_s() + within_s
    left = set(handles)
    while left and (rest := deadline - clock.boot_s()) > 0:
        gone, _, _ = select.select(list(left), [], [], rest)
        left -= set(gone)
    return left


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name before may hold anything, spaces and brackets too
    return _Stat(state=fields[0], parent=int(fields[1]), session=int(fields[3]), start_ticks=int(fields[19]))
