"""What the journeys of known devices, of approvals and of continued sessions need of the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.access.approval import Approval
from gateway.access.client import ClientId, Mac
from gateway.access.device import Device
from gateway.access.session import Session, SessionId
from gateway.ports import Booked, NewSession, Terms


class DeviceStore(Protocol):
    """The list of known devices."""

    async def devices(self) -> Sequence[Device]:
        """All entries, by name and MAC; those that have ended too."""

    async def put(self, device: Device) -> None:
        """Enter a device, in place of its entry before."""

    async def forget(self, mac: Mac) -> bool:
        """Take an entry out; False when there is none."""


class ApprovalStore(Protocol):
    """Requests to the staff."""

    async def ask(self, mac: Mac, code: str, terms: Terms, now: datetime) -> Approval | None:
        """Store a request with the terms that were accepted; the device's open one if it has one.

        None when the code is taken. Requests that are past their term are no longer open.
        """

    async def asked_since(self, since: datetime) -> Sequence[Approval]:
        """All requests from an instant on, the newest first."""

    async def latest(self, mac: Mac) -> tuple[Approval, Terms] | None:
        """A device's newest request and the terms it accepted."""

    async def answer(self, approval: Approval, now: datetime) -> bool:
        """Store the answer of a request that is open; False when it is not."""

    async def approved(self) -> Sequence[tuple[Approval, Terms]]:
        """Approved requests no session has come of; past their term too."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A session as it may be continued."""

    booked: Booked
    client: ClientId
    """Who it is counted as."""
    terms: Terms | None
    accepted_at: datetime | None
    counted: bool
    continued: bool
    """It has been already: that happens once."""


class ResumeStore(Protocol):
    """Sessions that are continued by others."""

    async def entitlement(self, number: SessionId) -> Entitlement | None:
        """A session, live or ended."""

    async def reopen(
        self, of: Entitlement, new: NewSession, at: datetime, boot_s: float, boot_id: str
    ) -> Session | None:
        """Store the session that continues another, with its consent, in one transaction.

        It is counted as the same visitor, and so is its device if it is new here. None when the session before has
        been continued already, or the device has a live session.
        """

    async def ended(self, since: datetime) -> Sequence[Session]:
        """Sessions that ended from an instant on and were not continued, the newest first."""

    async def superseded(self) -> Sequence[Session]:
        """Live sessions that have been continued by another: a crash came between the two steps."""
