"""Local filter rules with author, reason and time: the table is the audit trail, the newest row of a name stands."""

from collections.abc import Sequence

from gateway.ports import LocalRule
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteRules:
    """The RuleStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_rule(self, rule: LocalRule) -> None:
        """See RuleStore."""
        add = """
        INSERT INTO rules (name, action, author, reason, set_at) VALUES (:name, :action, :author, :reason, :at)
        """
        values = {
            "name": rule.name,
            "action": rule.action,
            "author": rule.author,
            "reason": rule.reason,
            "at": epoch_s(rule.set_at),
        }
        await self._database.run(lambda sql: sql.execute(add, values))

    async def standing_rules(self) -> Sequence[LocalRule]:
        """See RuleStore."""
        newest = """
        SELECT name, action, author, reason, set_at FROM rules
        WHERE id IN (SELECT max(id) FROM rules GROUP BY name) AND action <> 'none' ORDER BY name
        """
        rows = await self._database.read(lambda sql: sql.execute(newest).fetchall())
        return [
            LocalRule(row["name"], row["action"], row["author"], row["reason"], from_epoch_s(row["set_at"]))
            for row in rows
        ]
