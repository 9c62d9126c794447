"""Public PCs on the network: the neighbour table looked at, and asked where it is not sure (counting 2.4 G).

A PC that is switched off is not out of order; one that is not seen for three service days is suspect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timezone

from gateway.access.client import Mac
from gateway.access.device import Roster
from gateway.clock import Clock
from gateway.ports_presence import Presence, PresenceLog

EVERY_S = 10
"""An entry stays sure for 15 s at least once its device has answered."""
_SEEN_ENOUGH_S = 300


@dataclass(slots=True)
class PcPresence:
    """Who looks, and where it is kept; `_seen` may be lost."""

    clock: Clock
    zone: timezone
    roster: Roster
    presence: Presence
    log: PresenceLog
    _seen: dict[str, float] = field(default_factory=dict)
    """When each PC was last noted, by the boot clock."""

    async def look(self) -> None:
        """Note the PCs that are there; each at most every five minutes."""
        boot_s = self.clock.boot_s()
        listed = kiosks(self.roster, self.clock)
        due = {mac: pc for mac, pc in listed.items() if boot_s - self._seen.get(pc, -_SEEN_ENOUGH_S) >= _SEEN_ENOUGH_S}
        if not due:
            return
        table = await self.presence.neighbours()
        for mac, pc in due.items():
            addresses = table.get(mac, {})
            if any(addresses.values()):
                await self.log.seen(pc, self.clock.now(), self.zone)
                self._seen[pc] = boot_s
            else:
                self.presence.ask(list(addresses))


def kiosks(roster: Roster, clock: Clock) -> Mapping[Mac, str]:
    """The named public PCs of the list; a name is the PC's code in the inventory."""
    return {device.mac: device.name for device in roster.kiosks(clock.now()) if device.name}
