"""A reception for tests: the methods, caps and staff a test wants, over whatever gate it has."""

from collections.abc import Mapping
from datetime import timedelta, timezone

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.access.session import Limits
from gateway.flows.gate import Gate
from gateway.flows.sign_in import AcceptedTerms, House, Reception
from gateway.flows.tries import Tries
from gateway.ports import NewSession, Terms, Verifier

ZONE = timezone(timedelta(hours=7))
TERMS = Terms("0123456789ab", "vi", "Nội quy")
CAPS = Caps(session_s=7200, idle_s=900)


def reception(
    gate: Gate,
    caps: Mapping[str, Caps] | None = None,
    verifiers: Mapping[Method, Verifier] | None = None,
    *,
    staff: frozenset[Mac] = frozenset(),
    ends_oldest: bool = True,
) -> Reception:
    """The profile adult for whoever accepts the terms, unless the test says more."""
    house = House("adult", caps or {"adult": CAPS}, staff, ends_oldest, ZONE)
    methods = verifiers or {Method.TERMS: AcceptedTerms()}
    return Reception(gate, house, methods, lambda who: f"person of {who}", Tries(gate.clock))


def new_session(mac: Mac, profile: str = "adult", *, counted: bool = True) -> NewSession:
    """What a login by terms alone wants stored."""
    return NewSession(mac, AccessKind.WIFI, Method.TERMS, profile, Limits(7200, 900), TERMS, counted)
