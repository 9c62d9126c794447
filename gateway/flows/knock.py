"""Somebody was heard before login: is it a device that needs none?

The garden tells of each question, the redirector of each connection: most come from patrons' phones, many times a
second. So an address is looked up at most every few seconds, and none while no device is exempt; who tells never waits.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from gateway.access.client import Mac
from gateway.access.device import Roster
from gateway.access.session import Session
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports import IpAddress, Neighbours

QUIET_S = 5.0
MOST_REMEMBERED = 4096
_PATIENCE_S = 8.0


class Knocks:
    """Those heard wait here for their look-up."""

    def __init__(
        self,
        roster: Roster,
        clock: Clock,
        neighbours: Neighbours,
        welcome: Callable[[Mac], Awaitable[Session | None]],
    ) -> None:
        self._roster = roster
        self._clock = clock
        self._neighbours = neighbours
        self._welcome = welcome
        self._heard: OrderedDict[str, float] = OrderedDict()
        self._waiting: asyncio.Queue[str] = asyncio.Queue(maxsize=256)

    def heard(self, address: str) -> None:
        """A client of this address asked for something. Called for every packet: returns at once."""
        if not self._roster.has_exempt:
            return
        now_s = self._clock.boot_s()
        if now_s - self._heard.get(address, -QUIET_S) < QUIET_S or self._waiting.full():
            return
        self._heard.pop(address, None)
        self._heard[address] = now_s
        if len(self._heard) > MOST_REMEMBERED:
            self._heard.popitem(last=False)
        self._waiting.put_nowait(address)

    async def run(self) -> None:
        """Serve who waits, until cancelled."""
        while True:
            await self.answer_next()

    async def answer_next(self) -> None:
        """Wait for one and look it up."""
        address = await self._waiting.get()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                mac = await self._neighbours.mac_of(IpAddress(address.partition("%")[0].removeprefix("::ffff:")))
                if mac is not None:
                    await self._welcome(mac)
        except (GatewayError, OSError, TimeoutError, ValueError) as error:  # it knocks again
            event("device.not_admitted", "warning", says=str(error)[:120])
