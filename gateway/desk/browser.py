"""What a request of a browser must show: its own host, its own origin, its session's token. Values only.

Three walls against forged posts, each enough by itself: the cookie is SameSite=Strict, Origin must be the host that was
asked, and the form carries a token of the session that no other site can read.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from ipaddress import ip_address

COOKIE = "cong_desk"
_LOCAL = frozenset({"localhost"})


def cookie_name(*, is_tls: bool) -> str:
    """With TLS the browser itself sees to it that the cookie is this host's alone (RFC 6265bis 4.1.3.2)."""
    return f"__Host-{COOKIE}" if is_tls else COOKIE


def is_our_host(host: str, names: Collection[str]) -> bool:
    """An address, localhost or a name of ours: a foreign name that leads here (DNS rebinding) is refused."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name in _LOCAL or name.lower() in names:
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_own_post(headers: Mapping[str, str], host: str, scheme: str) -> bool:
    """Whether a page of this very host sent it (Origin, RFC 6454; Sec-Fetch-Site where a browser leaves Origin out)."""
    origin = headers.get("Origin")
    if origin is not None:
        return origin == f"{scheme}://{host}"
    return headers.get("Sec-Fetch-Site") in ("same-origin", "none")


def form_token(key: str) -> str:
    """The token of a browser's forms; `key` is the hash of its cookie."""
    return hmac.digest(key.encode(), b"desk form", hashlib.sha256).hex()


def token_fits(token: str, key: str) -> bool:
    """Whether the token is this browser's."""
    return hmac.compare_digest(token.encode(), form_token(key).encode())


def local_path(path: str) -> str:
    """The page a form leads back to; the first one when it names none of ours."""
    return path if is_local_path(path) else "/"


def is_local_path(path: str) -> bool:
    """A page of the desk and of nobody else: what a form may lead back to."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
