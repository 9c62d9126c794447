"""The cables: which links, addresses, routes and kernel values each namespace has. Pure: text for `ip -batch`."""

from collections.abc import Sequence
from ipaddress import IPv4Interface, IPv6Interface

from gateway.config.model import Config
from gateway.lab.plan import (
    GATEWAY,
    INTERNET_IPV4,
    INTERNET_IPV6,
    ISP,
    MODEM_IPV4,
    MODEM_IPV6,
    STAFF,
    STAFF_GATEWAY_IPV4,
    STAFF_INTERFACE,
    STAFF_PC_IPV4,
    WAN_IPV4,
    WAN_IPV6,
    ClientPlan,
)

CLIENT_INTERFACE = "eth0"
_ISP_INTERFACE = "line0"


def make(config: Config, clients: Sequence[ClientPlan]) -> list[str]:
    """Namespaces and the links between them, all down. Both ends are born inside: the host never sees one."""
    lines = [f"netns add {name}" for name in (ISP, GATEWAY, STAFF, *(client.netns for client in clients))]
    lines.append(f"link add {_ISP_INTERFACE} netns {ISP} type veth peer name {config.wan.interface} netns {GATEWAY}")
    lines.append(f"link add {CLIENT_INTERFACE} netns {STAFF} type veth peer name {STAFF_INTERFACE} netns {GATEWAY}")
    # the access point, always plugged in: a bridge without a live port has no carrier and no link-local address
    lines.append(f"link add port0 netns {GATEWAY} type veth peer name radio0 netns {GATEWAY}")
    for client in clients:
        lines.append(
            f"link add {CLIENT_INTERFACE} netns {client.netns} address {client.mac}"
            f" type veth peer name {client.port} netns {GATEWAY}"
        )
    return lines


def isp(config: Config) -> list[str]:
    """The ISP's router: its end of the line, the Internet's addresses on loopback, the way back to the library."""
    lines = ["link set lo up", f"link set {_ISP_INTERFACE} up"]
    lines += [f"addr add {MODEM_IPV4}/24 dev {_ISP_INTERFACE}", f"addr add {MODEM_IPV6}/64 dev {_ISP_INTERFACE} nodad"]
    lines += [f"addr add {address}/32 dev lo" for address in INTERNET_IPV4]
    lines += [f"addr add {address}/128 dev lo nodad" for address in INTERNET_IPV6]
    if config.lan.ipv6:
        lines.append(f"route add {config.lan.ipv6.network} via {WAN_IPV6}")
    return lines


def gateway_links(config: Config, clients: Sequence[ClientPlan]) -> list[str]:
    """Bridge and ports, still down: the firewall comes first."""
    bridge = config.lan.interface
    lines = [f"link add {bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0"]
    lines.append("link set radio0 addrgenmode none")
    for port in ("port0", *(client.port for client in clients)):
        lines += [f"link set {port} addrgenmode none", f"link set {port} master {bridge}"]
        if config.lan.isolate:
            lines.append(f"link set {port} type bridge_slave isolated on")
    return lines


def gateway_up(config: Config, clients: Sequence[ClientPlan]) -> list[str]:
    """Links up, then addresses and the way out."""
    bridge, line = config.lan.interface, config.wan.interface
    ports = ("radio0", "port0", *(client.port for client in clients))
    lines = [f"link set {name} up" for name in ("lo", *ports, bridge, line, STAFF_INTERFACE)]
    lines += [f"addr add {config.lan.ipv4} dev {bridge}", f"addr add {WAN_IPV4}/24 dev {line}"]
    lines.append(f"addr add {STAFF_GATEWAY_IPV4}/24 dev {STAFF_INTERFACE}")
    if config.lan.ipv6:
        lines.append(f"addr add {config.lan.ipv6} dev {bridge} nodad")
    lines += [f"addr add {WAN_IPV6}/64 dev {line} nodad"]
    return [*lines, f"route add default via {MODEM_IPV4}", f"route add default via {MODEM_IPV6}"]


def staff_up() -> list[str]:
    """The librarian's PC, with an address by hand."""
    up = ["link set lo up", f"link set {CLIENT_INTERFACE} up"]
    return [*up, f"addr add {STAFF_PC_IPV4}/24 dev {CLIENT_INTERFACE}"]


def client_up() -> list[str]:
    """A device that was just switched on: addresses come from the gateway."""
    return ["link set lo up", f"link set {CLIENT_INTERFACE} up"]


def client_static(config: Config, client: ClientPlan) -> list[str]:
    """Addresses by hand, for a lab without daemons."""
    lan4: IPv4Interface = config.lan.ipv4
    address = lan4.network.network_address + 10 + client.number
    lines = [f"addr add {address}/{lan4.network.prefixlen} dev {CLIENT_INTERFACE}", f"route add default via {lan4.ip}"]
    lan6: IPv6Interface | None = config.lan.ipv6
    if lan6:
        own = lan6.network.network_address + 0x1000 + client.number
        lines += [f"addr add {own}/64 dev {CLIENT_INTERFACE} nodad", f"route add default via {lan6.ip}"]
    return lines


def isp_static(config: Config) -> list[str]:
    """The way back to a library whose gateway translates nothing."""
    return [f"route add {config.lan.ipv4.network} via {WAN_IPV4}"]


def isp_sysctls() -> dict[str, int]:
    """The ISP forwards, and believes no router advertisement."""
    return {"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1, "net/ipv6/conf/all/accept_dad": 0}


def gateway_sysctls(config: Config) -> dict[str, int]:
    """A router: forwards both families, takes no advertisement, drops sources that can't be where they come from."""
    values = {
        "net/ipv4/ip_forward": 1,
        "net/ipv6/conf/all/forwarding": 1,
        "net/netfilter/nf_conntrack_acct": 1,
        "net/netfilter/nf_conntrack_timestamp": 1,
        "net/ipv4/icmp_ratelimit": 100,
        "net/ipv6/icmp/ratelimit": 100,
    }
    for name in ("all", "default", config.lan.interface, config.wan.interface):
        values[f"net/ipv4/conf/{name}/rp_filter"] = 1
        values[f"net/ipv4/conf/{name}/send_redirects"] = 0
        values[f"net/ipv6/conf/{name}/accept_ra"] = 0
        values[f"net/ipv6/conf/{name}/accept_dad"] = 0
    return values


def client_sysctls() -> dict[str, int]:
    """A phone: takes advertisements, makes privacy addresses; for speed it asks at once and detects no duplicates."""
    base = f"net/ipv6/conf/{CLIENT_INTERFACE}"
    return {
        f"{base}/use_tempaddr": 2,
        f"{base}/accept_ra": 1,
        f"{base}/accept_dad": 0,
        f"{base}/dad_transmits": 0,
        f"{base}/router_solicitation_delay": 0,
        f"{base}/router_solicitation_interval": 1,
    }
