"""What the nightly mail needs: a queue that outlives power cuts, and a server that takes mails. No SQL, no SMTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, Protocol

from gateway.errors import GatewayError

MailId = NewType("MailId", int)


class MailKind(StrEnum):
    """What a mail tells."""

    NIGHT = "night"
    PASSED = "passed"
    """No mail: the library was closed and nothing happened, or nothing tells of the day."""
    COMBINED = "combined"
    """Several nights that could not be sent one by one."""


class DeliveryState(StrEnum):
    """How it stands between a mail and one recipient."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """For good: it is not tried again."""
    COMBINED = "combined"
    """It goes with the combined mail."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    body: str
    html: str
    short: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail and one recipient."""

    recipient: str
    state: DeliveryState
    tries: int
    next_try_at: datetime
    tried_at: datetime | None
    said: str
    trouble: str = ""
    """Of Trouble; "" where the server spoke of the mail itself."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the queue."""

    id: MailId
    site: str
    kind: MailKind
    first_day: date
    day: date
    message_id: str
    letter: Letter
    queued_at: datetime
    deliveries: tuple[Delivery, ...]

    @property
    def waits(self) -> bool:
        """Is any recipient still without it?"""
        return any(one.state is DeliveryState.WAITING for one in self.deliveries)


@dataclass(frozen=True, slots=True)
class NewMail:
    """One to be put into the queue."""

    site: str
    kind: MailKind
    first_day: date
    day: date
    message_id: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a mail for one recipient."""

    state: DeliveryState
    said: str
    trouble: str = ""
    """Of Trouble, where nothing could be handed over."""


class Trouble(StrEnum):
    """Why a mail was not handed over; `refused.reports.mail-<trouble>` says it with what to do."""

    NAME = "name"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    TLS = "tls"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    SENDER = "sender"
    LOST = "lost"
    REFUSED = "refused"
    UNLISTED = "unlisted"
    """Nobody's fault: whom it was for is no recipient any more."""


class PostError(GatewayError):
    """The server took nothing; the mails wait."""

    def __init__(self, trouble: Trouble, said: str) -> None:
        super().__init__(said)
        self.trouble = trouble


class MailQueue(Protocol):
    """The queue."""

    async def last_day(self, site: str) -> date | None:
        """The latest night of a site that was mailed or passed over."""

    async def add(self, mail: NewMail, recipients: Sequence[str], at: datetime) -> bool:
        """Put one in; False when that night is there already."""

    async def waiting(self) -> Sequence[Mail]:
        """Mails that some recipient waits for, oldest first."""

    async def all(self, most: int) -> Sequence[Mail]:
        """The latest mails, newest first."""

    async def combine(self, mails: Sequence[MailId], into: NewMail, recipients: Sequence[str], at: datetime) -> None:
        """Put one in the place of many: what waits of those waits no more."""

    async def claim(
        self, mail: MailId, at: datetime, beyond: datetime, next_try: Callable[[int], datetime]
    ) -> Sequence[str]:
        """Count a try of each delivery that is due and say when the next one is, before it is made: a crash in between
        costs a wait, another process finds nothing due. No wait reaches `beyond`: what does was set by a clock that
        was wrong, and is due. The recipients."""

    async def note(self, mail: MailId, answers: Mapping[str, Answer], at: datetime) -> None:
        """What became of the try."""

    async def postpone(self, until: datetime) -> None:
        """Nothing that waits is tried before."""

    async def keep_only(self, recipients: Sequence[str]) -> None:
        """Whoever is no longer among the recipients gets nothing more."""

    async def drop_after(self, day: date) -> int:
        """Take out the mails of nights after a day; how many."""

    async def hurry(self, at: datetime) -> None:
        """All that waits is due now."""


class Post(Protocol):
    """A server that takes mails."""

    async def deliver(self, mail: Mail, recipients: Sequence[str]) -> Mapping[str, Answer]:
        """Hand a mail over for some of its recipients. PostError when the server takes nothing."""
