"""Local filter rules with author, reason and time: the table is the audit trail, nothing in it is changed."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.ports_rules import LocalRule
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteRules:
    """The RuleStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_rules(self, rules: Sequence[LocalRule]) -> None:
        """See RuleStore."""
        add = """
        INSERT INTO rules (name, action, author, reason, set_at, profile, until_at)
        VALUES (:name, :action, :author, :reason, :at, :profile, :until)
        """
        values = [
            {
                "name": rule.name,
                "action": rule.action,
                "author": rule.author,
                "reason": rule.reason,
                "at": epoch_s(rule.set_at),
                "profile": rule.profile,
                "until": None if rule.until_at is None else epoch_s(rule.until_at),
            }
            for rule in rules
        ]
        await self._database.run(lambda sql: sql.executemany(add, values))

    async def standing_rules(self, now: datetime) -> Sequence[LocalRule]:
        """See RuleStore."""
        in_force = """
        WITH standing AS (SELECT max(id) AS id, name, profile FROM rules WHERE until_at IS NULL GROUP BY name, profile),
        passing AS (
          SELECT max(r.id) AS id FROM rules r
          LEFT JOIN standing s ON s.name = r.name AND s.profile IS r.profile
          WHERE r.until_at > :now AND r.id > coalesce(s.id, 0) GROUP BY r.name, r.profile
        )
        SELECT * FROM rules WHERE id IN (SELECT id FROM standing UNION ALL SELECT id FROM passing) AND action <> 'none'
        ORDER BY name, id
        """
        rows = await self._database.read(lambda sql: sql.execute(in_force, {"now": epoch_s(now)}).fetchall())
        return [_rule(row) for row in rows]

    async def history(self, limit: int) -> Sequence[LocalRule]:
        """See RuleStore."""
        newest = "SELECT * FROM rules ORDER BY id DESC LIMIT :limit"
        rows = await self._database.read(lambda sql: sql.execute(newest, {"limit": limit}).fetchall())
        return [_rule(row) for row in rows]


def _rule(row: sqlite3.Row) -> LocalRule:
    return LocalRule(
        row["name"],
        row["action"],
        row["author"],
        row["reason"],
        from_epoch_s(row["set_at"]),
        row["profile"],
        None if row["until_at"] is None else from_epoch_s(row["until_at"]),
    )
