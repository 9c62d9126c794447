"""Requests to unblock a name, as the page of refused names takes them: no client, no person."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.ports_rules import UnblockRequest
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

MOST_OPEN = 500
"""More than any desk answers; a flood must not fill the disk."""


class SqliteRequests:
    """The RequestStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, name: str, profile: str, category: str, code: str, at: datetime) -> str | None:
        """See RequestStore."""
        values: dict[str, str | int] = {
            "name": name,
            "profile": profile,
            "category": category,
            "code": code,
            "at": epoch_s(at),
        }
        return await self._database.run(lambda sql: _ask(sql, values))

    async def requests(self, *, all_states: bool = False) -> Sequence[UnblockRequest]:
        """See RequestStore."""
        wanted = "SELECT * FROM unblock_requests WHERE :all OR state = 'open' ORDER BY last_asked_at DESC, code"
        rows = await self._database.read(lambda sql: sql.execute(wanted, {"all": all_states}).fetchall())
        return [_request(row) for row in rows]

    async def request(self, code: str) -> UnblockRequest | None:
        """See RequestStore."""
        row = await self._database.read(lambda sql: _row_of(sql, code))
        return None if row is None else _request(row)

    async def answer(self, code: str, state: str, by: str, at: datetime) -> bool:
        """See RequestStore."""
        change = """
        UPDATE unblock_requests SET state = :state, answered_by = :by, answered_at = :at
        WHERE code = :code AND state = 'open'
        """
        values = {"code": code, "state": state, "by": by, "at": epoch_s(at)}
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1


def _ask(sql: sqlite3.Connection, values: dict[str, str | int]) -> str | None:
    row = sql.execute(
        """UPDATE unblock_requests SET count = count + 1, last_asked_at = :at, category = :category
           WHERE name = :name AND profile = :profile AND state = 'open' RETURNING code""",
        values,
    ).fetchone()
    if row is not None:
        return str(row["code"])
    if sql.execute("SELECT count(*) FROM unblock_requests WHERE state = 'open'").fetchone()[0] >= MOST_OPEN:
        return None
    added = sql.execute(
        """INSERT INTO unblock_requests (code, name, profile, category, asked_at, last_asked_at)
           VALUES (:code, :name, :profile, :category, :at, :at) ON CONFLICT (code) DO NOTHING""",
        values,
    )
    return str(values["code"]) if added.rowcount else None


def _row_of(sql: sqlite3.Connection, code: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = sql.execute(
        "SELECT * FROM unblock_requests WHERE code = :code", {"code": code}
    ).fetchone()
    return found


def _request(row: sqlite3.Row) -> UnblockRequest:
    return UnblockRequest(
        row["code"],
        row["name"],
        row["profile"],
        row["category"],
        row["count"],
        from_epoch_s(row["asked_at"]),
        from_epoch_s(row["last_asked_at"]),
        row["state"],
        row["answered_by"],
    )
