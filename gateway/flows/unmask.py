"""After login: what the garden answered before leads where it should.

Browsers keep an address for a minute whatever its life says (Chromium: 60 s), so a page that was asked for before
login would not open after it. The names a device asked the garden for are looked up with its profile's own workers, so
what is refused stays refused, and the kernel leads the device's new connections on for a few minutes.
"""

import asyncio

from gateway.access.session import Session
from gateway.log import event
from gateway.ports import AskedNames, Firewall, IpAddress, Neighbours, Resolver

_PATIENCE_S = 8.0


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
            session = await self._waiting.get()
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self.unmask(session)
            except (OSError, TimeoutError) as error:
                event("garden.unmask_failed", "warning", session=session.id, says=str(error)[:120])

    async def unmask(self, session: Session) -> None:
        """Look up one device's names and tell the kernel."""
        names = self._asked.asked_by(await self._neighbours.addresses_of(session.mac))
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                tasks.create_task(self._lead_on(session, name))

    async def _lead_on(self, session: Session, name: str) -> None:
        by_family = {":" in address: address for address in await self._resolver.addresses(name, session.profile)}
        real: dict[IpAddress, IpAddress] = {}
        for synthetic in self._asked.synthetic(name):
            if address := by_family.get(":" in synthetic):
                real[synthetic] = address
        if real:
            await self._firewall.unmask(session.id, real)
