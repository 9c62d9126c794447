"""Sessions that go on on another MAC: the next one is stored with what the one before had left, once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.access.client import ClientId
from gateway.access.login import Method
from gateway.access.session import Session, SessionId
from gateway.ports import NewSession, Terms
from gateway.ports_devices import Entitlement
from gateway.store.accounted import accounted_of, add_accounted
from gateway.store.db import Database
from gateway.store.sessions import SELECT, booked_of, open_in
from gateway.units import epoch_s, from_epoch_s

_CONTINUED = "EXISTS (SELECT 1 FROM sessions AS n WHERE n.resumed_from = s.id)"
_FIND = f"""
SELECT s.*, coalesce(c.mac, '') AS mac, n.accepted_at, t.version, t.language, t.body, {_CONTINUED} AS continued
FROM sessions AS s JOIN clients AS c ON c.id = s.client_id
LEFT JOIN consents AS n ON n.session_id = s.id LEFT JOIN terms AS t ON t.version = n.terms_version
WHERE s.id = :id
"""


class SqliteResumes:
    """The ResumeStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entitlement(self, number: SessionId) -> Entitlement | None:
        """See ResumeStore."""
        row = await self._database.read(lambda sql: sql.execute(_FIND, {"id": number}).fetchone())
        if row is None:
            return None
        return Entitlement(
            booked_of(row),
            ClientId(row["counted_as"] or row["client_id"]),
            Terms(row["version"], row["language"], row["body"]) if row["version"] else None,
            from_epoch_s(row["accepted_at"]) if row["accepted_at"] is not None else None,
            bool(row["counted"]),
            bool(row["continued"]),
        )

    async def reopen(
        self, of: Entitlement, new: NewSession, at: datetime, boot_s: float, boot_id: str
    ) -> Session | None:
        """See ResumeStore."""
        return await self._database.run(lambda sql: _reopen(sql, of, new, epoch_s(at), boot_s, boot_id))

    async def ended(self, since: datetime) -> Sequence[Session]:
        """See ResumeStore."""
        find = f"{SELECT} WHERE s.state = 'closed' AND s.stopped_at >= :since AND NOT {_CONTINUED} ORDER BY s.id DESC"
        values = {"since": epoch_s(since)}
        rows = await self._database.read(lambda sql: sql.execute(find, values).fetchall())
        return [booked_of(row).session for row in rows if row["mac"]]

    async def superseded(self) -> Sequence[Session]:
        """See ResumeStore."""
        find = f"{SELECT} WHERE s.state <> 'closed' AND {_CONTINUED} ORDER BY s.id"
        rows = await self._database.read(lambda sql: sql.execute(find).fetchall())
        return [booked_of(row).session for row in rows]


def _reopen(
    sql: sqlite3.Connection, of: Entitlement, new: NewSession, at_s: int, boot_s: float, boot_id: str
) -> Session | None:
    before = of.booked.session
    stands = "SELECT state, cause FROM sessions WHERE id = :id"
    row = sql.execute(stands, {"id": before.id}).fetchone()
    if (row["state"], row["cause"]) != (before.state, before.cause):
        return None  # it ended meanwhile
    if sql.execute("SELECT 1 FROM sessions WHERE resumed_from = :id", {"id": before.id}).fetchone():
        return None
    told = accounted_of(sql, before.id)
    if new.method is Method.RADIUS and told is None:
        return None  # its server was told the end: what comes after it is a login's to allow
    was_here = "SELECT 1 FROM sessions AS s JOIN clients AS c ON c.id = s.client_id WHERE c.mac = :mac"
    is_new = sql.execute(was_here, {"mac": new.mac}).fetchone() is None
    session, opened = open_in(sql, new, at_s, boot_s, boot_id)
    if not opened:
        return None
    if told is not None:  # the server hears of a session of its own, of the same user and class
        name = f"{told.session_id.partition('.')[0]}.{session.id}"
        add_accounted(sql, session.id, replace(told, session_id=name))
    values: dict[str, int] = {"id": session.id, "before": before.id, "client": of.client, "own": session.client}
    sql.execute("UPDATE sessions SET resumed_from = :before, counted_as = :client WHERE id = :id", values)
    if of.accepted_at:  # nobody was asked again: the consent is that of the session before
        values["at"] = epoch_s(of.accepted_at)
        sql.execute("UPDATE consents SET accepted_at = :at WHERE session_id = :id", values)
    if is_new and of.client != session.client:  # a device that was here before is another one: only the session goes on
        sql.execute("INSERT INTO same_clients VALUES (:own, :client) ON CONFLICT DO NOTHING", values)
    return session
