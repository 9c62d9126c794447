"""What the journeys need of an account server elsewhere, and it of them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.access.client import Mac
from gateway.access.quota import Narrowing
from gateway.access.session import Limits, SessionId
from gateway.accounting.records import Moment, Record, Standing
from gateway.ports import IpAddress


class AccountServer(Protocol):
    """Who wants to be told of sessions."""

    async def tell(self, record: Record) -> bool:
        """Tell one record; True when it is acknowledged."""

    async def tell_on(self, moment: Moment) -> bool:
        """Tell that the box was started anew, so that nothing it told before goes on (RFC 2866 5.1, Accounting-On)."""


class AccountedStore(Protocol):
    """Sessions an account server has not been told the end of."""

    async def to_tell(self, moment: Moment, most: int) -> Sequence[Standing]:
        """Those of them that have something to tell now, by number: the earlier boots' first; at most so many."""

    async def open_ones(self) -> Sequence[Standing]:
        """Those whose device is on."""

    async def limit(self, session: SessionId, limits: Limits) -> bool:
        """Give an open session other limits; False when it is open no more."""

    async def told(self, record: Record, boot_s: float) -> None:
        """A record was acknowledged; after the Stop the session is nobody's any more."""

    async def on_told_of(self) -> str:
        """The boot whose Accounting-On is acknowledged; empty: none."""

    async def told_on(self, boot_id: str) -> None:
        """It was."""

    async def give_up(self, most: int) -> int:
        """Keep the newest `most` sessions that are over; how many went untold."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which sessions an account server means; None: it does not say. At least one is given, and all must fit."""

    session_id: str | None = None
    user_name: str | None = None
    mac: Mac | None = None
    address: IpAddress | None = None


Change = Callable[[Order, Narrowing], Awaitable[Sequence[SessionId]]]
"""Changes the limits of an order's sessions; those that were changed."""
Disconnect = Callable[[Order], Awaitable[Sequence[SessionId]]]
"""Ends the sessions of an order; those that were ended."""
