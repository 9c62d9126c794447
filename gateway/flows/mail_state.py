"""How the nightly mail stands: does it arrive? Asked by `cong doctor` and by the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.ports_mail import DeliveryState, Mail

LISTED = 30
"""Mails that are looked at."""
_LONG = timedelta(days=1)
"""Mail that waits for longer is a fault to be told."""
_LATELY = 7


class Post(StrEnum):
    """How it stands."""

    GOOD = "good"
    NONE_YET = "none-yet"
    STUCK = "stuck"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MailState:
    """How it stands, with what is told of it."""

    post: Post
    day: date | None = None
    """Of the last that went, the oldest that waits, or the one that was refused."""
    waiting: int = 0
    recipient: str = ""
    trouble: str = ""
    """Why nothing could be handed over; "" when the server spoke of the mail itself, or nothing was tried."""
    said: str = ""
    """By the mail server, or of it."""


def mail_state(mails: Sequence[Mail], now: datetime) -> MailState:
    """Of the latest mails, newest first."""
    late = [one for one in mails if one.waits and now - one.queued_at > _LONG]
    if late:
        oldest = min(late, key=lambda one: one.queued_at)
        last = next((one for one in oldest.deliveries if one.said), None)
        trouble, said = (last.trouble, last.said) if last else ("", "")
        return MailState(Post.STUCK, oldest.day, len(late), trouble=trouble, said=said)
    to_each = [(one, each) for one in mails[:_LATELY] for each in one.deliveries]
    for one, each in to_each:
        if each.state is DeliveryState.REFUSED and each.tries:
            return MailState(Post.REFUSED, one.day, recipient=each.recipient, trouble=each.trouble, said=each.said)
    sent = [one for one in mails if any(each.state is DeliveryState.SENT for each in one.deliveries)]
    return MailState(Post.GOOD, sent[0].day) if sent else MailState(Post.NONE_YET)
