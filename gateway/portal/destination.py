"""Where a patron wanted to go: carried through the sign-in as a plain value, and trusted with nothing."""

import re
from urllib.parse import quote, urlsplit

_LONGEST = 600
_HOST = re.compile(r"(?=.{1,253}(:|$))([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z]{2,63}(:80)?")
_TARGET = re.compile(r"/[!-~]*")


def wanted_url(host: str, target: str) -> str | None:
    """The page a redirected request asked for; None when its parts are not plain, or too long to carry."""
    if not _HOST.fullmatch(host) or not _TARGET.fullmatch(target):
        return None
    url = f"http://{host.removesuffix(':80').lower()}{quote(target, safe=_URL_SAFE)}"
    return url if len(url) <= _LONGEST else None


def destination(asked: str) -> str:
    """A destination that may stand in a link: http or https, a host name without user or port; "" otherwise."""
    if not asked or len(asked) > _LONGEST or not asked.isascii() or not asked.isprintable() or "\\" in asked:
        return ""
    try:
        parts = urlsplit(asked)
        plain = parts.scheme in ("http", "https") and parts.port is None and parts.netloc == parts.hostname
    except ValueError:
        return ""
    return quote(asked, safe=_URL_SAFE) if plain and _HOST.fullmatch(parts.netloc) else ""


def host_of(url: str) -> str:
    """The host to show for a destination."""
    return urlsplit(url).hostname or ""


_URL_SAFE = "%/:?#[]@!$&()*+,;=~-._"
