"""What became of the nightly mails, as cong mail list and cong doctor tell it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.errors import StoreError
from gateway.ports_mail import DeliveryState, Mail, MailKind
from gateway.store.db import Database
from gateway.store.mails import SqliteMails

_LISTED = 30
_LONG = timedelta(days=1)
"""Mail that waits for longer is a fault to be told."""


def mail_state(config: Config, now: datetime) -> tuple[bool, str, str] | None:
    """For cong doctor: good, what is said, what to do; None when no mail is sent."""
    if not config.mail.server or not config.state.database.exists():
        return None
    try:
        mails = asyncio.run(mails_of(config.state.database))
    except StoreError as error:
        return False, f"{error.where}: {error.message}", error.hint
    late = [one for one in mails if one.waits and now - one.queued_at > _LONG]
    if late:
        oldest = min(late, key=lambda one: one.queued_at)
        said = next((one.said for one in oldest.deliveries if one.said), "not tried yet")
        hint = f"cong mail test {config.mail.recipients[0]} says what fails"
        return False, f"{len(late)} wait for more than a day, since that of {oldest.day}: {said}", hint
    to_each = [(one, each) for one in mails[:7] for each in one.deliveries]
    refused = [(one, each) for one, each in to_each if each.state is DeliveryState.REFUSED and each.tries]
    if refused:
        one, each = refused[0]
        hint = "put mail.recipients right, then: cong mail test ADDRESS"
        return False, f"that of {one.day} was refused for {each.recipient}: {each.said}", hint
    sent = [one for one in mails if any(each.state is DeliveryState.SENT for each in one.deliveries)]
    return True, f"the last went for {sent[0].day}" if sent else "none was sent yet", ""


async def mails_of(database_path: Path) -> Sequence[Mail]:
    """The latest, newest first."""
    async with Database.opened(database_path) as database:
        return await SqliteMails(database).all(_LISTED)


def lines_of(one: Mail, config: Config) -> list[str]:
    """One mail for people: a line, and one a recipient."""
    night = f"{one.day}" if one.first_day == one.day else f"{one.first_day}..{one.day}"
    if one.kind is MailKind.PASSED:
        return [f"{night}  none: closed, nothing to tell"]
    lines = [f"{night}  {one.letter.subject}"]
    for each in one.deliveries:
        told = f"            {each.recipient}  {each.state.value}, {each.tries} {'try' if each.tries == 1 else 'tries'}"
        if each.state is DeliveryState.WAITING:
            told += f", next {each.next_try_at.astimezone(config.site.zone):%Y-%m-%d %H:%M}"
        lines.append(f"{told}: {each.said}" if each.said else told)
    return lines


def tree_of(one: Mail) -> dict[str, object]:
    """One mail for programs."""
    return {
        "kind": one.kind.value,
        "first_day": f"{one.first_day}",
        "day": f"{one.day}",
        "message_id": one.message_id,
        "subject": one.letter.subject,
        "queued_at": one.queued_at.isoformat(),
        "deliveries": [
            {
                "recipient": each.recipient,
                "state": each.state.value,
                "tries": each.tries,
                "next_try_at": each.next_try_at.isoformat() if each.state is DeliveryState.WAITING else None,
                "tried_at": each.tried_at.isoformat() if each.tried_at else None,
                "said": each.said,
            }
            for each in one.deliveries
        ],
    }
