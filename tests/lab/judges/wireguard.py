"""WireGuard (wireguard-go, in user space): a server at the ISP, a VPN app on a client."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.lab.driver import Lab
from gateway.lab.plan import SECOND_WEB_IPV4
from tests.lab.judges.programs import running, said, scratch

PEER_IPV4 = SECOND_WEB_IPV4
PORT, ODD_PORT = 51820, 40443
_INSIDE = {"wgserver": "10.99.0.1", "wgclient": "10.99.0.2"}


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Both ends; it is for the client to come."""

    lab: Lab
    client: str
    server_key: str

    def dial(self, port: int) -> None:
        """The app is told to connect."""
        peer = ["peer", self.server_key, "endpoint", f"{PEER_IPV4}:{port}", "allowed-ips", "10.99.0.1/32"]
        done = self.lab.run(self.client, ["wg", "set", "wgclient", *peer, "persistent-keepalive", "1"])
        assert done.returncode == 0, done.stderr

    def carries(self) -> bool:
        """Does a ping come back through it?"""
        return self.lab.run(self.client, ["ping", "-c", "1", "-W", "1", "10.99.0.1"]).returncode == 0


@contextmanager
def tunnel(lab: Lab, client: str, port: int) -> Iterator[Tunnel]:
    """A server that listens on `port`, and an app that has not dialled yet."""
    with ExitStack() as opened:
        directory = opened.enter_context(scratch())
        keys = {
            name: _end(lab, opened, directory, part, name) for part, name in (("isp", "wgserver"), (client, "wgclient"))
        }
        peer = ["peer", keys["wgclient"], "allowed-ips", "10.99.0.2/32"]
        done = lab.run("isp", ["wg", "set", "wgserver", "listen-port", str(port), *peer])
        assert done.returncode == 0, done.stderr
        yield Tunnel(lab, client, keys["wgserver"])


def _end(lab: Lab, opened: ExitStack, directory: Path, part: str, name: str) -> str:
    """One end up with its address; its public key."""
    log = directory / name
    opened.enter_context(running([*lab.inside(part), "wireguard-go", "--foreground", name], log))
    lab.wait_until(lambda: lab.run(part, ["wg", "show", name]).returncode == 0, 10, f"{name}: {said(log)}")
    key = directory / f"{name}.key"
    key.write_text(lab.run(part, ["wg", "genkey"]).stdout, encoding="ascii")
    for command in (
        ["wg", "set", name, "private-key", str(key)],
        ["ip", "address", "add", f"{_INSIDE[name]}/24", "dev", name],
        ["ip", "link", "set", name, "up"],
    ):
        done = lab.run(part, command)
        assert done.returncode == 0, done.stderr
    return lab.run(part, ["wg", "show", name, "public-key"]).stdout.strip()
