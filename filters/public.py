"""Which addresses lists may be fetched from: public ones, and those the administrator names (dns.list_networks).

A list's address is typed at the desk. Were it followed anywhere, whoever may type one could have the box ask the
library's own devices, the modem or the box itself, and read what comes back (server-side request forgery).
"""

import errno
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from filters.errors import FilterError
from filters.names import normal_form
from filters.settings import FilterSettings

NOT_PUBLIC = "is not on the public Internet: "
"""So begins why a list was not fetched from an address of the house."""
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1: an IPv4 address stands in the last four bytes
_HOUSE_NAMES = ("localhost", "local", "internal", "lan", "home", "arpa", "intranet", "corp", "test", "invalid")
"""Top-level names that are never public ones (RFC 6761, RFC 6762, and what routers use)."""


class NotPublicError(OSError):
    """The connection was not opened."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, "is no public address")
        self.address = address


@dataclass(frozen=True, slots=True)
class Places:
    """Where lists may come from."""

    allowed: tuple[str, ...] = ()
    """Networks the administrator names."""
    house: tuple[str, ...] = ()
    """The library's own networks: closed also where their addresses are public ones."""
    records: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Names the box answers by itself, with their addresses."""

    def permits(self, text: str) -> bool:
        """May a connection be opened to this address?"""
        address = ip_address(text.partition("%")[0])
        if _is_in(address, self.allowed):
            return True
        return _is_public(address) and not _is_in(address, self.house) and not _is_own(address)

    def may_name(self, location: str) -> bool:
        """May this web address be taken in? What its name leads to is looked at when it is fetched, each time anew."""
        try:
            host = (urlsplit(location).hostname or "").rstrip(".")
        except ValueError:
            return False
        try:
            return self.permits(host)
        except ValueError:
            return self._may_be(host)

    def _may_be(self, host: str) -> bool:
        try:
            name = normal_form(host)
        except FilterError:
            return False
        if (known := dict(self.records).get(name)) is not None:
            return all(map(self.permits, known))
        last = name.rpartition(".")[2]
        is_number = last[:1].isdigit()  # "2130706433", "0x7f.1": some programs read an address in it
        return "." in name and not is_number and last not in _HOUSE_NAMES

    def connection(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket to connect to this address with (getaddrinfo's tuple); NotPublicError before anything is sent."""
        family, kind, protocol, _, place = info
        if not self.permits(str(place[0])):
            raise NotPublicError(str(place[0]))
        return socket.socket(family, kind, protocol)


def places(settings: FilterSettings) -> Places:
    """As configured."""
    return Places(settings.list_networks, settings.house_networks, settings.local_records)


def _is_in(address: IPv4Address | IPv6Address, networks: tuple[str, ...]) -> bool:
    return any(address in ip_network(each) for each in networks)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public(inner)
    return address in _UNICAST and address.is_global and address.teredo is None


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """One of this very box: only such an address can be bound. By its outer one the box would reach its own desk."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as tried:
            tried.bind((str(address), 0))
    except OSError:
        return False
    return True
