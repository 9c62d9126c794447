"""The lab's directory and what is remembered in it. A lab can be taken down without any of it."""

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from gateway.errors import GatewayError
from gateway.lab.processes import Process

_MARK = ".cong-lab"  # only a directory with this file in it is ever removed


@dataclass(frozen=True, slots=True)
class State:
    """What `up` did: how many clients, with or without daemons, and its processes by name."""

    clients: int
    daemons: bool
    processes: dict[str, Process] = field(default_factory=dict)

    def with_process(self, name: str, process: Process) -> "State":
        """The same with one process more, or another in its place."""
        return replace(self, processes={**self.processes, name: process})


@dataclass(frozen=True, slots=True)
class Files:
    """Where things lie in the lab's directory."""

    directory: Path

    @property
    def config(self) -> Path:
        """The gateway's configuration."""
        return self.directory / "cong.toml"

    @property
    def dhcp_config(self) -> Path:
        """What `cong dhcp config` printed."""
        return self.directory / "dnsmasq.conf"

    @property
    def certificate(self) -> Path:
        """The web server's certificate, good for `curl --cacert`."""
        return self.directory / "web.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.directory / "web.key"

    @property
    def desk_password(self) -> Path:
        """The password of the desk's administrator."""
        return self.directory / "desk.password"

    def log(self, name: str) -> Path:
        """A program's output."""
        return self.directory / "logs" / f"{name}.log"

    def make(self) -> None:
        """The directory with its mark; a directory that is somebody else's is refused."""
        if self.directory.is_dir() and any(self.directory.iterdir()) and not self.is_lab():
            raise GatewayError(
                "is not empty and no lab made it", where=str(self.directory), hint="give a new directory's name"
            )
        (self.directory / "logs").mkdir(parents=True, exist_ok=True)
        (self.directory / _MARK).touch()
        for name in ("state", "run"):
            (self.directory / name).mkdir(exist_ok=True)

    def is_lab(self) -> bool:
        """Was it made by a lab?"""
        return (self.directory / _MARK).exists()

    def remove(self) -> None:
        """The directory and all in it, if a lab made it."""
        if self.is_lab():
            shutil.rmtree(self.directory)

    def save(self, state: State) -> None:
        """Write the state whole or not at all."""
        new = self.directory / "state.json.new"
        new.write_text(json.dumps(asdict(state), indent=1), encoding="ascii")
        new.replace(self.directory / "state.json")

    def load(self) -> State | None:
        """The state; None when it is missing or can't be read."""
        try:
            tree = json.loads((self.directory / "state.json").read_text(encoding="ascii"))
            processes = {name: Process(**entry) for name, entry in tree["processes"].items()}
            return State(int(tree["clients"]), bool(tree["daemons"]), processes)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The end of a program's output."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
