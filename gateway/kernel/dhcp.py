"""dnsmasq serves DHCP: its configuration from ours (pure), and its leases read back."""

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path

from gateway.access.client import parse_mac
from gateway.config.model import Config
from gateway.ports import Lease
from gateway.units import epoch_s

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
"""What dnsmasq lets through of a name; whoever asks for an address writes it."""


def lease_file(config: Config) -> Path:
    """Where dnsmasq keeps its leases."""
    return config.state.directory / "dhcp.leases"


def portal_api_url(config: Config) -> str | None:
    """The RFC 8908 API's URL; None without a certificate. Announced only while devices can verify it (certificate)."""
    return f"https://{config.portal.hostname}/captive-portal/api" if config.portal.certificate else None


def dnsmasq_config(config: Config, portal_api: str | None) -> str:
    """The text of dnsmasq's configuration file. It serves DHCP only: port=0, names are ours.

    `portal_api`: the API's URL where its certificate is good, else None.
    """
    first, last = config.lan.dhcp_range
    lines = [
        "# made by `cong dhcp config`; changes here are lost",
        "port=0",
        "no-resolv",
        "no-hosts",
        f"interface={config.lan.interface}",
        "bind-dynamic",
        "dhcp-authoritative",
        "dhcp-rapid-commit",
        f"dhcp-leasefile={lease_file(config)}",
        f"dhcp-range={first},{last},{config.lan.ipv4.netmask},{config.lan.lease_s}",
        f"dhcp-option=option:router,{config.lan.ipv4.ip}",
        f"dhcp-option=option:dns-server,{config.lan.ipv4.ip}",
        # one device taking every address: no more leases than addresses, and pings before offers stay on
        f"dhcp-lease-max={int(last) - int(first) + 1}",
        "quiet-dhcp",
    ]
    if not config.lan.device_names:
        lines.append("dhcp-ignore-names")
    if lan6 := config.lan.ipv6:
        # no addresses, which devices form themselves: options for who asks (stateless, RFC 8415 section 6.1)
        lines += [f"dhcp-range={lan6.network.network_address},static,64", f"dhcp-option=option6:dns-server,[{lan6.ip}]"]
        lines += [f"dhcp-option=option6:103,{portal_api}"] if portal_api else []
    if portal_api:
        lines.append(f"dhcp-option-force=114,{portal_api}")  # forced: few clients ask for it (RFC 8910 section 2.1)
    return "\n".join(lines) + "\n"


class DnsmasqLeases:
    """The Leases port over dnsmasq's file."""

    def __init__(self, path: Path, longest_s: int) -> None:
        self._path = path
        self._longest_s = longest_s

    def read(self, now: datetime) -> Sequence[Lease]:
        """See Leases. No file yet means no lease yet."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return parse_leases(text, epoch_s(now), self._longest_s)


def parse_leases(text: str, now_s: int, longest_s: int) -> list[Lease]:
    """Leases that have not ended; lines of another form (DHCPv6, a half-written end) are left out.

    A lease is never believed to last longer than `longest_s`: the clock may have been set back.
    """
    leases = []
    for line in text.splitlines():
        match line.split():
            case [expires, mac, address, name, *_] if expires.isdigit():
                try:
                    left_s = min(int(expires) - now_s, longest_s)
                    if left_s > 0:
                        told = name if _NAME.fullmatch(name) else ""
                        leases.append(Lease(parse_mac(mac), IPv4Address(address), int(expires), left_s, told))
                except ValueError:
                    continue
    return leases
