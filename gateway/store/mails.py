"""The queue of nightly mails."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from gateway.ports_mail import Answer, Delivery, DeliveryState, Letter, Mail, MailId, MailKind, NewMail
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteMails:
    """The MailQueue port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_day(self, site: str) -> date | None:
        """See MailQueue."""
        find = "SELECT MAX(day_on) AS day_on FROM mails WHERE site = :site"
        row = await self._database.read(lambda sql: sql.execute(find, {"site": site}).fetchone())
        return date.fromisoformat(row["day_on"]) if row["day_on"] else None

    async def add(self, mail: NewMail, recipients: Sequence[str], at: datetime) -> bool:
        """See MailQueue."""
        return await self._database.run(lambda sql: _add(sql, mail, recipients, epoch_s(at)) is not None)

    async def waiting(self) -> Sequence[Mail]:
        """See MailQueue."""
        find = """
        SELECT * FROM mails m WHERE EXISTS (
          SELECT 1 FROM mail_deliveries d WHERE d.mail_id = m.id AND d.state = 'waiting'
        ) ORDER BY day_on, id
        """
        return await self._database.read(lambda sql: _mails(sql, sql.execute(find).fetchall()))

    async def all(self, most: int) -> Sequence[Mail]:
        """See MailQueue."""
        find, values = "SELECT * FROM mails ORDER BY id DESC LIMIT :most", {"most": most}
        return await self._database.read(lambda sql: _mails(sql, sql.execute(find, values).fetchall()))

    async def combine(self, mails: Sequence[MailId], into: NewMail, recipients: Sequence[str], at: datetime) -> None:
        """See MailQueue."""
        take_out = "UPDATE mail_deliveries SET state = 'combined' WHERE mail_id = :id AND state = 'waiting'"

        def work(sql: sqlite3.Connection) -> None:
            for one in mails:
                sql.execute(take_out, {"id": one})
            _add(sql, into, recipients, epoch_s(at))

        await self._database.run(work)

    async def claim(
        self, mail: MailId, at: datetime, beyond: datetime, next_try: Callable[[int], datetime]
    ) -> Sequence[str]:
        """See MailQueue."""
        find = """
        SELECT recipient, tries FROM mail_deliveries
        WHERE mail_id = :id AND state = 'waiting' AND (next_try_at <= :at OR next_try_at > :beyond) ORDER BY recipient
        """
        change = """
        UPDATE mail_deliveries SET tries = :tries, next_try_at = :next, tried_at = :at
        WHERE mail_id = :id AND recipient = :recipient
        """

        def work(sql: sqlite3.Connection) -> list[str]:
            due = sql.execute(find, {"id": mail, "at": epoch_s(at), "beyond": epoch_s(beyond)}).fetchall()
            for row in due:
                tries = row["tries"] + 1
                values = {"id": mail, "recipient": row["recipient"], "tries": tries, "at": epoch_s(at)}
                sql.execute(change, {**values, "next": epoch_s(next_try(tries))})
            return [row["recipient"] for row in due]

        return await self._database.run(work)

    async def note(self, mail: MailId, answers: Mapping[str, Answer], at: datetime) -> None:
        """See MailQueue."""
        change = """
        UPDATE mail_deliveries SET state = :state, said = :said, trouble = :trouble, tried_at = :at
        WHERE mail_id = :id AND recipient = :recipient AND state = 'waiting'
        """
        values = [
            {
                "id": mail,
                "recipient": to,
                "state": answer.state.value,
                "said": answer.said,
                "trouble": answer.trouble,
                "at": epoch_s(at),
            }
            for to, answer in answers.items()
        ]
        await self._database.run(lambda sql: sql.executemany(change, values).rowcount)

    async def postpone(self, until: datetime) -> None:
        """See MailQueue."""
        change = """
        UPDATE mail_deliveries SET next_try_at = :until WHERE state = 'waiting' AND next_try_at < :until
        """
        await self._database.run(lambda sql: sql.execute(change, {"until": epoch_s(until)}).rowcount)

    async def keep_only(self, recipients: Sequence[str]) -> None:
        """See MailQueue."""
        change = """
        UPDATE mail_deliveries
        SET state = 'refused', said = 'no longer among mail.recipients', trouble = 'unlisted'
        WHERE state = 'waiting' AND recipient NOT IN (SELECT value FROM json_each(:recipients))
        """
        await self._database.run(lambda sql: sql.execute(change, {"recipients": json.dumps(list(recipients))}).rowcount)

    async def drop_after(self, day: date) -> int:
        """See MailQueue."""
        change = "DELETE FROM mails WHERE day_on > :day"
        return await self._database.run(lambda sql: sql.execute(change, {"day": day.isoformat()}).rowcount)

    async def hurry(self, at: datetime) -> None:
        """See MailQueue."""
        change = "UPDATE mail_deliveries SET next_try_at = :at WHERE state = 'waiting'"
        await self._database.run(lambda sql: sql.execute(change, {"at": epoch_s(at)}).rowcount)


def forget_mails(connection: sqlite3.Connection, before_s: int) -> None:
    """Delete mails past their term, and with them who got them."""
    connection.execute("DELETE FROM mails WHERE queued_at < :before", {"before": before_s})


def _add(sql: sqlite3.Connection, mail: NewMail, recipients: Sequence[str], at_s: int) -> MailId | None:
    add = """
    INSERT INTO mails (site, kind, first_on, day_on, message_id, subject, body, html, short, queued_at)
    VALUES (:site, :kind, :first_on, :day_on, :message_id, :subject, :body, :html, :short, :at)
    ON CONFLICT DO NOTHING RETURNING id
    """
    values = {
        "site": mail.site,
        "kind": mail.kind.value,
        "first_on": mail.first_day.isoformat(),
        "day_on": mail.day.isoformat(),
        "message_id": mail.message_id,
        "subject": mail.letter.subject,
        "body": mail.letter.body,
        "html": mail.letter.html,
        "short": mail.letter.short,
        "at": at_s,
    }
    row = sql.execute(add, values).fetchone()
    if row is None:
        return None
    to = "INSERT INTO mail_deliveries (mail_id, recipient, state, next_try_at) VALUES (:id, :recipient, 'waiting', :at)"
    sql.executemany(to, [{"id": row["id"], "recipient": one, "at": at_s} for one in recipients])
    return MailId(row["id"])


def _mails(sql: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Mail]:
    find = "SELECT * FROM mail_deliveries WHERE mail_id = :id ORDER BY recipient"
    return [_mail(row, sql.execute(find, {"id": row["id"]}).fetchall()) for row in rows]


def _mail(row: sqlite3.Row, deliveries: Sequence[sqlite3.Row]) -> Mail:
    return Mail(
        id=MailId(row["id"]),
        site=row["site"],
        kind=MailKind(row["kind"]),
        first_day=date.fromisoformat(row["first_on"]),
        day=date.fromisoformat(row["day_on"]),
        message_id=row["message_id"],
        letter=Letter(row["subject"], row["body"], row["html"], row["short"]),
        queued_at=from_epoch_s(row["queued_at"]),
        deliveries=tuple(
            Delivery(
                each["recipient"],
                DeliveryState(each["state"]),
                each["tries"],
                from_epoch_s(each["next_try_at"]),
                None if each["tried_at"] is None else from_epoch_s(each["tried_at"]),
                each["said"],
                each["trouble"],
            )
            for each in deliveries
        ),
    )
