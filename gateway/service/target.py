"""What a probe of the line asks: a name server by UDP, or whether anybody takes a TCP connection (counting 3.3).

In:  texts of the configuration: "203.119.73.105", "192.0.2.1@5353", "tcp://8.8.8.8:443", "tcp://[2001:db8::1]:443".
Out: Target.
"""

from dataclasses import dataclass
from ipaddress import ip_address

_DNS = 53


@dataclass(frozen=True, slots=True)
class Target:
    """One of them."""

    address: str
    port: int = _DNS
    by_tcp: bool = False


def parse_target(text: str) -> Target:
    """A target; ValueError says how to write it."""
    try:
        if text.startswith("tcp://"):
            address, _, port = text.removeprefix("tcp://").rpartition(":")
            return Target(_address(address.removeprefix("[").removesuffix("]")), _port(port), by_tcp=True)
        address, at, port = text.partition("@")
        return Target(_address(address), _port(port) if at else _DNS)
    except ValueError:
        raise ValueError(
            f'"{text}" is no target: write "192.0.2.1", "192.0.2.1@5353" or "tcp://192.0.2.1:443"'
        ) from None


def _address(text: str) -> str:
    return str(ip_address(text))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(text)
    return int(text)
