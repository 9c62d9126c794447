"""Our own filter as `cong dns` runs it: three profiles with schedules, counts told, guards at their defaults."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.memory import family
from bench.peers.peer import Peer
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config

CONG = Path(sys.executable).with_name("cong")


@dataclass
class Cong(Peer):
    """The profile asked refuses every category, and has a schedule; the two beside it differ."""

    title: str = "Cổng"
    program: str = str(CONG)
    how_reloaded: str = "cong lists update"
    workers: int = 1
    cache: str = "400MB"
    """dns.cache: a limit; as for the other servers, room for the whole replay in the profile that is asked."""
    categories: list[str] = field(default_factory=list)
    _update: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _listener: socket.socket | None = field(default=None, init=False)

    @property
    def configuration(self) -> Path:
        return self.place.directory / "cong.toml"

    @property
    def lists(self) -> Path:
        return self.place.directory / "lists"

    def write_lists(self, categories: dict[str, list[str]], suffix: str) -> None:
        self.lists.mkdir(exist_ok=True)
        self.categories = sorted({*categories, "marker"})
        for category in self.categories:
            names = categories.get(category, ["nothing.example"])
            (self.lists / f"{category}{suffix}").write_text("".join(f"{name}\n" for name in names), encoding="ascii")

    def write_configuration(self) -> None:
        directory, port = self.place.directory, self.place.port
        every = json.dumps(self.categories)
        blocks = [
            f'[state]\ndirectory = "{directory}/state"\nrun_directory = "{directory}/run"',
            f'[dns]\nupstreams = ["127.0.0.1@{self.place.upstream_port}"]\nworkers = {self.workers}\n'
            f'cache = "{self.cache}"\nshipped_lists = false',
            f'[dns.profiles.adult]\nport = {port}\nblock = {every}\ngames = "open"',
            '[[dns.profiles.adult.schedules]]\nname = "night"\nblock = ["games"]\nfrom = "22:00"\nto = "06:00"',
            f"[dns.profiles.child]\nport = {port + 1}\nblock = {every}\nsafe_search = true",
            '[[dns.profiles.child.schedules]]\nname = "lessons"\ndays = ["mon", "tue"]\nblock = ["games"]\n'
            'from = "07:00"\nto = "11:30"\nyoutube = "strict"',
            f'[dns.profiles.staff]\nport = {port + 2}\nblock = ["threats"]\ngames = "open"',
            *(
                f'[[dns.lists]]\nname = "{category}"\ncategory = "{category}"\nlocation = "{self.lists / category}"\n'
                'match = "tree"'
                for category in self.categories
            ),
        ]
        for name in ("state", "run"):
            (directory / name).mkdir(exist_ok=True)
        self.configuration.write_text("\n".join(blocks) + "\n")

    def command(self) -> Sequence[str]:
        return [self.program, "dns", "--config", str(self.configuration)]

    def list_bytes(self) -> int:
        return sum((self.lists / category).stat().st_size for category in self.categories)

    def compiled_bytes(self) -> int:
        """The size of the newest generation on disk, which all workers map."""
        files = sorted((self.place.directory / "state").rglob("*.set"))
        return files[-1].stat().st_size if files else 0

    def start(self) -> None:
        self._listen()
        super().start()

    def stop(self) -> None:
        super().stop()
        if self._update is not None:
            self._update.wait()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def stage(self, categories: dict[str, list[str]], marker: str) -> None:
        """One list is touched; see touch_all."""
        (self.lists / "marker.new").write_text(f"{marker}\n", encoding="ascii")

    def touch_all(self) -> None:
        """Let every list be another than before: a remark more."""
        for category in self.categories:
            with (self.lists / category).open("a", encoding="ascii") as file:
                file.write(f"# {os.urandom(4).hex()}\n")

    def reload(self) -> None:
        (self.lists / "marker.new").replace(self.lists / "marker")
        self._update = subprocess.Popen(
            [self.program, "lists", "update", "--config", str(self.configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> list[int]:
        """With `cong lists update` while it runs: it is part of a reload's price."""
        update = self._update
        return super().pids() + (family(update.pid) if update is not None and update.poll() is None else [])

    def workers_pids(self) -> list[int]:
        """The processes that answer."""
        assert self.process is not None
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in text.split()]

    def version(self) -> str:
        shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
        return shown.stdout.strip() or "unknown"

    def _listen(self) -> None:
        """Take the counts as the gateway would."""
        path = filter_settings(load_config(self.configuration)).counts_socket
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(str(path))
        self._listener = listener
        threading.Thread(target=_drain, args=(listener,), daemon=True).start()


def _drain(listener: socket.socket) -> None:
    try:
        while listener.recv(1 << 16):
            pass
    except OSError:
        return  # closed: the run is over
