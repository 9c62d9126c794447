"""How many devices, and between how many and how many visitors (counting 2.4 D; 2.7, 6).

In:  MACs and keys of a period; which devices counted sessions started on.
Out: device keys that no other period can be linked with, sets of them, and a range. Always printed as devices, never as
     people: a phone may change its MAC, so no goal rests on these figures.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import NewType

from gateway.access.client import Mac
from gateway.visits.visit import CountedSession

DeviceKey = NewType("DeviceKey", bytes)

KEY_TERM = timedelta(days=7)
"""A period's key is destroyed this long after the period: nobody can then say whose a device key was."""

FEWEST_PERSONS = 30
"""With fewer persons logged in on Wi-Fi, devices per person were not measured, and only the range is told."""


def device_key(period_key: bytes, mac: Mac) -> DeviceKey:
    """The first 8 bytes of HMAC-SHA256(period key, the MAC's six octets)."""
    return DeviceKey(hmac.digest(period_key, _octets(mac), "sha256")[:8])


def is_locally_administered(mac: Mac) -> bool:
    """Made up by the device (bit 1 of the first octet, IEEE 802), so perhaps another tomorrow."""
    return bool(_octets(mac)[0] & 2)


def key_ends(last_day: date, zone: timezone) -> datetime:
    """When the key of a period with this last day is destroyed."""
    return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone) + KEY_TERM


def devices_by_day(sessions: Iterable[CountedSession], zone: timezone) -> dict[date, frozenset[int]]:
    """The devices of each day: those of which a counted session starts on it (2.7, 6)."""
    days: dict[date, set[int]] = {}
    for session in sessions:
        if session.counts:
            days.setdefault(session.start.astimezone(zone).date(), set()).add(session.device)
    return {day: frozenset(days[day]) for day in sorted(days)}


@dataclass(frozen=True, slots=True)
class Visitors:
    """How many different people came in a month, as far as devices tell."""

    lower: int
    upper: int
    central: Fraction | None
    """None when devices per person were not measured."""


def visitors(
    month: Mapping[DeviceKey, bool],
    days: Iterable[frozenset[DeviceKey]],
    persons: int,
    keys_per_person: Fraction | None,
) -> Visitors:
    """The range of D: `month` says of each key of the month whether its MAC is locally administered.

    `days` are the keys of each day, made with the day's key; `persons` the distinct persons who logged in.
    """
    most = max((len(day) for day in days), default=0)
    return visitor_range(len(month), sum(month.values()), most, persons, keys_per_person)


def visitor_range(
    devices: int, local: int, most_a_day: int, persons: int, keys_per_person: Fraction | None
) -> Visitors:
    """The same out of counts, which stay when the keys are destroyed.

    Where many persons share few devices (public PCs), they are more than the devices and the upper bound too.
    """
    lower = max(most_a_day, persons)
    upper = max(devices, lower)
    if keys_per_person is None:
        return Visitors(lower, upper, None)
    central = devices - local + local / keys_per_person
    return Visitors(lower, upper, min(max(central, Fraction(lower)), Fraction(upper)))


def keys_of_persons(persons: int, logins: int) -> Fraction | None:
    """k out of counts: persons who logged in on Wi-Fi, and their pairs with devices."""
    return Fraction(logins, persons) if persons >= FEWEST_PERSONS else None


def keys_per_person(logins: Iterable[tuple[str, DeviceKey]]) -> Fraction | None:
    """k: device keys per person among the persons who logged in on Wi-Fi; None with fewer than FEWEST_PERSONS."""
    pairs = set(logins)
    persons = {person for person, _ in pairs}
    return keys_of_persons(len(persons), len(pairs))


def _octets(mac: Mac) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))
