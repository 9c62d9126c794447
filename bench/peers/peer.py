"""What all servers of the bench have in common: files, process, memory, and the proof that they answer rightly."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.memory import family

WAIT_S = 180.0
UPSTREAMS_WORD = bytes((192, 0, 2, 1))
"""What bench/native/responder.c says to every question for an address."""


class PeerError(Exception):
    """A server that can't be measured, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server lives during a run."""

    directory: Path
    port: int
    upstream_port: int


@dataclass
class Peer:
    """One server. Its methods are called in this order: write, start, (stage, reload)*, stop."""

    place: Place
    title: str = ""
    package: str = ""
    """Debian package whose version is told; empty: ours."""
    program: str = ""
    how_reloaded: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def write(self, categories: dict[str, list[str]]) -> None:
        """Its configuration and its lists."""
        self.place.directory.mkdir(parents=True, exist_ok=True)
        self.place.directory.chmod(0o755)
        self.write_lists(categories, "")
        self.write_configuration()

    def write_configuration(self) -> None:
        """The files it is started with."""
        raise NotImplementedError

    def write_lists(self, categories: dict[str, list[str]], suffix: str) -> None:
        """Its lists in its own form, in files whose names end in `suffix`."""
        names = (name for names in categories.values() for name in names)
        with self.list_file.with_name(self.list_file.name + suffix).open("w", encoding="ascii") as file:
            file.write(self.list_head())
            file.writelines(self.list_line(name) for name in names)

    def list_head(self) -> str:
        """What its list begins with."""
        return ""

    def list_line(self, name: str) -> str:
        """The line or lines that refuse a name and all below it."""
        raise NotImplementedError

    def command(self) -> Sequence[str]:
        """What starts it in the foreground."""
        raise NotImplementedError

    @property
    def list_file(self) -> Path:
        return self.place.directory / "list"

    def list_bytes(self) -> int:
        """The size of its lists as it reads them."""
        return self.list_file.stat().st_size

    def start(self) -> None:
        """Start it; it does not answer yet."""
        log = self.place.directory / "log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out, cwd=self.place.directory)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def stage(self, categories: dict[str, list[str]], marker: str) -> None:
        """Write the changed lists (`marker` is one name more) beside those in use; nobody waits for this."""
        self.write_lists({**categories, "marker": [marker]}, ".new")

    def reload(self) -> None:
        """Put the staged lists in place and make the server read them."""
        self.list_file.with_name(self.list_file.name + ".new").replace(self.list_file)
        self.tell()

    def tell(self) -> None:
        """The documented way to have changed lists read; without one: a restart."""
        self.stop()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def pids(self) -> list[int]:
        """All its processes; none when it has ended."""
        return family(self.process.pid) if self.process is not None else []

    def tail(self) -> str:
        """The end of what it said."""
        return (self.place.directory / "log").read_text(errors="replace")[-2000:]

    def version(self) -> str:
        """As Debian has it."""
        shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", self.package], capture_output=True, text=True)
        return shown.stdout.strip()

    def ask(self, name: str, within_s: float = 0.3) -> bytes:
        """An answer to a question for a name's address, or nothing."""
        query = b"\xca\xfe\1\0\0\1\0\0\0\0\0\0"
        query += b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(within_s)
            try:
                client.connect(("127.0.0.1", self.place.port))
                client.send(query)
                return client.recv(4096)
            except OSError:
                return b""

    def refuses(self, name: str, within_s: float = 0.3) -> bool:
        """Does it answer, and not with the upstream's address?"""
        answer = self.ask(name, within_s)
        return len(answer) > 12 and answer[3] & 15 in (0, 3) and UPSTREAMS_WORD not in answer

    def seconds_until_refused(self, name: str, since: float) -> float:
        """How long after `since` (perf_counter) something below `name` is refused; a name no cache has is asked."""
        number = 0
        while not self.refuses(f"n{number}.{name}"):
            number += 1
            if time.perf_counter() - since > WAIT_S:
                raise PeerError(f"{self.title} has not refused {name} in {WAIT_S:.0f} s: {self.tail()}")
            if not self.pids():
                raise PeerError(f"{self.title} has ended; its log: {self.tail()}")
            time.sleep(0.005)
        return time.perf_counter() - since

    def pin(self, cores: set[int]) -> None:
        """Run all its threads on these cores."""
        for pid in self.pids():
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), cores)
