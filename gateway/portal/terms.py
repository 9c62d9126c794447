"""The terms as a patron reads them, with the site's own values, and their version."""

import hashlib
from collections.abc import Collection

from gateway.access.login import Method
from gateway.pages import text
from gateway.ports import Terms

_POINTS = ("terms.use", "terms.filter", "terms.time", "terms.kept", "terms.safety")
_KEPT_BY = {
    Method.RADIUS: "terms.kept_radius",
    Method.VOUCHER: "terms.kept_voucher",
    Method.ACCOUNT: "terms.kept_account",
    Method.CARD: "terms.kept_card",
}
KEPT_DAYS = 90
"""Sessions are deleted after this many days (gateway/flows/nightly.py does it; the schema says so too)."""


def terms_points(
    language: str,
    limit_min: int,
    methods: Collection[Method] = (),
    asks_purpose: bool = False,
) -> list[str]:
    """The numbered points (counting-and-reports 5.4), with what the methods and the question keep besides."""
    more = [_KEPT_BY[method] for method in methods if method in _KEPT_BY]
    more += ["terms.kept_purpose"] if asks_purpose else []
    after = _POINTS.index("terms.kept") + 1
    keys = (*_POINTS[:after], *more, *_POINTS[after:])
    return [text(language, key, minutes=limit_min, days=KEPT_DAYS) for key in keys]


def terms(
    language: str,
    limit_min: int,
    methods: Collection[Method] = (),
    asks_purpose: bool = False,
) -> Terms:
    """What is stored as accepted: the whole text, and the first 12 hex digits of its SHA-256 as its version."""
    whole = "\n".join(
        (
            text(language, "terms.head"),
            *terms_points(language, limit_min, methods, asks_purpose),
            text(language, "terms.box"),
        )
    )
    return Terms(hashlib.sha256(f"{language}\n{whole}".encode()).hexdigest()[:12], language, whole)
