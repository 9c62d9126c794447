"""The audit trail: rows are added, never changed."""

import sqlite3
from collections.abc import Sequence

from gateway.ports_staff import CameOf, Deed, Trailed, TrailQuery
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


def add_deed(sql: sqlite3.Connection, deed: Deed) -> int:
    """What somebody is about to do; its number."""
    add = """
    INSERT INTO audit (at, who, role, via, address, act, asked)
    VALUES (:at, :who, :role, :via, :address, :act, :asked) RETURNING id
    """
    values = {
        "at": epoch_s(deed.at),
        "who": deed.who,
        "role": deed.role,
        "via": deed.via,
        "address": deed.address,
        "act": deed.act,
        "asked": deed.asked,
    }
    return int(sql.execute(add, values).fetchone()["id"])


def add_outcome(
    sql: sqlite3.Connection, number: int, came_of: CameOf, subject: str, before: str, after: str, says: str
) -> None:
    """What came of it. `before`, `after`: JSON."""
    add = """
    INSERT INTO audit_outcomes (audit_id, came_of, subject, before, after, says)
    VALUES (:number, :came_of, :subject, :before, :after, :says)
    """
    values = {
        "number": number,
        "came_of": came_of,
        "subject": subject,
        "before": before,
        "after": after,
        "says": says,
    }
    sql.execute(add, values)


class SqliteTrail:
    """The Trail port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, deed: Deed) -> int:
        """See Trail."""
        return await self._database.run(lambda sql: add_deed(sql, deed))

    async def end(self, number: int, came_of: CameOf, subject: str, before: str, after: str, says: str) -> None:
        """See Trail."""
        await self._database.run(lambda sql: add_outcome(sql, number, came_of, subject, before, after, says))

    async def rows(self, query: TrailQuery) -> Sequence[Trailed]:
        """See Trail."""
        find = """
        SELECT a.*, ifnull(o.came_of, 'unknown') AS came_of, ifnull(o.subject, '') AS subject,
               ifnull(o.before, '{}') AS before, ifnull(o.after, '{}') AS after, ifnull(o.says, '') AS says
        FROM audit a LEFT JOIN audit_outcomes o ON o.audit_id = a.id
        WHERE (:who = '' OR a.who = :who) AND (:act = '' OR a.act = :act OR a.act LIKE :act || '.%')
          AND (:since IS NULL OR a.at >= :since) AND (:until IS NULL OR a.at < :until)
          AND (:before_id IS NULL OR a.id < :before_id)
        ORDER BY a.id DESC LIMIT :most
        """
        values = {
            "who": query.who,
            "act": query.act,
            "since": epoch_s(query.since) if query.since else None,
            "until": epoch_s(query.until) if query.until else None,
            "before_id": query.before_id,
            "most": query.most,
        }
        rows = await self._database.read(lambda sql: sql.execute(find, values).fetchall())
        return [
            Trailed(
                row["id"],
                Deed(
                    from_epoch_s(row["at"]),
                    row["who"],
                    row["role"],
                    row["via"],
                    row["address"],
                    row["act"],
                    row["asked"],
                ),
                row["came_of"],
                row["subject"],
                row["before"],
                row["after"],
                row["says"],
            )
            for row in rows
        ]
