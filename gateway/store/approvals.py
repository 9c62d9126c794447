"""Requests to the staff to be let in, with the terms that were accepted and who answered."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.access.approval import TERM, Answer, Approval, ApprovalId
from gateway.access.client import Mac
from gateway.ports import Terms
from gateway.store.db import Database
from gateway.store.sessions import client_number, keep_terms
from gateway.units import epoch_s, from_epoch_s

# an answer is used by the first session after it; its number tells, for clocks jump
_FIND = """
SELECT a.*, c.mac, t.language, t.body,
       EXISTS (SELECT 1 FROM sessions AS s WHERE s.client_id = a.client_id AND s.method = 'approval'
               AND s.id > a.after_session) AS used
FROM approvals AS a LEFT JOIN clients AS c ON c.id = a.client_id JOIN terms AS t ON t.version = a.terms_version
WHERE {which} ORDER BY a.id DESC
"""


class SqliteApprovals:
    """The ApprovalStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, mac: Mac, code: str, terms: Terms, now: datetime) -> Approval | None:
        """See ApprovalStore."""
        return await self._database.run(lambda sql: _ask(sql, mac, code, terms, epoch_s(now)))

    async def asked_since(self, since: datetime) -> Sequence[Approval]:
        """See ApprovalStore."""
        find, values = _FIND.format(which="a.asked_at >= :since"), {"since": epoch_s(since)}
        rows = await self._database.read(lambda sql: sql.execute(find, values).fetchall())
        return [_approval(row) for row in rows]

    async def latest(self, mac: Mac) -> tuple[Approval, Terms] | None:
        """See ApprovalStore."""
        find = _FIND.format(which="c.mac = :mac")
        row = await self._database.read(lambda sql: sql.execute(find, {"mac": mac}).fetchone())
        return (_approval(row), _terms(row)) if row else None

    async def answer(self, approval: Approval, now: datetime) -> bool:
        """See ApprovalStore."""
        change = """
        UPDATE approvals SET state = :state, answered_at = :at, answered_by = :by, session_s = :session_s,
               profile = :profile,
               after_session = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sessions'), 0)
        WHERE id = :id AND state = 'open'
        """
        values = {
            "id": approval.id,
            "state": approval.answer,
            "at": epoch_s(now),
            "by": approval.answered_by,
            "session_s": approval.session_s,
            "profile": approval.profile,
        }
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1

    async def approved(self) -> Sequence[tuple[Approval, Terms]]:
        """See ApprovalStore."""
        approved = _FIND.format(which="a.state = 'approved' AND c.mac IS NOT NULL")
        find = f"SELECT * FROM ({approved}) WHERE NOT used"
        rows = await self._database.read(lambda sql: sql.execute(find).fetchall())
        return [(_approval(row), _terms(row)) for row in rows]


def _ask(sql: sqlite3.Connection, mac: Mac, code: str, terms: Terms, at_s: int) -> Approval | None:
    term = {"since": at_s - int(TERM.total_seconds()), "ahead": at_s + int(TERM.total_seconds())}
    old = "UPDATE approvals SET state = 'expired' WHERE state = 'open' AND (asked_at <= :since OR asked_at >= :ahead)"
    sql.execute(old, term)
    client = client_number(sql, mac, at_s)
    mine = _FIND.format(which="a.client_id = :client AND a.state = 'open'")
    if row := sql.execute(mine, {"client": client}).fetchone():
        return _approval(row)
    keep_terms(sql, terms, at_s)
    values = {"code": code, "client": client, "version": terms.version, "at": at_s}
    added = sql.execute(
        """INSERT INTO approvals (code, client_id, terms_version, asked_at)
           VALUES (:code, :client, :version, :at) ON CONFLICT DO NOTHING""",
        values,
    )
    return _approval(sql.execute(mine, {"client": client}).fetchone()) if added.rowcount else None


def _approval(row: sqlite3.Row) -> Approval:
    return Approval(
        id=ApprovalId(row["id"]),
        code=row["code"],
        mac=Mac(row["mac"]) if row["mac"] else None,
        asked_at=from_epoch_s(row["asked_at"]),
        answer=Answer.OPEN if row["state"] == "expired" else Answer(row["state"]),
        answered_at=from_epoch_s(row["answered_at"]) if row["answered_at"] is not None else None,
        answered_by=row["answered_by"],
        session_s=row["session_s"],
        profile=row["profile"],
        used=bool(row["used"]),
    )


def _terms(row: sqlite3.Row) -> Terms:
    return Terms(row["terms_version"], row["language"], row["body"])
