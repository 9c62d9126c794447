"""The library's own lists as they were typed."""

from gateway.store.db import Database


class SqliteRuleTexts:
    """The RuleTextStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def text(self, action: str, profile: str) -> str:
        """See RuleTextStore."""
        asked = {"action": action, "profile": profile}
        row = await self._database.read(
            lambda sql: sql.execute(
                "SELECT text FROM rule_texts WHERE action = :action AND profile = :profile", asked
            ).fetchone()
        )
        return "" if row is None else str(row["text"])

    async def put(self, action: str, profile: str, text: str) -> None:
        """See RuleTextStore."""
        put = "INSERT OR REPLACE INTO rule_texts VALUES (:action, :profile, :text)"
        values = {"action": action, "profile": profile, "text": text}
        await self._database.run(lambda sql: sql.execute(put, values))
