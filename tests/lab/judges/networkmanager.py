"""Debian's NetworkManager on a client: it manages the interface, gets the addresses, and judges its connectivity."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.lab.driver import Lab
from gateway.lab.wires import CLIENT_INTERFACE
from tests.lab.judges.programs import running, said, scratch

PROBE_HOST, PROBE_PATH = "network-test.debian.org", "/nm"  # as Debian ships it, asked by name

# auth-polkit, dns: there is no polkit to ask, and the lab's own resolv.conf points to the gateway already;
# hostname-mode: it must not name the machine after a lease
_CONFIGURATION = """\
[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
auth-polkit=false
hostname-mode=none
no-auto-default=*
[keyfile]
path={directory}/connections
[connectivity]
enabled=true
uri=http://{host}{path}
interval=300
[logging]
level=INFO
domains=CORE:INFO,DEVICE:INFO,DHCP4:INFO,CONCHECK:DEBUG
"""
# a bus without a user to change to: a user namespace may hold none but root
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>system</type>
<listen>unix:path={directory}/bus</listen>
<auth>EXTERNAL</auth>
<policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="false"/><allow receive_sender="*"/>
</policy>
</busconfig>
"""


@dataclass(frozen=True, slots=True)
class Connectivity:
    """NetworkManager's verdict: over all, and of the interface in each family."""

    whole: str
    ipv4: str
    ipv6: str


@dataclass(frozen=True, slots=True)
class NetworkManager:
    """A running one, asked by nmcli."""

    lab: Lab
    client: str
    bus: str

    def check(self) -> Connectivity:
        """Let it probe now, and tell what it found."""
        whole = self._nmcli("networking", "connectivity", "check").strip()
        families = self._get("GENERAL.IP4-CONNECTIVITY,GENERAL.IP6-CONNECTIVITY")
        ipv4, ipv6 = (line.partition("(")[2].rstrip(")") for line in families)  # 2 (portal)
        return Connectivity(whole, ipv4, ipv6)

    def wait_for(self, verdict: str, within_s: float = 10) -> None:
        """Until it judges so in both families."""
        wanted = Connectivity(verdict, verdict, verdict)
        seen: list[Connectivity] = []

        def _is_so() -> bool:
            seen[:] = [self.check()]
            return seen[0] == wanted

        try:
            self.lab.wait_until(_is_so, within_s, f"NetworkManager saying {verdict}")
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen}") from None

    def addresses(self) -> list[str]:
        """What it has put on the interface, IPv4 first; without prefix lengths."""
        return [line.partition("/")[0] for line in self._get("IP4.ADDRESS,IP6.ADDRESS") if line]

    def is_running(self) -> bool:
        """Does it answer?"""
        return self._run("general").returncode == 0

    def connect(self) -> None:
        """Take the interface, as a desktop does with a cable; returns with addresses of both families."""
        settings = ["ipv4.method", "auto", "ipv4.may-fail", "no", "ipv6.method", "auto", "ipv6.may-fail", "no"]
        link = ["type", "ethernet", "ifname", CLIENT_INTERFACE, "con-name", "library"]
        self._nmcli("connection", "add", *link, *settings)
        self._nmcli("--wait", "20", "connection", "up", "library")

    @contextmanager
    def ipv6_alone(self) -> Iterator[None]:
        """On a network without IPv4 meanwhile: no address of it, and the resolver is asked over IPv6."""
        lan6 = self.lab.config.lan.ipv6
        assert lan6 is not None
        kept = self.lab.run(self.client, ["cat", "/etc/resolv.conf"]).stdout
        try:
            self._write_resolver(f"nameserver {lan6.ip}\n")
            self._nmcli("connection", "modify", "library", "ipv4.method", "disabled", "ipv4.may-fail", "yes")
            self._nmcli("--wait", "20", "connection", "up", "library")
            yield
        finally:
            self._write_resolver(kept)
            self._nmcli("connection", "modify", "library", "ipv4.method", "auto", "ipv4.may-fail", "no")
            self._nmcli("--wait", "20", "connection", "up", "library")

    def _write_resolver(self, text: str) -> None:
        assert self.lab.run(self.client, ["sh", "-c", "cat >/etc/resolv.conf"], stdin=text).returncode == 0

    def _get(self, fields: str) -> list[str]:
        return self._nmcli("--get-values", fields, "--escape", "no", "device", "show", CLIENT_INTERFACE).splitlines()

    def _nmcli(self, *words: str) -> str:
        done = self._run(*words)
        assert done.returncode == 0, f"nmcli {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        set_bus = ["env", f"DBUS_SYSTEM_BUS_ADDRESS={self.bus}", "LC_ALL=C.UTF-8"]
        return self.lab.run(self.client, [*set_bus, "nmcli", *words], timeout=30)


@contextmanager
def network_manager(lab: Lab, client: str) -> Iterator[NetworkManager]:
    """Start it on a client and let it connect; afterwards it is gone and the client is as it was found."""
    script = Path(__file__).with_name("networkmanager.sh")
    with _left_as_found(lab, client), scratch() as directory:
        values = {"directory": directory, "host": PROBE_HOST, "path": PROBE_PATH}
        (directory / "nm.conf").write_text(_CONFIGURATION.format_map(values), encoding="ascii")
        (directory / "bus.conf").write_text(_BUS.format_map(values), encoding="ascii")
        log = directory / "log"
        command = [*lab.inside(client), "unshare", "--mount", "--uts", "sh", str(script), str(directory)]
        with running(command, log) as child:
            manager = NetworkManager(lab, client, f"unix:path={directory}/bus")
            try:
                lab.wait_until(lambda: child.poll() is not None or manager.is_running(), 15, "NetworkManager")
                manager.connect()
            except AssertionError as error:
                raise AssertionError(f"{error}; it said:\n{said(log)[-4000:]}") from error
            yield manager


@contextmanager
def _left_as_found(lab: Lab, client: str) -> Iterator[None]:
    """NetworkManager leaves its addresses and kernel values behind: put back what dhclient and the kernel had."""
    kernel_values = _kernel_values(lab, client)
    held = _ipv4_addresses(lab, client)
    routes = _routes(lab, client)
    try:
        yield
    finally:
        changed = {key: value for key, value in _kernel_values(lab, client).items() if kernel_values.get(key) != value}
        off = f"net/ipv6/conf/{CLIENT_INTERFACE}/disable_ipv6"
        script = [f"ip -4 addr flush dev {CLIENT_INTERFACE}", f"echo 1 >/proc/sys/{off}"]
        script += [f"echo {kernel_values[key]} >/proc/sys/{key}" for key in changed if key in kernel_values]
        # on again: the kernel makes its addresses anew and asks for an advertisement
        script += [f"echo 0 >/proc/sys/{off}"]
        script += [
            f"ip -4 addr add {entry['local']}/{entry['prefixlen']} broadcast {entry['broadcast']} "
            f"valid_lft {entry['valid_life_time']} preferred_lft {entry['preferred_life_time']} dev {CLIENT_INTERFACE}"
            for entry in held
        ]
        script += [f"ip -4 route add {route}" for route in routes if route.startswith("default ")]
        done = lab.run(client, ["sh", "-e"], stdin="\n".join(script) + "\n")
        assert done.returncode == 0, done.stderr
        lab.wait_until(lambda: _has_ipv6(lab, client), 10, f"{client} having its IPv6 addresses again")
        assert _routes(lab, client) == routes


def _kernel_values(lab: Lab, client: str) -> dict[str, str]:
    paths = " ".join(f"net/{family}/conf/{CLIENT_INTERFACE}/*" for family in ("ipv4", "ipv6"))
    lines = lab.run(client, ["sh", "-c", f"cd /proc/sys; grep -s '' {paths}"]).stdout.splitlines()
    return {key: value for key, _, value in (line.partition(":") for line in lines)}


def _ipv4_addresses(lab: Lab, client: str) -> list[dict[str, Any]]:
    text = lab.run(client, ["ip", "-json", "-4", "addr", "show", "dev", CLIENT_INTERFACE]).stdout
    found: list[dict[str, Any]] = [entry for link in json.loads(text) for entry in link.get("addr_info", [])]
    assert found, f"{client} has no IPv4 address to begin with"
    return found


def _routes(lab: Lab, client: str) -> list[str]:
    return sorted(line.strip() for line in lab.run(client, ["ip", "-4", "route"]).stdout.splitlines())


def _has_ipv6(lab: Lab, client: str) -> bool:
    (entry,) = [entry for entry in lab.status()["clients"] if entry["name"] == client]
    return len(entry["ipv6"]) >= 2  # one lasting, one temporary
