"""The gateway's real daemons in its namespace: start, and wait until they do their work (not until they run)."""

import contextlib
import secrets
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dnslib import DNSRecord

from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.lab import netns, processes
from gateway.lab.plan import DESK_USER, GATEWAY
from gateway.lab.processes import Process
from gateway.lab.state import Files

GATEWAY_DAEMON, DNS_DAEMON, DHCP_DAEMON = "gateway", "dns", "dhcp"
DAEMONS = (GATEWAY_DAEMON, DNS_DAEMON, DHCP_DAEMON)
_READY_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class Daemons:
    """Starts the daemons of one lab."""

    files: Files
    config: Config

    def load_firewall(self) -> None:
        """The default-drop ruleset; before any link goes up."""
        processes.run([*netns.inside(GATEWAY), *cong("firewall", "load"), *self._config_option()])

    def start(self, name: str) -> Process:
        """Start one daemon; returns at once."""
        return processes.start([*netns.inside(GATEWAY), *self._command(name)], self.files.log(name))

    def wait_ready(self, name: str, process: Process) -> None:
        """Return when it serves; GatewayError with the end of its log when it ended or takes too long."""
        ready: dict[str, Callable[[], bool]] = {
            GATEWAY_DAEMON: self._gateway_answers,
            DNS_DAEMON: self._dns_answers,
            DHCP_DAEMON: lambda: processes.listeners(process, 67, "udp") > 0,
        }
        wait_ready(self.files, name, process, ready[name])

    def make_desk_user(self) -> Process:
        """Begin to make the desk's administrator; it takes a second, beside other things."""
        self.files.desk_password.touch(mode=0o600)
        self.files.desk_password.write_text(f"{secrets.token_urlsafe(9)}\n", encoding="ascii")
        words = ["add", DESK_USER, "--role", "administrator", "--shown", "Quản trị", "--by", "lab"]
        words += ["--password-file", str(self.files.desk_password), *self._config_option()]
        return processes.start([*netns.inside(GATEWAY), *cong("desk", *words)], self.files.log("desk-user"))

    def wait_desk_user(self, process: Process) -> None:
        """Return when it is made; GatewayError with what it said when it was not."""
        within = _READY_WITHIN_S
        processes.wait_until("the desk's user", lambda: not processes.is_alive(process), within_s=within)
        if "is a user now" not in self.files.log_tail("desk-user"):
            raise GatewayError(f"the desk has no user:\n{self.files.log_tail('desk-user')}", where="desk")

    def _command(self, name: str) -> list[str]:
        if name == GATEWAY_DAEMON:
            return [*cong("serve"), *self._config_option()]
        if name == DNS_DAEMON:
            return [*cong("dns"), *self._config_option()]
        text = processes.run([*netns.inside(GATEWAY), *cong("dhcp", "config"), *self._config_option()])
        self.files.dhcp_config.write_text(text, encoding="utf-8")
        # no other user or group to change to: a user namespace may hold none but root; no pid file: /run is the host's;
        # no ping before an offer: it costs each device 3 s, and here nobody sits on an address unasked
        keep = ["--keep-in-foreground", "--log-facility=-", "--user=root", "--group=", "--pid-file=", "--no-ping"]
        return ["dnsmasq", *keep, f"--conf-file={self.files.dhcp_config}"]

    def _config_option(self) -> list[str]:
        return ["--config", str(self.files.config)]

    def _gateway_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as control, contextlib.suppress(OSError):
            control.settimeout(1)
            control.connect(str(self.config.state.control_socket))
            return True
        return False

    def _dns_answers(self) -> bool:
        port = self.config.dns.profiles[self.config.session.profile].port
        question = DNSRecord.question("www.example.com")
        with netns.open_socket(GATEWAY, socket.AF_INET, socket.SOCK_DGRAM) as asker, contextlib.suppress(OSError):
            asker.settimeout(0.5)
            asker.connect((str(self.config.lan.ipv4.ip), port))
            asker.send(question.pack())
            return bool(asker.recv(4096)[:2] == question.pack()[:2])
        return False


def wait_ready(files: Files, name: str, process: Process, ready: Callable[[], bool]) -> None:
    """Poll a just started program until it is ready; its death or silence is an error with its log's end."""

    def _ready_or_dead() -> bool:
        if not processes.is_alive(process):
            raise GatewayError("ended by itself")
        return ready()

    try:
        processes.wait_until("not ready", _ready_or_dead, within_s=_READY_WITHIN_S)
    except GatewayError as error:
        tail = files.log_tail(name)
        said = f"; its log ends:\n{tail}" if tail else "; its log is empty"
        raise GatewayError(f"{error.message}{said}", where=name) from error


def cong(*arguments: str) -> list[str]:
    """The command `cong` of this very installation."""
    script = Path(sys.executable).with_name("cong")
    if script.exists():
        return [str(script), *arguments]
    return [sys.executable, "-P", "-c", "from gateway.cli.main import main; main()", *arguments]
