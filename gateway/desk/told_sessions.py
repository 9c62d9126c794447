"""Sessions and devices as the desk tells them: what each caller may see of a device."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gateway.access.client import AccessKind, Mac
from gateway.access.session import Cause, State
from gateway.desk.table import Caller
from gateway.flows.who_is_on import Label, Named, On
from gateway.staff.roles import Right

Order = Literal["since", "left", "bytes", "rate", "name"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device as a caller may know it. Only who serves patrons is told its MAC and what it calls itself."""

    name: str
    """As staff call it, or as it calls itself; "" when nobody says, or it is not told to this role."""
    named_by: Named
    tail: str
    """The last three octets of its MAC, "10:00:01": enough to tell two devices apart."""
    mac: str = ""
    """"" when it is not told to this role."""


@dataclass(frozen=True, slots=True)
class Row:
    """One live session, as `cong sessions --json` has it, and what only the desk shows."""

    id: int
    device: Device
    kind: AccessKind
    method: str
    profile: str
    state: State
    opened_at: datetime
    left_s: int
    """Until the session's own limit."""
    ends_at: datetime
    """By its limit or by closing, whichever comes first."""
    up_bytes: int
    down_bytes: int
    up_bit_s: int | None
    """Over the last seconds; null until there are two looks."""
    down_bit_s: int | None
    long_udp_flows: int
    """Each longer than ten minutes and 10 MB to one peer: a VPN or a long call."""
    limit_bytes: int | None

    @property
    def left_bytes(self) -> int | None:
        """Of its cap."""
        return None if self.limit_bytes is None else max(0, self.limit_bytes - self.up_bytes - self.down_bytes)


@dataclass(frozen=True, slots=True)
class Sessions:
    """A page of the list."""

    at: datetime
    total: int
    """All live sessions."""
    found: int
    """Those that fit what was asked for."""
    page: int
    pages: int
    rows: tuple[Row, ...]
    up_bit_s: int
    """Of all live sessions together."""
    down_bit_s: int


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A session that ended by itself: idle, or a power cut."""

    id: int
    device: Device
    method: str
    profile: str
    opened_at: datetime
    stopped_at: datetime | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Those that may go on, the newest first."""

    rows: tuple[EndedRow, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """What a session can still be given."""

    minutes: int
    megabytes: int | None
    """null: no cap of data, or nothing but the session's own ends it."""
    has_data_cap: bool
    why_not: str = ""
    """The key of the text that says why it can't be given anything."""


@dataclass(frozen=True, slots=True)
class One:
    """One session, live or ended."""

    id: int
    device: Device
    kind: AccessKind
    method: str
    profile: str
    state: State
    opened_at: datetime
    stopped_at: datetime | None
    cause: Cause | None
    session_s: int
    idle_s: int
    limit_bytes: int | None
    up_kbit_s: int | None
    down_kbit_s: int | None
    up_bytes: int
    down_bytes: int
    counted: bool
    """false: staff or equipment, in no figure."""
    terms_accepted_at: datetime | None
    terms_version: str
    may_go_on: bool
    """A code can be handed for it."""
    live: Row | None
    room: Room | None
    profiles: tuple[str, ...] = field(default=())
    """Profiles it can go on with."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The session after an act."""

    id: int
    profile: str
    session_s: int
    limit_bytes: int | None


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be typed at the portal; it works once."""

    session: int
    code: str
    life_s: int


def device(mac: Mac, label: Label, caller: Caller) -> Device:
    """What this caller is told of a device."""
    serves = caller.may(Right.SERVE)
    is_told = serves or label.by is Named.STAFF
    return Device(label.text if is_told else "", label.by, mac[-8:] if mac else "", mac if serves else "")


def row(on: On, caller: Caller) -> Row:
    """A live session as this caller is told it."""
    live, session = on.live, on.live.session
    return Row(
        session.id,
        device(session.mac, on.label, caller),
        session.kind,
        session.method,
        session.profile,
        session.state,
        session.opened_at,
        live.left_s,
        on.ends_at,
        live.up_bytes,
        live.down_bytes,
        on.up_bit_s,
        on.down_bit_s,
        live.long_udp_flows,
        session.limits.total_bytes,
    )


def fits(one: Row, words: str) -> bool:
    """Is every word of a search somewhere in what is told of the session? Without regard to case and tone marks."""
    told = plain(f"{one.device.name} {one.device.tail} {one.device.mac} {one.profile} {one.method} {one.kind} {one.id}")
    return all(word in told for word in plain(words).split())


def plain(text: str) -> str:
    """Without case and tone marks."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def ordered(on: Sequence[On], by: Order, caller: Caller) -> list[On]:
    """The newest, the one that ends next, the most data, the fastest, or by the name that is told."""
    match by:
        case "since":
            return sorted(on, key=lambda each: -each.live.session.id)
        case "left":
            return sorted(on, key=lambda each: (each.ends_at, each.live.session.id))
        case "bytes":
            return sorted(on, key=lambda each: (-each.live.up_bytes - each.live.down_bytes, each.live.session.id))
        case "rate":
            return sorted(on, key=lambda each: (-(each.up_bit_s or 0) - (each.down_bit_s or 0), each.live.session.id))
        case "name":
            return sorted(on, key=lambda each: _by_name(row(each, caller)))


def _by_name(one: Row) -> tuple[bool, str, int]:
    return not one.device.name, plain(one.device.name), one.id
