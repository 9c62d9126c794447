"""An account server's order: sessions it means -> ended, as the operator would (RFC 5176 section 3)."""

from collections.abc import Sequence

from gateway.access.client import Mac
from gateway.access.session import Cause, SessionId, State
from gateway.accounting.records import Standing
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.ports_radius import AccountedStore, Order


async def disconnect(gate: Gate, store: AccountedStore, order: Order) -> Sequence[SessionId]:
    """End the open sessions that fit all the order says; only those this account server has let in."""
    holder = await gate.neighbours.mac_of(order.address) if order.address else None
    if order.address and holder is None:
        return []
    meant = [each.session for each in await store.open_ones() if _fits(each, order, holder)]
    return [session.id for session in meant if await end(gate, session, Cause.ADMIN_RESET)]


def _fits(standing: Standing, order: Order, holder: Mac | None) -> bool:
    session, accounted = standing.session, standing.accounted
    said = (
        (order.session_id, accounted.session_id),
        (order.user_name, accounted.user_name),
        (order.mac, session.mac),
        (holder, session.mac),
    )
    given = [(asked, held) for asked, held in said if asked is not None]
    return bool(given) and session.state is State.OPEN and all(asked == held for asked, held in given)
