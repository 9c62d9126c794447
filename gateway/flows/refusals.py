"""A refusal was shown: the attempt it belongs to could not be served (counting 2.4 C; 2.7, 4)."""

from gateway.access.client import Mac
from gateway.flows.sign_in import Reception

_NO_REFUSAL = frozenset({"again", "approval_over", "approval_waits"})
"""What a form or a page says of itself: the patron does it again, or waits."""


async def refused(reception: Reception, mac: Mac, key: str) -> None:
    """Note what a page told a patron's device; `key` names its text: closed, barred, full, a quota, a wrong code."""
    if key not in _NO_REFUSAL and mac not in reception.house.staff:
        gate = reception.gate
        await gate.sessions.refusal_shown(mac, key, gate.clock.now())
