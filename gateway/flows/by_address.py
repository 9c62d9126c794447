"""Strict sessions that tried addresses they were never answered: counted by profile, nothing else is kept.

In strict mode they were refused, and count as refusals of the category "by-address"; where the profile only looks they
passed, and the log says how many would have been refused.
"""

from collections import Counter
from collections.abc import Collection

from gateway.access.session import SessionId
from gateway.flows.gate import Gate
from gateway.log import event
from gateway.ports import Refusals

BY_ADDRESS = "by-address"


class ByAddress:
    """What the kernel's counters said at the last look."""

    def __init__(self, gate: Gate, refusals: Refusals, log_only: Collection[str]) -> None:
        """`log_only`: profiles that only look."""
        self._gate = gate
        self._refusals = refusals
        self._log_only = log_only
        self._seen: dict[SessionId, int] | None = None
        self._profiles: dict[SessionId, str] = {}

    async def look(self) -> None:
        """Count what came since the last look; the first one only notes where the counters stand."""
        counted = dict(await self._gate.firewall.by_address())
        before, self._seen = self._seen, counted
        live = {booked.session.id: booked.session.profile for booked in await self._gate.sessions.live_sessions()}
        known = {**self._profiles, **live}  # one that has just ended is still counted
        self._profiles = {session: known[session] for session in counted.keys() | live.keys() if session in known}
        if before is None:
            return
        tries: Counter[str] = Counter()
        for session, count in counted.items():
            if session in known:
                # an element that ran out and came again counts from 0
                tries[known[session]] += count - before.get(session, 0) if count >= before.get(session, 0) else count
        for profile, count in tries.items():
            if count and profile in self._log_only:
                event("strict.would_refuse", profile=profile, tries=count)
            elif count:
                self._refusals.refused(profile, BY_ADDRESS, count)
