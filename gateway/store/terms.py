"""The texts patrons accepted, with how often (port: gateway.ports_settings.TermsTexts)."""

from collections.abc import Sequence

from gateway.ports_settings import AcceptedText
from gateway.store.db import Database
from gateway.units import from_epoch_s

_FIND = """
SELECT t.version, t.language, t.body, t.first_used_at, max(c.accepted_at) AS last_at, count(c.session_id) AS consents
FROM terms t LEFT JOIN consents c ON c.terms_version = t.version
GROUP BY t.version ORDER BY t.first_used_at DESC, t.language
"""


class SqliteTerms:
    """The TermsTexts port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def versions(self) -> Sequence[AcceptedText]:
        """See TermsTexts."""
        rows = await self._database.read(lambda sql: sql.execute(_FIND).fetchall())
        return [
            AcceptedText(
                row["version"],
                row["language"],
                row["body"],
                from_epoch_s(row["first_used_at"]),
                from_epoch_s(row["last_at"]) if row["last_at"] is not None else None,
                row["consents"],
            )
            for row in rows
        ]
