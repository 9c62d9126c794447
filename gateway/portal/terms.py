"""The terms as a patron reads them, with the site's own values, and their version."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from gateway.access.login import Method
from gateway.flows.keeping import MAC_TERM, SESSION_TERM
from gateway.pages import text
from gateway.portal.kept import points_for
from gateway.ports import Terms


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this Wi-Fi and whom to ask, as the site's settings have it."""

    who: str = ""
    phone: str = ""
    mail: str = ""


def operator_of(site_name: str, run_by: str, phone: str, mail: str) -> Operator:
    """The library itself, unless it names somebody else."""
    return Operator(run_by or site_name, phone, mail)


_NOBODY = Operator()
_BEFORE, _AFTER = ("terms.use", "terms.filter", "terms.time"), ("terms.safety",)
KEPT_DAYS = SESSION_TERM.days


def terms_points(
    language: str,
    limit_min: int,
    methods: Collection[Method] = (),
    asks_purpose: bool = False,
) -> list[str]:
    """The numbered points (counting-and-reports 5.4): what is kept is told by `portal/kept`, out of the settings."""
    keys = (*_BEFORE, *points_for(methods, asks_purpose=asks_purpose), *_AFTER)
    return [text(language, key, minutes=limit_min, days=KEPT_DAYS, mac_days=MAC_TERM.days) for key in keys]


def foot(language: str, operator: Operator) -> list[str]:
    """What stands below the points: of children, who runs the network, whom to ask or have one's data deleted by."""
    lines = [text(language, "terms.children")]
    if operator.who:
        lines.append(text(language, "terms.run_by", who=operator.who))
    if contact := " – ".join(each for each in (operator.phone, operator.mail) if each):
        lines.append(f"{text(language, 'contact')} {contact}")
    return lines


def folded_points(
    language: str,
    limit_min: int,
    methods: Collection[Method] = (),
    asks_purpose: bool = False,
    operator: Operator = _NOBODY,
) -> dict[str, list[str]]:
    """The same points as the page shows them: what is kept in some cases only opens at a tap, in its own place."""
    points = terms_points(language, limit_min, methods, asks_purpose)
    first, last = len(_BEFORE) + 1, len(points) - len(_AFTER)
    return {
        "points": points[:first],
        "folded": points[first:last],
        "last_points": points[last:],
        "foot": foot(language, operator),
    }


def terms(
    language: str,
    limit_min: int,
    methods: Collection[Method] = (),
    asks_purpose: bool = False,
    operator: Operator = _NOBODY,
) -> Terms:
    """What is stored as accepted: the whole text, and the first 12 hex digits of its SHA-256 as its version.

    A library that gets another name or number has another text, which patrons accept anew.
    """
    whole = "\n".join(
        (
            text(language, "terms.head"),
            *terms_points(language, limit_min, methods, asks_purpose),
            *foot(language, operator),
            text(language, "terms.box"),
        )
    )
    return Terms(hashlib.sha256(f"{language}\n{whole}".encode()).hexdigest()[:12], language, whole)
