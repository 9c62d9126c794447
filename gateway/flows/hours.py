"""Opening hours as they hold now: the plan of the configuration with the store's changes."""

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.ports_hours import CalendarStore
from gateway.service.calendar import Calendar, closes_at, opens_next

_CLOCK_IS_SET_AFTER = 2026
"""A box without a battery starts in 1970 until the line tells it the time: hours mean nothing before."""


class Hours:
    """The calendar as it stands: the plan of the configuration and the store's changes."""

    def __init__(self, clock: Clock, plan: Calendar, store: CalendarStore, *, enforced: bool, warn_s: int) -> None:
        """`warn_s`: how long before an end it is said."""
        self._clock = clock
        self._calendar = plan
        self._store = store
        self._enforced = enforced
        self.warn_s = warn_s

    async def refresh(self) -> None:
        """Read the store's changes anew."""
        changes = await self._store.changes(self._clock.now() - timedelta(days=2))
        self._calendar = replace(self._calendar, changes=[stored.change for stored in changes])

    def is_closed(self) -> bool:
        """Is nobody to be let in now?"""
        return self._holds() and closes_at(self._calendar, self._clock.now()) is None

    def closes_at(self) -> datetime | None:
        """When sessions end by closing, in the site's time; None: no closing is enforced, or it is closed."""
        end = closes_at(self._calendar, self._clock.now()) if self._holds() else None
        return end.astimezone(self._calendar.zone) if end else None

    def opens_next(self) -> datetime | None:
        """The next opening, in the site's time."""
        begin = opens_next(self._calendar, self._clock.now())
        return begin.astimezone(self._calendar.zone) if begin else None

    def left_s(self, session_left_s: int) -> int:
        """Seconds until a session ends by its own limit or by closing, whichever comes first."""
        closing = self.closes_at()
        return session_left_s if closing is None else min(session_left_s, self._seconds_until(closing))

    def _holds(self) -> bool:
        return self._enforced and self._clock.now().year >= _CLOCK_IS_SET_AFTER

    def _seconds_until(self, moment: datetime) -> int:
        return max(0, int((moment - self._clock.now()).total_seconds()))
