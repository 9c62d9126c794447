"""What the lab looks like now: addresses from the kernel, processes checked alive. Keys are a contract (product.md)."""

from pathlib import Path
from typing import Any

from gateway.config.load import load_config
from gateway.errors import GatewayError
from gateway.lab import netns, processes, wires
from gateway.lab.daemons import DNS_DAEMON, GATEWAY_DAEMON
from gateway.lab.names import WEB_NAMES
from gateway.lab.plan import (
    DESK_USER,
    DNS_IPV4,
    GATEWAY,
    ISP,
    OUTSIDE_RESOLVER_IPV4,
    STAFF,
    STAFF_GATEWAY_IPV4,
    WEB_IPV4,
    WEB_IPV6,
    ClientPlan,
)
from gateway.lab.state import Files, State

Tree = dict[str, Any]


def status(files: Files) -> Tree:
    """The lab as a tree of plain values; GatewayError when it is not up, or only half of it is left."""
    state = files.load()
    present = set(netns.ours())
    if not present:
        raise GatewayError("the lab is not up", hint="cong lab up")
    plans = [ClientPlan(number + 1) for number in range(state.clients)] if state else []
    missing = {ISP, GATEWAY, STAFF, *(plan.netns for plan in plans)} - present
    if state is None or missing:
        raise GatewayError("only parts of a lab are left", hint="cong lab down, then cong lab up")
    return {
        "gateway": _gateway(files, state),
        "clients": [_client(plan) for plan in plans],
        "isp": {
            "netns": ISP,
            "web_names": list(WEB_NAMES),
            "web_ipv4": WEB_IPV4,
            "web_ipv6": WEB_IPV6,
            "dns_ipv4": DNS_IPV4,
            "outside_resolver_ipv4": OUTSIDE_RESOLVER_IPV4,
        },
    }


def _gateway(files: Files, state: State) -> Tree:
    config = load_config(files.config)
    lan = netns.addresses(GATEWAY, config.lan.interface)
    gateway, dns = state.processes.get(GATEWAY_DAEMON), state.processes.get(DNS_DAEMON)
    return {
        "netns": GATEWAY,
        "lan_ipv4": next(iter(lan.ipv4), None),
        "lan_ipv6": next(iter(lan.ipv6), None),
        "portal_url": f"http://{config.portal.hostname}/",
        "desk_url": f"http://{STAFF_GATEWAY_IPV4}:{config.desk.port}/",
        "desk_user": DESK_USER,
        "desk_password": _line_of(files.desk_password),
        "database": str(config.state.database),
        "config": str(files.config),
        "pids": {
            "gateway": gateway.pid if gateway and processes.is_alive(gateway) else None,
            "dns": [member.pid for member in processes.family(dns)] if dns else [],
        },
    }


def _line_of(path: Path) -> str | None:
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def _client(plan: ClientPlan) -> Tree:
    have = netns.addresses(plan.netns, wires.CLIENT_INTERFACE)
    return {
        "name": plan.name,
        "netns": plan.netns,
        "mac": plan.mac,
        "ipv4": next(iter(have.ipv4), None),
        "ipv6": list(have.ipv6),
    }
