"""A device on the library network and what it may do."""

import re
from enum import StrEnum
from typing import NewType

Mac = NewType("Mac", str)
"""Six lower-case octets with colons."""

ClientId = NewType("ClientId", int)
"""Random per site; says nothing about the device."""


class AccessKind(StrEnum):
    """How a client reaches the network; the counting rule differs (counting 2.4 B)."""

    WIFI = "wifi"
    KIOSK = "kiosk"


def parse_mac(text: str) -> Mac:
    """The normal form of a MAC; ValueError when it is none, or a group address that no client can have."""
    plain = text.lower().replace("-", ":")
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", plain):
        raise ValueError(f'"{text}" is no MAC address: write it as "02:00:5e:10:00:01"')
    if int(plain[:2], 16) & 1:
        raise ValueError(f'"{text}" is a group address, not a device')
    return Mac(plain)
