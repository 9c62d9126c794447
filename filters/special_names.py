"""Names and addresses with a meaning of their own, whatever any list says. Facts, each with its source; pure."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from filters.names import is_under

Address = IPv4Address | IPv6Address

_CANARIES = {
    "use-application-dns.net": "Firefox asks it whether it may go round this resolver",
    "mask.icloud.com": "Apple devices ask it whether Private Relay may be used",
    "mask-h2.icloud.com": "Apple devices ask it whether Private Relay may be used",
    "mask-canary.icloud.com": "Apple devices ask it whether Private Relay may be used",
    "dns-tunnel-check.googlezip.net": "Chrome asks it whether pages fetched ahead need no question here",
}
_SPECIAL = {
    "local": "names of multicast DNS never leave the link (RFC 6762)",
    "invalid": "never exists (RFC 6761)",
    "test": "never exists in public (RFC 6761)",
    "onion": "Tor's names are not DNS (RFC 7686)",
    "alt": "names outside DNS (RFC 9476)",
    "home.arpa": "names of home networks stay inside (RFC 8375)",
    "service.arpa": "names of services registered on the link stay inside (RFC 9665)",
    "internal": "private names stay inside (ICANN 2024)",
}
_CANARY_ENDS, _SPECIAL_ENDS = tuple(_CANARIES), (*_SPECIAL, ".arpa")
# RFC 6303 section 4, RFC 6598: reverse names of private and local addresses
_PRIVATE_REVERSE = frozenset(
    ["10.in-addr.arpa", "168.192.in-addr.arpa", "254.169.in-addr.arpa", "127.in-addr.arpa", "0.in-addr.arpa"]
    + ["255.255.255.255.in-addr.arpa", "d.f.ip6.arpa", "c.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa"]
    + ["a.e.f.ip6.arpa", "b.e.f.ip6.arpa", "0." * 31 + "0.ip6.arpa", "1." + "0." * 31 + "ip6.arpa"]
    + [f"{n}.172.in-addr.arpa" for n in range(16, 32)]
    + [f"{n}.100.in-addr.arpa" for n in range(64, 128)]
)
# Documentation ranges are left out: they lead nowhere, and laboratories use them as the outside.
_PRIVATE_NETWORKS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ::/127 fc00::/7 fe80::/10
"""
_PRIVATE = tuple(ip_network(text) for text in _PRIVATE_NETWORKS.split())
_BLOCK_PAGES = frozenset(
    [ip_address(f"146.112.61.{n}") for n in range(104, 111)]  # OpenDNS and Umbrella, by their support pages
    + [ip_address(text) for text in ("93.158.134.250", "213.180.193.250")]  # Yandex DNS
    + [ip_address(f"94.140.14.{n}") for n in (33, 35, 36)]  # AdGuard DNS, as seen
    + [ip_address(f"2a10:50c0::bad{n}:ff") for n in (1, 2)]
)


def canary(name: str) -> tuple[str, str] | None:
    """The canary a name is or lies under, and why it must not exist here."""
    if not name.endswith(_CANARY_ENDS):  # nearly always, and one look is enough to know
        return None
    return next(((each, why) for each, why in _CANARIES.items() if is_under(name, each)), None)


def special_name(name: str) -> tuple[str, str] | None:
    """The special-use name a name is or lies under, and why it never goes upstream."""
    if not name.endswith(_SPECIAL_ENDS):
        return None
    for special, why in _SPECIAL.items():
        if is_under(name, special):
            return special, why
    if name.endswith(".arpa"):
        zone = next((zone for zone in _PRIVATE_REVERSE if is_under(name, zone)), None)
        if zone:
            return zone, "the name of a private address: nobody outside knows it (RFC 6303)"
    return None


def is_private(address: Address) -> bool:
    """Does the address lead into a private network or to this machine?"""
    address = _inner(address)
    return any(address.version == network.version and address in network for network in _PRIVATE)


def is_block_page(address: Address) -> bool:
    """Is it where a filtering resolver leads names it refuses to?"""
    return _inner(address) in _BLOCK_PAGES


def are_no_addresses(addresses: Iterable[Address]) -> bool:
    """Is there 0.0.0.0 or :: among them and nothing else that leads inside: how a filtering resolver refuses?"""
    inside = [address for address in addresses if is_private(address)]
    return bool(inside) and all(address.is_unspecified for address in inside)


def _inner(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address
