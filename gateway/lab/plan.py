"""Who is where in the lab: names and addresses, all from the ranges kept for documentation (RFC 5737, RFC 3849).

The library's own network is not here: it is the configuration's.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ISP = "cong-isp"
GATEWAY = "cong-gw"
STAFF = "cong-staff"
_OURS = re.compile(r"cong-(isp|gw|staff|c[1-9][0-9]*)")
MAX_CLIENTS = 200  # the fixed MACs end at :c8, and the default DHCP range at 245 leases

DEFAULT_DIRECTORY = Path("/run/cong-lab")

# The line: the ISP's modem on one end, the gateway on the other.
MODEM_IPV4 = "203.0.113.1"
WAN_IPV4 = "203.0.113.2"
MODEM_IPV6 = "2001:db8:203::1"
WAN_IPV6 = "2001:db8:203::2"
# Staff's own network: the librarian's PC on one end, the gateway on the other.
STAFF_INTERFACE = "staff0"
STAFF_GATEWAY_IPV4 = "192.0.2.1"
STAFF_PC_IPV4 = "192.0.2.2"
DESK_USER = "admin"

LINE_NETWORKS = ("203.0.113.0/24", "2001:db8:203::/64")

# The fake Internet, all in the ISP's namespace.
WEB_IPV4 = "198.51.100.10"
WEB_IPV6 = "2001:db8:100::10"
SECOND_WEB_IPV4 = "198.51.100.11"
SECOND_WEB_IPV6 = "2001:db8:100::11"
DNS_IPV4 = "198.51.100.53"
DNS_IPV6 = "2001:db8:100::53"
OUTSIDE_RESOLVER_IPV4 = "198.51.100.8"
OUTSIDE_RESOLVER_IPV6 = "2001:db8:100::8"
INTERNET_IPV4 = (WEB_IPV4, SECOND_WEB_IPV4, DNS_IPV4, OUTSIDE_RESOLVER_IPV4)
INTERNET_IPV6 = (WEB_IPV6, SECOND_WEB_IPV6, DNS_IPV6, OUTSIDE_RESOLVER_IPV6)
ECHO_PORT = 9999
IPERF_PORT = 5201


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """One patron's device, counted from 1."""

    number: int

    @property
    def name(self) -> str:
        """What the commands call it."""
        return f"c{self.number}"

    @property
    def netns(self) -> str:
        """Its network namespace."""
        return f"cong-{self.name}"

    @property
    def mac(self) -> str:
        """Its fixed MAC: locally administered, as most phones' are (and 00-00-5E is IANA's own OUI)."""
        return f"02:00:5e:10:00:{self.number:02x}"

    @property
    def port(self) -> str:
        """Its port of the gateway's bridge."""
        return f"port{self.number}"


def is_ours(netns: str) -> bool:
    """Does the lab make namespaces of this name? Others may begin with `cong-` too and are left alone."""
    return _OURS.fullmatch(netns) is not None


def netns_of(name: str) -> str:
    """Namespace of `c1`, `gw`, `staff` or `isp` (the full name is taken too)."""
    return name if name.startswith("cong-") else f"cong-{name}"
