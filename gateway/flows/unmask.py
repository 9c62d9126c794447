"""After login: what the garden answered before leads where it should.

Browsers keep an address for a minute whatever its life says (Chromium: 60 s), so a page that was asked for before
login would not open after it. The names a device asked the garden for are looked up with its profile's own workers, so
what is refused stays refused, and the kernel leads the device's new connections on for a few minutes.
"""

import asyncio
from collections.abc import Sequence

from gateway.access.session import Session
from gateway.log import event
from gateway.ports import AskedNames, Firewall, IpAddress, Neighbours, Resolver

_PATIENCE_S = 8.0
_TOGETHER_S = 0.02
"""Who signs in within it is looked up in one listing of the neighbours; nobody has opened a page by then."""


class Unmasking:
    """Sessions wait here for their names; a login never does."""

    def __init__(self, firewall: Firewall, neighbours: Neighbours, asked: AskedNames, resolver: Resolver) -> None:
        self._firewall = firewall
        self._neighbours = neighbours
        self._asked = asked
        self._resolver = resolver
        self._waiting: asyncio.Queue[Session] = asyncio.Queue(maxsize=1024)

    def wanted(self, session: Session) -> None:
        """A device was admitted."""
        if not self._waiting.full():  # beyond that the browser's own minute has to do
            self._waiting.put_nowait(session)

    async def run(self) -> None:
        """Serve what waits, until cancelled."""
        while True:
            sessions = [await self._waiting.get()]
            await asyncio.sleep(_TOGETHER_S)
            sessions += [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
            try:
                await self.unmask(sessions)
            except OSError as error:
                event("garden.unmask_failed", "warning", session=sessions[0].id, says=str(error)[:120])

    async def unmask(self, sessions: Sequence[Session]) -> None:
        """Look up these devices' names and tell the kernel."""
        addresses = await self._neighbours.addresses_of_each({session.mac for session in sessions})
        for session in sessions:
            try:
                async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
                    for name in self._asked.asked_by(addresses[session.mac]):
                        tasks.create_task(self._lead_on(session, name))
            except* (OSError, TimeoutError) as errors:
                event("garden.unmask_failed", "warning", session=session.id, says=str(errors.exceptions[0])[:120])

    async def _lead_on(self, session: Session, name: str) -> None:
        by_family = {":" in address: address for address in await self._resolver.addresses(name, session.profile)}
        real: dict[IpAddress, IpAddress] = {}
        for synthetic in self._asked.synthetic(name):
            if address := by_family.get(":" in synthetic):
                real[synthetic] = address
        if real:
            await self._firewall.unmask(session.id, real)
