"""What became of the nightly mails, as cong mail list and cong doctor tell it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.errors import StoreError
from gateway.flows.mail_state import LISTED, Post
from gateway.flows.mail_state import mail_state as judged
from gateway.ports_mail import DeliveryState, Mail, MailKind
from gateway.store.db import Database
from gateway.store.mails import SqliteMails


def mail_state(config: Config, now: datetime) -> tuple[bool, str, str] | None:
    """For cong doctor: good, what is said, what to do; None when no mail is sent."""
    if not config.mail.server or not config.state.database.exists():
        return None
    try:
        mails = asyncio.run(mails_of(config.state.database))
    except StoreError as error:
        return False, f"{error.where}: {error.message}", error.hint
    found = judged(mails, now)
    match found.post:
        case Post.STUCK:
            hint = f"cong mail test {config.mail.recipients[0]} says what fails"
            said = found.said or "not tried yet"
            return False, f"{found.waiting} wait for more than a day, since that of {found.day}: {said}", hint
        case Post.REFUSED:
            hint = "put mail.recipients right, then: cong mail test ADDRESS"
            return False, f"that of {found.day} was refused for {found.recipient}: {found.said}", hint
        case Post.GOOD:
            return True, f"the last went for {found.day}", ""
        case Post.NONE_YET:
            return True, "none was sent yet", ""


async def mails_of(database_path: Path) -> Sequence[Mail]:
    """The latest, newest first."""
    async with Database.opened(database_path) as database:
        return await SqliteMails(database).all(LISTED)


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
