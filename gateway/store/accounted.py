"""Sessions an account server is told of, over the database."""

import json
import sqlite3
from collections.abc import Sequence

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.login import Accounted
from gateway.access.session import Cause, Limits, Session, SessionId, State
from gateway.accounting.records import Moment, Record, RecordKind, Standing
from gateway.store.db import Database
from gateway.units import from_epoch_s

_ON = "radius_on_boot"


class SqliteAccounted:
    """The AccountedStore port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_tell(self, moment: Moment, most: int) -> Sequence[Standing]:
        """See AccountedStore."""
        values = {"boot_id": moment.boot_id, "boot_s": moment.boot_s, "most": most}
        return await self._database.read(lambda sql: [_standing(row) for row in sql.execute(_TO_TELL, values)])

    async def open_ones(self) -> Sequence[Standing]:
        """See AccountedStore."""
        return await self._database.read(lambda sql: [_standing(row) for row in sql.execute(_OPEN)])

    async def limit(self, session: SessionId, limits: Limits) -> bool:
        """See AccountedStore."""
        values = {
            "id": session,
            "session_s": limits.session_s,
            "idle_s": limits.idle_s,
            "total_bytes": limits.total_bytes,
            "up": limits.rates.up_kbit_s,
            "down": limits.rates.down_kbit_s,
        }
        return bool(await self._database.run(lambda sql: sql.execute(_LIMIT, values).rowcount))

    async def told(self, record: Record, boot_s: float) -> None:
        """See AccountedStore."""
        values = {"id": record.standing.session.id, "boot_s": boot_s}
        change = _TOLD_STOP if record.kind is RecordKind.STOP else _TOLD
        await self._database.run(lambda sql: sql.execute(change, values))

    async def on_told_of(self) -> str:
        """See AccountedStore."""
        find = "SELECT value FROM meta WHERE key = :key"
        row = await self._database.read(lambda sql: sql.execute(find, {"key": _ON}).fetchone())
        return str(row["value"]) if row else ""

    async def told_on(self, boot_id: str) -> None:
        """See AccountedStore."""
        put = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        await self._database.run(lambda sql: sql.execute(put, {"key": _ON, "value": boot_id}))

    async def give_up(self, most: int) -> int:
        """See AccountedStore."""
        return await self._database.run(lambda sql: sql.execute(_GIVE_UP, {"most": most}).rowcount)


def add_accounted(sql: sqlite3.Connection, session: SessionId, accounted: Accounted) -> None:
    """Note whom a new session is told to; in the transaction that opens it."""
    values = {
        "id": session,
        "user_name": accounted.user_name,
        "acct_session_id": accounted.session_id,
        "classes": json.dumps([each.hex() for each in accounted.classes]),
        "interim_s": accounted.interim_s,
    }
    sql.execute(_ADD, values)


def accounted_of(sql: sqlite3.Connection, session: SessionId) -> Accounted | None:
    """Whom a session is told to; None when nobody is, or its end has been told."""
    find = "SELECT * FROM radius_sessions WHERE session_id = :id"
    row = sql.execute(find, {"id": session}).fetchone()
    return _accounted(row) if row else None


def forget_untold(sql: sqlite3.Connection, before_s: int) -> None:
    """Delete what was never told, with the MAC's term: without the MAC no record could be told whole any more."""
    sql.execute(_FORGET, {"before": before_s})


_ADD = """
INSERT INTO radius_sessions (session_id, user_name, acct_session_id, classes, interim_s)
VALUES (:id, :user_name, :acct_session_id, :classes, :interim_s)
"""
_ALL = """
SELECT r.*, s.*, c.mac FROM radius_sessions AS r JOIN sessions AS s ON s.id = r.session_id
JOIN clients AS c ON c.id = s.client_id WHERE c.mac IS NOT NULL
"""
_OPEN = f"{_ALL} AND s.state = 'open' ORDER BY s.id"
_TO_TELL = f"""{_ALL} AND (r.started = 0 OR s.state = 'closed'
                  OR (s.boot_id = :boot_id AND r.told_boot_s + r.interim_s <= :boot_s)) ORDER BY s.id LIMIT :most"""
_LIMIT = """
UPDATE sessions SET session_s = :session_s, idle_s = :idle_s, limit_bytes = :total_bytes, up_kbit_s = :up,
  down_kbit_s = :down WHERE id = :id AND state = 'open'
"""
_TOLD = "UPDATE radius_sessions SET started = 1, told_boot_s = :boot_s WHERE session_id = :id"
_TOLD_STOP = "DELETE FROM radius_sessions WHERE session_id = :id"
_FORGET = """
DELETE FROM radius_sessions WHERE session_id IN (
  SELECT id FROM sessions WHERE state = 'closed' AND stopped_at < :before)
"""
_GIVE_UP = """
DELETE FROM radius_sessions WHERE session_id IN (
  SELECT r.session_id FROM radius_sessions AS r JOIN sessions AS s ON s.id = r.session_id WHERE s.state = 'closed'
  ORDER BY r.session_id DESC LIMIT -1 OFFSET :most)
"""


def _standing(row: sqlite3.Row) -> Standing:
    session = Session(
        id=SessionId(row["session_id"]),
        client=ClientId(row["client_id"]),
        mac=Mac(row["mac"]),
        kind=AccessKind(row["kind"]),
        method=row["method"],
        profile=row["profile"],
        opened_at=from_epoch_s(row["opened_at"]),
        opened_boot_s=row["opened_boot_s"],
        active_boot_s=row["active_boot_s"],
        limits=Limits(row["session_s"], row["idle_s"], row["limit_bytes"]),
        state=State(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        stopped_at=from_epoch_s(row["stopped_at"]) if row["stopped_at"] is not None else None,
        person=row["person"],
    )
    totals = row["total_up_bytes"], row["total_down_bytes"]
    return Standing(session, row["boot_id"], *totals, _accounted(row), bool(row["started"]), row["told_boot_s"])


def _accounted(row: sqlite3.Row) -> Accounted:
    classes = tuple(bytes.fromhex(each) for each in json.loads(row["classes"]))
    return Accounted(row["user_name"], row["acct_session_id"], classes, row["interim_s"])
