"""Patrons' devices: switched on, they ask for addresses with Debian's dhclient and the kernel's own SLAAC."""

from collections.abc import Sequence

from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.lab import netns, processes, wires
from gateway.lab.plan import ClientPlan
from gateway.lab.processes import Process
from gateway.lab.state import Files

_ADDRESS_WITHIN_S = 20

_DHCLIENT_CONF = """\
request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, default-url;
timeout 15;
retry 1;
initial-interval 1;
backoff-cutoff 2;
reboot 1;
select-timeout 0;
"""

# Called by dhclient with what it was told in the environment. It writes into /etc/resolv.conf in place, for that is a
# mount of the namespace's own file (Debian's script renames a new file over it, which a mount point refuses).
_DHCLIENT_SCRIPT = """\
#!/bin/sh
case "$reason" in
BOUND|RENEW|REBIND|REBOOT)
    if [ -n "$old_ip_address" ] && [ "$old_ip_address" != "$new_ip_address" ]; then
        ip -4 addr flush dev "$interface"
    fi
    ip -4 addr replace "$new_ip_address/$new_subnet_mask" broadcast "$new_broadcast_address" dev "$interface" \\
        valid_lft "$new_dhcp_lease_time" preferred_lft "$new_dhcp_lease_time"
    for router in $new_routers; do ip -4 route replace default via "$router" dev "$interface"; break; done
    for server in $new_domain_name_servers; do echo "nameserver $server"; done > /etc/resolv.conf
    ;;
EXPIRE|FAIL|RELEASE|STOP)
    ip -4 addr flush dev "$interface"
    ;;
esac
exit 0
"""

# AppArmor ties /sbin/dhclient to Debian's own script and lease files, and /run may forbid programs: so a copy runs from
# a small file system that only this device's mount namespace sees.
_START = """\
mount -t tmpfs -o mode=755,exec tmpfs "$1/bin"
cp "$(command -v dhclient)" "$1/dhclient-script" "$1/bin/"
exec "$1/bin/dhclient" -4 -d -1 -cf "$1/dhclient.conf" -sf "$1/bin/dhclient-script" \\
    -lf "$1/$2.leases" -pf "$1/$2.pid" "$3"
"""


def prepare(files: Files) -> None:
    """Write dhclient's configuration and script."""
    directory = files.directory / "dhclient"
    (directory / "bin").mkdir(parents=True, exist_ok=True)
    (directory / "dhclient.conf").write_text(_DHCLIENT_CONF, encoding="ascii")
    script = directory / "dhclient-script"
    script.write_text(_DHCLIENT_SCRIPT, encoding="ascii")
    script.chmod(0o755)


def start(files: Files, client: ClientPlan) -> Process:
    """Switch the device on and let it ask; returns at once."""
    netns.batch(wires.client_up(), client.netns)
    command = dhclient(files, client.name)
    return processes.start([*netns.inside(client.netns), *command], files.log(f"dhclient-{client.name}"))


def dhclient(files: Files, name: str) -> list[str]:
    """The command that asks for a lease and keeps it; `name` tells its files from another's."""
    return ["sh", "-ec", _START, "dhclient", str(files.directory / "dhclient"), name, wires.CLIENT_INTERFACE]


def wait_addresses(config: Config, files: Files, clients: Sequence[ClientPlan]) -> None:
    """Return when each has its lease and, where there is IPv6, a lasting and a temporary address."""
    waiting = list(clients)

    def _all_have() -> bool:
        waiting[:] = [client for client in waiting if not _has_addresses(config, client)]
        return not waiting

    try:
        processes.wait_until("no address", _all_have, within_s=_ADDRESS_WITHIN_S, step_s=0.05)
    except GatewayError as error:
        client = waiting[0]
        have = netns.addresses(client.netns, wires.CLIENT_INTERFACE)
        raise GatewayError(
            f"{client.name} has not got its addresses within {_ADDRESS_WITHIN_S} s; it has "
            f"IPv4 {', '.join(have.ipv4) or 'none'}, IPv6 {', '.join(have.ipv6) or 'none'}; dhclient said:\n"
            + files.log_tail(f"dhclient-{client.name}")
            + "\n  dnsmasq said:\n"
            + files.log_tail("dhcp")
            + "\n  the gateway said:\n"
            + files.log_tail("gateway"),
            where="clients",
        ) from error


def _has_addresses(config: Config, client: ClientPlan) -> bool:
    have = netns.addresses(client.netns, wires.CLIENT_INTERFACE)
    return bool(have.ipv4) and (config.lan.ipv6 is None or (len(have.ipv6) >= 2 and have.temporary >= 1))
