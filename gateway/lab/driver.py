"""The lab in a test's hands: run programs on its parts, sign a client in, look at the truth, wait for what comes."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.lab import apart, netns, processes
from gateway.lab.daemons import cong
from gateway.lab.patron import Answer, Patron
from gateway.lab.plan import is_ours, netns_of
from gateway.lab.processes import wait_until
from gateway.lab.state import Files

T = TypeVar("T")


class Lab:
    """A lab with its real daemons. Names are c1…cN, gw, isp."""

    def __init__(self, clients: int, config_extra: Path | None = None) -> None:
        self._options = ["--clients", str(clients)]
        if config_extra:
            self._options += ["--config-extra", str(config_extra)]

    @property
    def files(self) -> Files:
        """The lab's directory: configuration, logs, database."""
        return Files(apart.default_directory())

    @property
    def config(self) -> Config:
        """The gateway's configuration."""
        return load_config(self.files.config)

    def up(self) -> None:
        """Bring it up; what a crashed run left is removed first."""
        self.command("lab", "down")
        self.command("lab", "up", *self._options, timeout=120)

    def down(self) -> None:
        """Remove all of it."""
        self.command("lab", "down")

    def status(self) -> dict[str, Any]:
        """`cong lab status --json`."""
        tree: dict[str, Any] = json.loads(self.command("lab", "status", "--json").stdout)
        return tree

    def restart(self, name: str) -> None:
        """Start `gateway`, `dns` or `dhcp` again."""
        self.command("lab", "restart", name)

    def namespaces(self) -> dict[str, int]:
        """The lab's namespaces, each with the inode that tells it from all others (see processes.in_namespaces)."""
        command = ["sh", "-c", "stat --dereference --format '%n %i' /run/netns/*"]
        lines = self._checked(self._run([*apart.entrance(), *command], 10, None)).stdout.splitlines()
        found = {Path(path).name: int(inode) for path, inode in map(str.split, lines)}
        return {name: inode for name, inode in found.items() if is_ours(name)}

    def inside(self, name: str) -> list[str]:
        """What stands before a command to run it on a part, for subprocess.Popen and the like."""
        return [*apart.entrance(), *netns.inside(netns_of(name))]

    def run(
        self, name: str, command: list[str], *, timeout: float = 20, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on a part to its end; its exit code is the caller's to judge."""
        return self._run([*self.inside(name), *command], timeout, stdin)

    def cong(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of the operator on the gateway, such as cong("sessions", "--json")."""
        done = self._run([*self.inside("gw"), *cong(*arguments)], 60, None)
        return self._checked(done) if check else done

    def command(self, *arguments: str, timeout: float = 60, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A `cong` command on the host, such as command("lab", "status")."""
        done = self._run(cong(*arguments), timeout, None)
        return self._checked(done) if check else done

    def patron(self, name: str) -> Patron:
        """Somebody with a browser at a client."""
        return Patron(self.inside(name))

    def login(self, name: str, url: str = "http://www.example.com/") -> Answer:
        """Sign a client in through the portal's own pages; the page that says one is online."""
        return self.patron(name).sign_in(url)

    def sessions(self) -> list[dict[str, Any]]:
        """The live sessions, as `cong sessions --json` tells them."""
        tree = json.loads(self.cong("sessions", "--json").stdout)
        found: list[dict[str, Any]] = tree["sessions"] if isinstance(tree, dict) else tree
        return found

    def end_all_sessions(self) -> None:
        """End every live session as the operator does."""
        for session in self.sessions():
            self.cong("session", "end", str(session["id"]))

    def sql(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows of the gateway's database, opened for reading only."""
        address = f"file:{self.config.state.database}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as database:
            return database.execute(query, parameters).fetchall()

    def log(self, name: str) -> str:
        """What a program has said: gateway, dns, dhcp, isp-web, isp-dns, isp-udp, iperf3, dhclient-c1."""
        return self.files.log(name).read_text(encoding="utf-8", errors="replace")

    def wait_until(self, holds: Callable[[], T], within_s: float = 5, what: str = "what was waited for") -> T:
        """Poll until it gives something true, and give that; AssertionError when the time is over."""
        found: list[T] = []

        def _look() -> bool:
            found[:] = [holds()]
            return bool(found[0])

        try:
            wait_until(what, _look, within_s=within_s, step_s=0.05)
        except GatewayError as error:
            raise AssertionError(f"{error}; last: {found[0]!r}") from None
        return found[0]

    def _run(self, command: list[str], timeout: float, stdin: str | None) -> subprocess.CompletedProcess[str]:
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        environment = {**processes.ENVIRONMENT, "CONG_CONFIG": str(self.files.config)}
        # a test's own coverage and warning settings are not the daemons'
        environment = {key: value for key, value in environment.items() if not key.startswith("PYTEST_")}
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout, env=environment, **given
        )

    def _checked(self, done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
        if done.returncode:
            raise AssertionError(f"{os.fspath(done.args[-1])}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done
