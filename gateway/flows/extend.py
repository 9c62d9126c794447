"""More time or data for a session that runs, by the staff: as much as nothing else ends before.

The store first: a crash before the kernel has it is put right by the next repair. An account server's sessions are its
own to lengthen, by its order (flows/orders).
"""

from dataclasses import dataclass, replace

from gateway.access.client import ClientId
from gateway.access.login import Method, Refused
from gateway.access.quota import Used, is_daily
from gateway.access.session import Limits, Session, SessionId, left_s
from gateway.access.voucher import Left, left_of
from gateway.flows.listing import open_session
from gateway.flows.sign_in import Reception, start_of_day
from gateway.flows.vouchers import moment
from gateway.log import client_tag, event
from gateway.ports import Booked
from gateway.ports_vouchers import VoucherStore

LONGEST_S = 86400
"""Of any session: a night's figures count on it (flows/nightly)."""


@dataclass(frozen=True, slots=True)
class More:
    """What the staff give; to a session that still has the limits it was shown with, if they are told."""

    seconds: int = 0
    total_bytes: int = 0
    was_session_s: int | None = None
    """A form is sent twice by a double click: the second finds another limit and adds nothing."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much more a session can be given; None: no cap ends it."""

    seconds: int
    total_bytes: int | None
    why: str
    """What bounds the time: longest, day, voucher."""
    why_bytes: str = ""


async def extend(reception: Reception, vouchers: VoucherStore, number: SessionId, more: More) -> Session | Refused:
    """The session with its new limits; or why it has none, as the key of a text."""
    gate = reception.gate
    found = await open_session(gate, number)
    if found is None:
        return Refused("session_over")
    session, limits = found.session, found.session.limits
    if more.was_session_s is not None and more.was_session_s != limits.session_s:
        is_same_click = limits.session_s == more.was_session_s + more.seconds
        return session if is_same_click else Refused("extend_changed")
    room = await room_of(reception, vouchers, found)
    if isinstance(room, Refused):
        return room
    if more.total_bytes and limits.total_bytes is None:
        return Refused("extend_no_cap")
    if more.seconds > room.seconds:
        return Refused(f"extend_{room.why}", str(room.seconds // 60))
    if room.total_bytes is not None and more.total_bytes > room.total_bytes:
        return Refused(f"extend_{room.why_bytes}_bytes", str(room.total_bytes // 1_000_000))
    return await _give(reception, session, _longer(limits, more))


async def room_of(reception: Reception, vouchers: VoucherStore, found: Booked) -> Room | Refused:
    """How much more an open session can have before something else ends it."""
    gate, session = reception.gate, found.session
    if session.method == Method.RADIUS:
        return Refused("extend_server")
    if session.method == Method.EXEMPT:
        return Refused("extend_exempt")
    rest_s = left_s(session, gate.clock.boot_s())
    rest_bytes = None if session.limits.total_bytes is None else session.limits.total_bytes - _booked(found)
    room = Room(LONGEST_S - session.limits.session_s, None, "longest")
    if (day := await _left_today(reception, session)) is not None:
        room = _least(room, Room(day[0] - rest_s, _beyond(day[1], rest_bytes), "day", "day"))
    if (left := await _left_of_voucher(reception, vouchers, session)) is not None:
        room = _least(room, Room(left.seconds - rest_s, _beyond(left.total_bytes, rest_bytes), "voucher", "voucher"))
    return replace(room, seconds=max(0, room.seconds))


async def _give(reception: Reception, session: Session, limits: Limits) -> Session | Refused:
    gate = reception.gate
    if not await gate.sessions.limit(session, limits):
        return Refused("extend_changed")
    now = replace(session, limits=limits)
    await gate.firewall.last(now, left_s(now, gate.clock.boot_s()) + gate.dead_man_s)
    event("session.extended", client=client_tag(now.mac), session=now.id, session_s=limits.session_s)
    return now


def _longer(limits: Limits, more: More) -> Limits:
    total = None if limits.total_bytes is None else limits.total_bytes + more.total_bytes
    return replace(limits, session_s=limits.session_s + more.seconds, total_bytes=total)


async def _left_today(reception: Reception, session: Session) -> tuple[int, int | None] | None:
    """Seconds and bytes the person has left of the site's day under the profile; None: the day is not capped."""
    gate, caps = reception.gate, reception.house.caps.get(session.profile)
    if caps is None or not is_daily(caps):
        return None
    now = gate.clock.now()
    key: str | ClientId = session.person or session.client
    used = (await gate.sessions.used_since(start_of_day(now, reception.house.zone), now)).get(key, Used())
    seconds = LONGEST_S if caps.day_s is None else caps.day_s - used.seconds
    return seconds, None if caps.day_bytes is None else caps.day_bytes - used.total_bytes


async def _left_of_voucher(reception: Reception, vouchers: VoucherStore, session: Session) -> Left | None:
    if session.method != Method.VOUCHER:
        return None
    clock = reception.gate.clock
    for each in await vouchers.in_use(moment(clock)):
        if session.id in each.booked_bytes:
            left = left_of(each.voucher, clock.now(), goes_on=True)
            return left if isinstance(left, Left) else Left(0, 0)
    return None


def _booked(found: Booked) -> int:
    return found.total_up_bytes + found.total_down_bytes


def _beyond(left_bytes: int | None, rest_bytes: int | None) -> int | None:
    return None if left_bytes is None or rest_bytes is None else max(0, left_bytes - rest_bytes)


def _least(one: Room, other: Room) -> Room:
    by_time = min(one, other, key=lambda room: room.seconds)
    by_bytes = min(
        (room for room in (one, other) if room.total_bytes is not None),
        key=lambda room: room.total_bytes or 0,
        default=None,
    )
    if by_bytes is None:
        return replace(by_time, total_bytes=None, why_bytes="")
    return replace(by_time, total_bytes=by_bytes.total_bytes, why_bytes=by_bytes.why_bytes)
