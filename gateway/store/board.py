"""Notices, and counts of what patrons come for."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.access.session import SessionId
from gateway.ports_board import Notice, NoticeKind, Wording
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_LATEST = "SELECT max(id) FROM notices GROUP BY number"


class SqliteNotices:
    """The NoticeStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self, now: datetime) -> Sequence[Notice]:
        """See NoticeStore."""
        find = f"""
        SELECT * FROM notices WHERE id IN ({_LATEST}) AND ended_at IS NULL AND until_at > :now
        ORDER BY kind, happens_at, number DESC
        """
        values = {"now": epoch_s(now)}
        return [_notice(row) for row in await self._database.read(lambda sql: sql.execute(find, values).fetchall())]

    async def history(self) -> Sequence[Notice]:
        """See NoticeStore."""
        find = "SELECT * FROM notices ORDER BY id DESC"
        return [_notice(row) for row in await self._database.read(lambda sql: sql.execute(find).fetchall())]

    async def latest(self, number: int) -> Notice | None:
        """See NoticeStore."""
        find, values = "SELECT * FROM notices WHERE number = :number ORDER BY id DESC LIMIT 1", {"number": number}
        row = await self._database.read(lambda sql: sql.execute(find, values).fetchone())
        return _notice(row) if row else None

    async def write(self, notice: Notice) -> int:
        """See NoticeStore."""
        add = """
        INSERT INTO notices (number, kind, from_at, until_at, happens_at, place, texts, author, written_at)
        VALUES (
          CASE :number WHEN 0 THEN coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notices'), 0) + 1
          ELSE :number END,
          :kind, :from_at, :until_at, :happens_at, :place, :texts, :author, :written_at
        ) RETURNING number
        """
        values = {
            "number": notice.number,
            "kind": notice.kind,
            "from_at": epoch_s(notice.shown_from),
            "until_at": epoch_s(notice.shown_until),
            "happens_at": epoch_s(notice.happens_at) if notice.happens_at else None,
            "place": notice.place,
            "texts": json.dumps(
                {tag: {"title": said.title, "text": said.text} for tag, said in notice.wordings.items()},
                ensure_ascii=False,
            ),
            "author": notice.author,
            "written_at": epoch_s(notice.written_at),
        }
        return int(await self._database.run(lambda sql: sql.execute(add, values).fetchone()["number"]))

    async def end(self, number: int, by: str, at: datetime) -> bool:
        """See NoticeStore."""
        change = f"""
        UPDATE notices SET ended_at = :at, ended_by = :by
        WHERE number = :number AND id IN ({_LATEST}) AND ended_at IS NULL AND until_at > :at
        """
        values = {"number": number, "by": by, "at": epoch_s(at)}
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1


class SqlitePurposes:
    """The PurposeStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def may_answer(self, session: SessionId) -> bool:
        """See PurposeStore."""
        find = "SELECT 1 FROM sessions WHERE id = :id AND purpose_done = 0 AND resumed_from IS NULL"
        return bool(await self._database.glance(find, {"id": session}))

    async def answer(self, session: SessionId, purpose: str | None, day: date) -> bool:
        """See PurposeStore."""
        done = """
        UPDATE sessions SET purpose_done = 1 WHERE id = :id AND purpose_done = 0 AND resumed_from IS NULL
        RETURNING counted
        """
        add = """
        INSERT INTO purposes (day_on, purpose, count) VALUES (:day, :purpose, 1)
        ON CONFLICT (day_on, purpose) DO UPDATE SET count = count + 1
        """

        def work(sql: sqlite3.Connection) -> bool:
            row = sql.execute(done, {"id": session}).fetchone()
            if row is not None and row["counted"] and purpose is not None:
                sql.execute(add, {"day": day.isoformat(), "purpose": purpose})
            return row is not None

        return await self._database.run(work)

    async def counts(self, first: date, last: date) -> Mapping[date, Mapping[str, int]]:
        """See PurposeStore."""
        find = "SELECT * FROM purposes WHERE day_on BETWEEN :first AND :last ORDER BY day_on, count DESC, purpose"
        values = {"first": first.isoformat(), "last": last.isoformat()}
        found: dict[date, dict[str, int]] = {}
        for row in await self._database.read(lambda sql: sql.execute(find, values).fetchall()):
            found.setdefault(date.fromisoformat(row["day_on"]), {})[row["purpose"]] = row["count"]
        return found


def forget_notices(sql: sqlite3.Connection, before_s: int) -> None:
    """Delete notices past their term, with all their wordings: when the last of these is."""
    gone = "SELECT number FROM notices GROUP BY number HAVING max(until_at) < :before"
    sql.execute(f"DELETE FROM notices WHERE number IN ({gone})", {"before": before_s})


def _notice(row: sqlite3.Row) -> Notice:
    texts = json.loads(row["texts"])
    return Notice(
        row["number"],
        NoticeKind(row["kind"]),
        from_epoch_s(row["from_at"]),
        from_epoch_s(row["until_at"]),
        from_epoch_s(row["happens_at"]) if row["happens_at"] is not None else None,
        row["place"],
        {tag: Wording(said["title"], said["text"]) for tag, said in texts.items()},
        row["author"],
        from_epoch_s(row["written_at"]),
        from_epoch_s(row["ended_at"]) if row["ended_at"] is not None else None,
        row["ended_by"],
    )
