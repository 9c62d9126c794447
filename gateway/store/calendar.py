"""Decided changes of the opening hours."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.ports_hours import StoredChange
from gateway.service.calendar import Change, ChangeKind
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteCalendar:
    """The CalendarStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changes(self, since: datetime) -> Sequence[StoredChange]:
        """See CalendarStore."""
        find = """
        SELECT * FROM calendar_changes WHERE end_at > :since AND taken_back_at IS NULL ORDER BY begin_at, id
        """
        rows = await self._database.read(lambda sql: sql.execute(find, {"since": epoch_s(since)}).fetchall())
        return [
            StoredChange(
                row["id"],
                Change(
                    ChangeKind(row["kind"]),
                    from_epoch_s(row["begin_at"]),
                    from_epoch_s(row["end_at"]),
                    from_epoch_s(row["decided_at"]),
                    row["reason"],
                ),
                row["author"],
            )
            for row in rows
        ]

    async def decide(self, change: Change, author: str) -> int:
        """See CalendarStore."""
        return (await self.decide_all([change], author))[0]

    async def decide_all(self, changes: Sequence[Change], author: str) -> Sequence[int]:
        """See CalendarStore."""
        return await self._database.run(lambda sql: [_decide(sql, change, author) for change in changes])

    async def take_back(self, number: int, by: str, at: datetime) -> bool:
        """See CalendarStore."""
        change = """
        UPDATE calendar_changes SET taken_back_at = :at, taken_back_by = :by WHERE id = :id AND taken_back_at IS NULL
        """
        values = {"id": number, "by": by, "at": epoch_s(at)}
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1


def _decide(sql: sqlite3.Connection, change: Change, author: str) -> int:
    values = {
        "kind": change.kind,
        "begin": epoch_s(change.begin),
        "end": epoch_s(change.end),
        "decided": epoch_s(change.decided_at),
        "author": author,
        "reason": change.reason,
    }
    alike = """
    SELECT id FROM calendar_changes
    WHERE kind = :kind AND begin_at = :begin AND end_at = :end AND taken_back_at IS NULL
    """
    if row := sql.execute(alike, values).fetchone():
        return int(row["id"])
    add = """
    INSERT INTO calendar_changes (kind, begin_at, end_at, decided_at, author, reason)
    VALUES (:kind, :begin, :end, :decided, :author, :reason)
    """
    return sql.execute(add, values).lastrowid or 0
