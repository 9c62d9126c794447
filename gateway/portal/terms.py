"""The terms as a patron reads them, with the site's own values, and their version."""

import hashlib

from gateway.pages import text
from gateway.ports import Terms

_POINTS = ("terms.use", "terms.filter", "terms.time", "terms.kept", "terms.safety")
KEPT_DAYS = 90
"""Sessions are deleted after this many days (gateway/flows/nightly.py does it; the schema says so too)."""


def terms_points(language: str, limit_min: int) -> list[str]:
    """The numbered points (counting-and-reports 5.4)."""
    return [text(language, key, minutes=limit_min, days=KEPT_DAYS) for key in _POINTS]


def terms(language: str, limit_min: int) -> Terms:
    """What is stored as accepted: the whole text, and the first 12 hex digits of its SHA-256 as its version."""
    whole = "\n".join((text(language, "terms.head"), *terms_points(language, limit_min), text(language, "terms.box")))
    return Terms(hashlib.sha256(f"{language}\n{whole}".encode()).hexdigest()[:12], language, whole)
