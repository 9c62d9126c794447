"""The end of the opening hours: everybody but staff and equipment is ended."""

from gateway.access.login import Method
from gateway.access.session import Cause, State
from gateway.flows.close import end
from gateway.flows.sign_in import Reception


async def end_at_closing(reception: Reception) -> None:
    """End every session that closing ends; staff devices and equipment stay on."""
    await reception.hours.refresh()
    if not reception.hours.is_closed():
        return
    gate = reception.gate
    for booked in await gate.sessions.live_sessions():
        session = booked.session
        stays = session.mac in reception.house.staff or session.method == Method.EXEMPT
        if session.state is State.OPEN and not stays:
            await end(gate, session, Cause.NAS_REQUEST)
