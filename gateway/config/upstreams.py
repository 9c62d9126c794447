"""How an upstream is written in the file -> settings.Upstream.

Always by address, so that no name has to be resolved to resolve names; after "#" the name its certificate must have.
"""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from filters.settings import Transport, Upstream

_FORMS = (
    'write "9.9.9.9", "192.0.2.1@5353", "tls://9.9.9.9#dns.quad9.net", "https://1.1.1.1/dns-query#cloudflare-dns.com" '
    'or "preset:quad9-tls"'
)
_VALIDATES = " validates"
_PORTS = {Transport.PLAIN: 53, Transport.TLS: 853, Transport.HTTPS: 443}

# name -> addresses, name in the certificate, path of DoH, whether it validates DNSSEC. As their operators publish them.
_PRESETS: dict[str, tuple[tuple[str, str], str, str, bool]] = {
    "quad9": (("9.9.9.9", "149.112.112.112"), "dns.quad9.net", "/dns-query", True),
    "cloudflare": (("1.1.1.1", "1.0.0.1"), "cloudflare-dns.com", "/dns-query", True),
    "google": (("8.8.8.8", "8.8.4.4"), "dns.google", "/dns-query", True),
    "cloudflare-family": (("1.1.1.3", "1.0.0.3"), "family.cloudflare-dns.com", "/dns-query", True),
    "adguard-family": (("94.140.14.15", "94.140.15.16"), "family.adguard-dns.com", "/dns-query", True),
    "cleanbrowsing-family": (
        ("185.228.168.168", "185.228.169.168"),
        "family-filter-dns.cleanbrowsing.org",
        "/doh/family-filter/",
        False,
    ),
    "opendns-family": (("208.67.222.123", "208.67.220.123"), "familyshield.opendns.com", "/dns-query", False),
}
_DOH_NAMES = {"cleanbrowsing-family": "doh.cleanbrowsing.org", "opendns-family": "doh.familyshield.opendns.com"}


def parse_upstream(text: str) -> tuple[Upstream, ...]:
    """The resolvers a text stands for: one, or a preset's two; ValueError says what to write instead."""
    plain = text.removesuffix(_VALIDATES).strip()
    validates = text.endswith(_VALIDATES)
    if plain.startswith("preset:"):
        return _preset(plain.removeprefix("preset:"))
    upstream = _by_url(plain, validates) if "://" in plain else _by_address(plain, validates)
    if validates and upstream.transport is Transport.PLAIN and not ip_address(upstream.address).is_loopback:
        raise ValueError(
            f'"{text}": anybody on the way can set a plain answer\'s AD bit: use tls:// or https://, '
            "or a resolver on this box"
        )
    return (upstream,)


def _by_address(text: str, validates: bool) -> Upstream:
    address, at, port = text.partition("@")
    return Upstream(_address(address, text), _port(port, text) if at else 53, validates=validates)


def _by_url(text: str, validates: bool) -> Upstream:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _wrong(text) from None
    if parts.scheme not in ("tls", "https") or parts.query or parts.username is not None:
        raise _wrong(text)
    transport = Transport.TLS if parts.scheme == "tls" else Transport.HTTPS
    if parts.fragment and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", parts.fragment):
        raise ValueError(f'"{text}": what follows "#" is the host name its certificate must have')
    if transport is Transport.TLS and parts.path:
        raise _wrong(text)
    path = parts.path or "/dns-query"
    address = _address(parts.hostname or "", text)
    return Upstream(address, port or _PORTS[transport], transport, parts.fragment.lower(), path, validates)


def _preset(name: str) -> tuple[Upstream, ...]:
    base, dash, kind = name.rpartition("-")
    transport = {"tls": Transport.TLS, "https": Transport.HTTPS}.get(kind if dash else "")
    base = name if transport is None else base
    if base not in _PRESETS:
        raise ValueError(
            f'there is no preset "{base}"; known: {", ".join(_PRESETS)}, each also with "-tls" or "-https" after it'
        )
    addresses, tls_name, path, validates = _PRESETS[base]
    if transport is None:
        return tuple(Upstream(address) for address in addresses)
    if transport is Transport.HTTPS:
        tls_name = _DOH_NAMES.get(base, tls_name)
    return tuple(Upstream(a, _PORTS[transport], transport, tls_name, path, validates) for a in addresses)


def _address(text: str, whole: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise _wrong(whole) from None


def _port(text: str, whole: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(f'"{whole}": the port after "@" is 1 to 65535')
    return int(text)


def _wrong(text: str) -> ValueError:
    return ValueError(f'"{text}" is no resolver by address: {_FORMS}')


UpstreamText = Annotated[str, AfterValidator(lambda text: parse_upstream(text) and text)]
