"""Devices on their way in, remembered for a day: in memory only, and no name anybody asked for.

Listeners that see packets tell an address and go on; the look-up of the device waits in a queue of its own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from gateway.access.client import Mac
from gateway.access.timeline import KEPT, Moment, Step, with_step
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.ports import IpAddress, Neighbours, SessionStore

MOST_DEVICES = 2000
_AGAIN_S = 10.0
_MOST_HEARD = 4096


class Timeline:
    """What each device did."""

    def __init__(self, clock: Clock, neighbours: Neighbours, sessions: SessionStore) -> None:
        self._clock = clock
        self._neighbours = neighbours
        self._sessions = sessions
        self._moments: OrderedDict[Mac, list[Moment]] = OrderedDict()
        self._heard: OrderedDict[tuple[str, Step, str], float] = OrderedDict()
        self._waiting: asyncio.Queue[tuple[str, Moment]] = asyncio.Queue(maxsize=512)

    def heard(self, address: str, step: Step, detail: str = "") -> None:
        """Somebody of this address did something. Called for every packet: returns at once, and forgets in a flood."""
        key, now_s = (address, step, detail), self._clock.boot_s()
        if now_s - self._heard.get(key, -_AGAIN_S) < _AGAIN_S or self._waiting.full():
            return
        self._heard.pop(key, None)
        self._heard[key] = now_s
        if len(self._heard) > _MOST_HEARD:
            self._heard.popitem(last=False)
        self._waiting.put_nowait((address, Moment(self._clock.now(), step, detail)))

    def note(self, mac: Mac, step: Step, detail: str = "") -> None:
        """A known device did something."""
        self._add(mac, Moment(self._clock.now(), step, detail))

    async def run(self) -> None:
        """Look up who was heard, until cancelled."""
        while True:
            await self.answer_next()

    async def answer_next(self) -> None:
        """Wait for one and look it up; who is not found is nobody's."""
        address, moment = await self._waiting.get()
        try:
            mac = await self._neighbours.mac_of(IpAddress(address))
        except (GatewayError, OSError):
            return
        if mac is not None:
            self._add(mac, moment)

    async def of(self, mac: Mac) -> Sequence[Moment]:
        """A device's last day, in the order of time: what was seen of it, and its sessions."""
        now = self._clock.now()
        seen = [each for each in self._moments.get(mac, ()) if now - each.at < KEPT]
        return sorted([*seen, *await self._sessions.moments_of(mac, now - KEPT)], key=lambda moment: moment.at)

    def devices(self) -> Mapping[Mac, Moment]:
        """Every device that was seen today, with its last step; the latest first."""
        now = self._clock.now()
        latest = {mac: moments[-1] for mac, moments in self._moments.items() if now - moments[-1].at < KEPT}
        return dict(sorted(latest.items(), key=lambda item: item[1].at, reverse=True))

    def _add(self, mac: Mac, moment: Moment) -> None:
        self._moments[mac] = with_step(self._moments.pop(mac, []), moment)
        while len(self._moments) > MOST_DEVICES:
            self._moments.popitem(last=False)
