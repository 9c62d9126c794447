"""The day's limits of a person, over all devices: whoever has used up the day is ended, to a minute."""

from gateway.access.client import ClientId
from gateway.access.quota import Used, is_spent
from gateway.access.session import Cause, State
from gateway.flows.close import end
from gateway.flows.sign_in import Reception, start_of_day


async def end_spent(reception: Reception) -> None:
    """End the sessions of those whose day is used up, as far as it is booked."""
    gate, house = reception.gate, reception.house
    if all(caps.day_s is None and caps.day_bytes is None for caps in house.caps.values()):
        return
    now = gate.clock.now()
    used = await gate.sessions.used_since(start_of_day(now, house.zone), now)
    for booked in await gate.sessions.live_sessions():
        session = booked.session
        key: str | ClientId = session.person or session.client
        caps = house.caps.get(session.profile)
        if session.state is State.OPEN and caps and is_spent(caps, used.get(key, Used())):
            await end(gate, session, Cause.NAS_REQUEST)
