"""Devices the library knows by name: its own equipment and PCs, and those that may not come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.access.client import AccessKind, Mac


class Standing(StrEnum):
    """What staff said of a device."""

    EXEMPT = "exempt"
    """Equipment, staff, catalogue PCs: online without a page, not counted."""
    BARRED = "barred"
    KIOSK = "kiosk"
    """A public PC of the library: its next reader is another person."""


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of the list."""

    mac: Mac
    standing: Standing
    name: str
    """What staff call it ("PC07"); shown on no other device's page."""
    profile: str | None
    """None: the site's own for patrons."""
    author: str
    reason: str
    since: datetime
    until: datetime | None = None
    """The entry ends by itself then; None: it stands."""

    def holds(self, now: datetime) -> bool:
        """Is the entry in force?"""
        return self.until is None or now < self.until


class Roster:
    """The list in memory: asked at every arrival, replaced whole when the list has changed."""

    def __init__(self, devices: Iterable[Device] = ()) -> None:
        self._devices: Mapping[Mac, Device] = {}
        self.replace(devices)

    def replace(self, devices: Iterable[Device]) -> None:
        """Take another list."""
        self._devices = {device.mac: device for device in devices}
        self.has_exempt = any(device.standing is Standing.EXEMPT for device in self._devices.values())
        """Without one, nobody needs to be looked up who is heard for the first time."""

    def known(self, mac: Mac, now: datetime) -> Device | None:
        """The entry of a device, if one is in force."""
        device = self._devices.get(mac)
        return device if device and device.holds(now) else None

    def standing(self, mac: Mac, now: datetime) -> Standing | None:
        """What staff said of it, if anything is in force."""
        device = self.known(mac, now)
        return device.standing if device else None

    def kind(self, mac: Mac, now: datetime) -> AccessKind:
        """How its sessions are counted (counting 2.4 B)."""
        return AccessKind.KIOSK if self.standing(mac, now) is Standing.KIOSK else AccessKind.WIFI

    def exempt(self, now: datetime) -> list[Device]:
        """All that are online without a page."""
        return [each for each in self._devices.values() if each.standing is Standing.EXEMPT and each.holds(now)]

    def kiosks(self, now: datetime) -> list[Device]:
        """The library's public PCs."""
        return [each for each in self._devices.values() if each.standing is Standing.KIOSK and each.holds(now)]
