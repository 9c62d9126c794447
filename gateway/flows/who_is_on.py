"""Who is on, as the staff look at it: each session with what its device is called and how fast it is just now.

Several open pages share one look at the kernel; a rate is what moved between two looks some seconds apart.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.flows.listing import LiveSession, live_sessions
from gateway.flows.sign_in import Reception
from gateway.ports import Leases

_SHARED_S = 1.0
_LEASES_S = 5.0
_OVER_S, _SHORTEST_S, _LONGEST_S = 5.0, 0.9, 60.0
"""A rate is over so many seconds; of looks further apart it is the mean, of still further ones nothing."""


class Named(StrEnum):
    """Who says what a device is called."""

    STAFF = "staff"
    ITSELF = "itself"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Label:
    """What a device is called; "" when nobody says."""

    text: str
    by: Named


@dataclass(frozen=True, slots=True)
class On:
    """One live session."""

    live: LiveSession
    label: Label
    ends_at: datetime
    """By its limit or by closing, whichever comes first."""
    up_bit_s: int | None = None
    """None until there are two looks."""
    down_bit_s: int | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    boot_s: float
    bytes: Mapping[SessionId, tuple[int, int]]


class WhoIsOn:
    """The looks of the last minute, and names out of the leases; all of it can be lost."""

    def __init__(self, reception: Reception, leases: Leases) -> None:
        self._reception = reception
        self._leases = leases
        self._looks: deque[_Look] = deque()
        self._on_now: Sequence[On] = ()
        self._is_known = False
        self._names: Mapping[Mac, str] = {}
        self._names_boot_s = -_LEASES_S

    async def look(self) -> Sequence[On]:
        """All live sessions by number."""
        gate = self._reception.gate
        boot_s = gate.clock.boot_s()
        if not self._is_known or boot_s - self._looks[-1].boot_s >= _SHARED_S:
            live = await live_sessions(gate)
            self._note(boot_s, live)
            base, last = self._base(), self._looks[-1]
            now, closing = gate.clock.now(), self._reception.hours.closes_at()
            self._on_now = [self._on(each, now, closing, base, last) for each in live]
            self._is_known = True
        return self._on_now

    def changed(self) -> None:
        """Somebody acted: the next look is at the kernel."""
        self._is_known = False

    def label(self, mac: Mac) -> Label:
        """What a device is called: by the staff, else by itself."""
        clock = self._reception.gate.clock
        known = self._reception.roster.known(mac, clock.now())
        if known is not None and known.name:
            return Label(known.name, Named.STAFF)
        if clock.boot_s() - self._names_boot_s >= _LEASES_S:
            self._names = {lease.mac: lease.name for lease in self._leases.read(clock.now())}
            self._names_boot_s = clock.boot_s()
        name = self._names.get(mac, "")
        return Label(name, Named.ITSELF if name else Named.NOBODY)

    def _note(self, boot_s: float, live: Sequence[LiveSession]) -> None:
        self._looks.append(_Look(boot_s, {each.session.id: (each.up_bytes, each.down_bytes) for each in live}))
        while boot_s - self._looks[0].boot_s > _LONGEST_S:
            self._looks.popleft()

    def _base(self) -> _Look | None:
        """The look to hold the last one against."""
        last = self._looks[-1].boot_s
        before = [each for each in self._looks if last - each.boot_s >= _SHORTEST_S]
        return min(before, key=lambda each: abs(last - each.boot_s - _OVER_S), default=None)

    def _on(self, live: LiveSession, now: datetime, closing: datetime | None, base: _Look | None, last: _Look) -> On:
        number, ends_at = live.session.id, now + timedelta(seconds=live.left_s)
        ends_at = ends_at if closing is None else min(ends_at, closing)
        label = self.label(live.session.mac)
        if base is None or number not in base.bytes:
            return On(live, label, ends_at)
        span_s, (up, down) = last.boot_s - base.boot_s, base.bytes[number]
        return On(live, label, ends_at, _bit_s(live.up_bytes - up, span_s), _bit_s(live.down_bytes - down, span_s))


def _bit_s(count: int, span_s: float) -> int:
    return max(0, round(8 * count / span_s))
