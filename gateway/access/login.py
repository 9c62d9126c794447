"""A login: what a device claims, and what comes of it. Values only; who verifies a claim stands behind a port."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.access.client import AccessKind, Mac
from gateway.access.quota import AS_IT_IS, Narrowing

WRONG = "wrong"
"""The refusal of what was typed: such tries are counted."""


class Method(StrEnum):
    """By what a session was opened; the ledger keeps it."""

    TERMS = "terms"
    VOUCHER = "voucher"
    ACCOUNT = "account"
    CARD = "card"
    RADIUS = "radius"
    APPROVAL = "approval"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Claim:
    """A device asks to be let in."""

    mac: Mac
    method: Method
    typed: Mapping[str, str] = field(default_factory=dict)
    """Fields of the form, as they were typed: name, password, card, pin, code."""
    kind: AccessKind = AccessKind.WIFI


@dataclass(frozen=True, slots=True)
class Accounted:
    """How an account server elsewhere knows the session it allowed, and is to be told of it."""

    user_name: str
    session_id: str
    """Acct-Session-Id: of this session alone, for ever (RFC 2866 section 5.5)."""
    classes: tuple[bytes, ...] = ()
    """What the server wants said back in every record (RFC 2865 section 5.25)."""
    interim_s: int | None = None
    """How often it wants to hear of the session; None: of its start and end."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The claim holds."""

    person: str | None = None
    """Who it is, in a form that is always the same ("account lan.anh", "voucher 17"); stored as a keyed pseudonym."""
    profile: str | None = None
    """The profile it gives; None: the site's own for patrons."""
    narrowing: Narrowing = AS_IT_IS
    """What it allows less than the profile."""
    accounted: Accounted | None = None
    """Whom else the session is told to; None: nobody."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An expected refusal: the key of a text that says what to do next."""

    key: str
    said: str = ""
    """What the source of accounts adds for the patron, in its own words: short, printable, still to be escaped."""
