"""How much a person may use: caps of a profile, narrowed by voucher or account, less what was used today."""

from dataclasses import dataclass, replace

from gateway.access.session import UNSHAPED, Limits, Rates


@dataclass(frozen=True, slots=True)
class Caps:
    """What a profile allows; None: no cap."""

    session_s: int
    idle_s: int
    session_bytes: int | None = None
    """Up and down together, of one session."""
    day_s: int | None = None
    """Of a person, or of a device where nobody says who it is, in one day of the site."""
    day_bytes: int | None = None
    devices: int | None = None
    """How many devices of one person are on at a time."""
    rates: Rates = UNSHAPED


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a login allows less than its profile, or sets anew; None: as the profile has it."""

    session_s: int | None = None
    session_bytes: int | None = None
    idle_s: int | None = None
    devices: int | None = None
    up_kbit_s: int | None = None
    down_kbit_s: int | None = None


AS_IT_IS = Narrowing()


@dataclass(frozen=True, slots=True)
class Used:
    """Of one person or device, in the site's day so far."""

    seconds: int = 0
    total_bytes: int = 0


def narrowed(caps: Caps, by: Narrowing) -> Caps:
    """The caps with the smaller of each pair."""
    return Caps(
        session_s=_least(caps.session_s, by.session_s) or 0,
        idle_s=_least(caps.idle_s, by.idle_s) or 0,
        session_bytes=_least(caps.session_bytes, by.session_bytes),
        day_s=caps.day_s,
        day_bytes=caps.day_bytes,
        devices=_least(caps.devices, by.devices),
        rates=Rates(
            _least(caps.rates.up_kbit_s, by.up_kbit_s),
            _least(caps.rates.down_kbit_s, by.down_kbit_s),
        ),
    )


def within(limits: Limits, session_s: int, total_bytes: int | None) -> Limits:
    """Limits that end no later and with no more than this; None: no cap more."""
    return replace(
        limits,
        session_s=min(limits.session_s, session_s),
        total_bytes=_least(limits.total_bytes, total_bytes),
    )


def is_daily(caps: Caps) -> bool:
    """Does what was used earlier today matter?"""
    return caps.day_s is not None or caps.day_bytes is not None


def limits_today(caps: Caps, used: Used) -> Limits | None:
    """A new session's limits: what is left of the day too; None when nothing is."""
    left_s = None if caps.day_s is None else caps.day_s - used.seconds
    left_bytes = None if caps.day_bytes is None else caps.day_bytes - used.total_bytes
    session_s = _least(caps.session_s, left_s) or 0
    total_bytes = _least(caps.session_bytes, left_bytes)
    if session_s <= 0 or (total_bytes is not None and total_bytes <= 0):
        return None
    return Limits(session_s, caps.idle_s, total_bytes, caps.rates)


def is_spent(caps: Caps, used: Used) -> bool:
    """Has the person used up the day, over all devices?"""
    spent_s = caps.day_s is not None and used.seconds >= caps.day_s
    return spent_s or (caps.day_bytes is not None and used.total_bytes >= caps.day_bytes)


def _least(one: int | None, other: int | None) -> int | None:
    given = [each for each in (one, other) if each is not None]
    return min(given) if given else None
