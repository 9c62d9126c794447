"""What became of the nightly mails, as cong mail list and cong doctor tell it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from gateway.cli.checkup import Finding, failed, fault, good
from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.desk.mail_words import why_not
from gateway.errors import StoreError
from gateway.flows.mail_state import LISTED, Post
from gateway.flows.mail_state import mail_state as judged
from gateway.ports_mail import DeliveryState, Mail, MailKind
from gateway.store.db import Database
from gateway.store.mails import SqliteMails


def mail_state(config: Config, now: datetime, language: str) -> Finding | None:
    """For cong doctor; None when no mail is sent."""
    if not config.mail.server or not config.state.database.exists():
        return None
    try:
        mails = asyncio.run(mails_of(config.state.database))
    except StoreError as error:
        return failed("mail", error)
    found = judged(mails, now)
    why = why_not(found.trouble, found.said, language, waits=found.post is Post.STUCK)
    match found.post:
        case Post.STUCK:
            to = (config.mail.recipients or ("ADDRESS",))[0]
            return fault("mail", "stuck", count=found.waiting, day=f"{found.day}", why=why, to=to)
        case Post.REFUSED:
            return fault("mail", "refused", day=f"{found.day}", recipient=found.recipient, why=why)
        case Post.GOOD:
            return good("mail", day=f"{found.day}")
        case Post.NONE_YET:
            return good("mail", "none_yet")


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
