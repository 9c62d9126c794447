"""Admission: acceptance -> session and consent stored -> granted in the kernel.

The store commits before the kernel grants: a crash between the two costs the patron a moment until the next repair,
never an unbooked client.
"""

from dataclasses import dataclass

from gateway.access.client import AccessKind, Mac
from gateway.access.session import Session, State
from gateway.flows.close import finish
from gateway.flows.gate import Gate
from gateway.flows.grant import grant
from gateway.log import client_tag, event
from gateway.ports import NewSession

_METHOD = "terms"


@dataclass(frozen=True, slots=True)
class Terms:
    """The text a patron accepts."""

    version: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a login grants here."""

    profile: str
    session_s: int
    idle_s: int
    staff: frozenset[Mac]


async def admit(gate: Gate, offer: Offer, mac: Mac, terms: Terms) -> Session:
    """Admit a device that accepted the terms; the session it has already if it is online (a double click is one)."""
    new = NewSession(
        mac=mac,
        kind=AccessKind.WIFI,
        method=_METHOD,
        profile=offer.profile,
        session_s=offer.session_s,
        idle_s=offer.idle_s,
        terms_version=terms.version,
        terms_language=terms.language,
        terms_text=terms.text,
        counted=mac not in offer.staff,
    )
    session, opened = await _open(gate, new)
    if session.state is State.CLOSING:  # the click came while the session before was being closed
        await finish(gate, session)
        session, opened = await _open(gate, new)
    await grant(gate, session)
    await gate.connections.forget(await gate.neighbours.addresses_of(mac))
    if opened:
        event("session.opened", client=client_tag(mac), session=session.id, method=_METHOD, profile=session.profile)
    return session


async def _open(gate: Gate, new: NewSession) -> tuple[Session, bool]:
    clock = gate.clock
    return await gate.sessions.open_session(new, clock.now(), clock.boot_s(), clock.boot_id())
