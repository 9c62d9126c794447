"""Between a strict client and its profile's workers: whose question it is, and what its answer teaches the kernel."""

import asyncio
from dataclasses import dataclass

from gateway.access.session import SessionId
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports import Askers, Firewall, IpAddress
from gateway.strict.answers import taught

_TELL_EVERY_S = 60.0
End = tuple[str, int]
"""Address and port."""


@dataclass(slots=True)
class Teacher:
    """What the two relays (UDP, TCP) of all strict profiles share."""

    askers: Askers
    firewall: Firewall
    _tell_from: float = 0.0

    def session_of(self, protocol: int, box: End, client: End) -> SessionId | None:
        """Whose connection it is; None also when the kernel does not tell."""
        try:
            return self.askers.session_of(protocol, _plain(box), _plain(client))
        except OSError as error:
            self._tell(error)
            return None

    async def teach(self, session: SessionId | None, answer: bytes) -> bytes:
        """Put an answer's addresses into the kernel; the answer as the client is to have it, whatever came of that."""
        addresses, shown = taught(answer)
        if session is not None and addresses:
            try:
                await self.firewall.learn(session, [IpAddress(text) for text in addresses])
            except (OSError, GatewayError) as error:
                self._tell(error)
        return shown

    def _tell(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._tell_from:
            self._tell_from = now + _TELL_EVERY_S
            event("strict.not_learned", "warning", says=str(error)[:120])


def source_of(session: SessionId | None) -> str:
    """The loopback address a session's questions are asked from: the workers' guards tell clients apart by it."""
    number = (session or 0) & 0x3FFFFF
    return f"127.{64 | number >> 16}.{number >> 8 & 255}.{number & 255}"


def _plain(end: End) -> tuple[IpAddress, int]:
    return IpAddress(end[0].partition("%")[0]), end[1]  # without the zone of a link-local address
