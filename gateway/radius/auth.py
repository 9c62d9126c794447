"""Asking an account server whether a name and password are good: claim -> Access-Request -> verdict (RFC 2865)."""

import secrets
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

from gateway.access.client import AccessKind, Mac
from gateway.access.login import WRONG, Claim, Refused, Verified
from gateway.ports import Neighbours
from gateway.radius.granted import granted, said
from gateway.radius.link import Servers
from gateway.radius.values import framed, integer, nas_address, port_type, station, text
from gateway.radius.wire import (
    LONGEST_VALUE,
    Attribute,
    Code,
    Type,
    access_request,
    chap_password,
    hide_password,
)

_LOGIN_SERVICE = 1
_LONGEST_PASSWORD = 128
_AT_ONCE = 2
"""Questions of one device that wait for an answer: a double click is two."""


@dataclass(frozen=True, slots=True)
class Nas:
    """How the box names itself to account servers."""

    identifier: str
    called_station: str
    """The MAC patrons meet, as RFC 3580 section 3.20 writes it; empty: not told."""

    def attributes(self, address: str, mac: Mac, kind: AccessKind) -> list[Attribute]:
        """Of every request about a device; `address` is the box's own towards the server."""
        told = [nas_address(address), text(Type.NAS_IDENTIFIER, self.identifier)]
        if self.called_station:
            told.append(text(Type.CALLED_STATION_ID, self.called_station))
        return [*told, text(Type.CALLING_STATION_ID, station(mac)), port_type(kind)]


@dataclass(frozen=True, slots=True)
class RadiusAccounts:
    """The Verifier of names an account server knows."""

    servers: Servers
    nas: Nas
    neighbours: Neighbours
    profiles: Set[str]
    """Those a Filter-Id may name; an unknown one changes nothing."""
    interim_s: int | None
    uses_chap: bool
    _asking: Counter[Mac] = field(default_factory=Counter)

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier. No answer is no wrong try."""
        name, password = claim.typed.get("name", "").strip(), claim.typed.get("password", "").encode()
        if not _can_be_sent(name, password):
            return Refused(WRONG)
        # a wrong try counts when the server has answered: until then a device could try as many as it can send
        if self._asking[claim.mac] >= _AT_ONCE:
            return Refused("tries")
        self._asking[claim.mac] += 1
        try:
            return await self._ask(claim, name, password)
        finally:
            self._asking[claim.mac] -= 1
            if not self._asking[claim.mac]:
                del self._asking[claim.mac]

    async def _ask(self, claim: Claim, name: str, password: bytes) -> Verified | Refused:
        session_id = secrets.token_hex(8)
        addresses = tuple(await self.neighbours.addresses_of(claim.mac))

        def build(identifier: int, address: str, secret: bytes) -> bytes:
            authenticator = secrets.token_bytes(16)
            attributes = [
                text(Type.USER_NAME, name),
                *self._password(password, authenticator, secret),
                *self.nas.attributes(address, claim.mac, claim.kind),
                *framed(addresses),
                integer(Type.SERVICE_TYPE, _LOGIN_SERVICE),
                text(Type.ACCT_SESSION_ID, session_id),
            ]
            return access_request(identifier, authenticator, attributes, secret)

        answer = await self.servers.ask(build)
        if answer is None:
            return Refused("account_server")
        if answer.code == Code.ACCESS_ACCEPT:
            return granted(answer, name, session_id, self.profiles, self.interim_s)
        # a challenge too: who can't meet it takes it for a refusal (RFC 2865 section 4.4)
        return Refused(WRONG, said(answer))

    def _password(self, password: bytes, authenticator: bytes, secret: bytes) -> list[Attribute]:
        if not self.uses_chap:
            return [Attribute(Type.USER_PASSWORD, hide_password(password, authenticator, secret))]
        challenge, identifier = secrets.token_bytes(16), secrets.randbelow(256)
        return [
            Attribute(Type.CHAP_PASSWORD, chap_password(identifier, password, challenge)),
            Attribute(Type.CHAP_CHALLENGE, challenge),
        ]


def _can_be_sent(name: str, password: bytes) -> bool:
    if not name.isprintable() or not 0 < len(name.encode()) <= LONGEST_VALUE:
        return False
    return 0 < len(password) <= _LONGEST_PASSWORD and b"\0" not in password
