"""A device on the library network and what it may do."""

import hashlib
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


def phone_mac(secret: bytes) -> Mac:
    """The MAC of the self-check's phone: locally administered, the same for ever on one box, and nobody else's guess.

    For it is taken for staff: let in before opening, and not counted.
    """
    own = hashlib.blake2b(secret, digest_size=5, person=b"cong phone").hexdigest()
    return Mac(":".join(("06", *(own[at : at + 2] for at in range(0, 10, 2)))))
