"""Clients, sessions and consents. A login is one transaction: client, session and consent stand together or not."""

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.login import Method, Refused
from gateway.access.quota import Used, within
from gateway.access.session import Cause, Limits, Rates, Session, SessionId, State
from gateway.access.timeline import Moment, Step
from gateway.accounting.counters import Epoch, Reading
from gateway.ports import Booked, NewSession, Terms
from gateway.ports_vouchers import Now
from gateway.store.accounted import add_accounted
from gateway.store.db import Database
from gateway.store.vouchers import take
from gateway.units import epoch_s, from_epoch_s

_ATTEMPT_S = 30 * 60
_SEEN_ENOUGH_S = 600

SELECT = "SELECT s.*, c.mac FROM sessions AS s JOIN clients AS c ON c.id = s.client_id"
_LIVE_OF = f"{SELECT} WHERE c.mac = :mac AND s.state <> 'closed'"
# by the index of the live ones: left to itself SQLite walks all sessions of the last months in the order asked for
_LIVE = """
SELECT s.*, c.mac FROM sessions AS s INDEXED BY one_live_session_a_client JOIN clients AS c ON c.id = s.client_id
WHERE s.state <> 'closed' ORDER BY s.id
"""

# a session over midnight counts with today's part of the ledger; a clock set back gives no negative time
_USED = """
SELECT person, CASE WHEN person IS NULL THEN coalesce(counted_as, client_id) END AS client_id,
       sum(max(0, min(coalesce(stopped_at, :now), :now) - max(opened_at, :begin))) AS seconds,
       sum(CASE WHEN opened_at >= :begin THEN total_up_bytes + total_down_bytes
           ELSE (SELECT coalesce(sum(u.up_bytes + u.down_bytes), 0) FROM usage AS u
                 WHERE u.at > :begin AND u.session_id = sessions.id) END) AS total_bytes
FROM sessions WHERE stopped_at IS NULL OR stopped_at > :begin
GROUP BY 1, 2
"""

_MOMENTS = """
SELECT s.opened_at, s.method AS opened, s.stopped_at AS closed_at, s.cause AS closed, '' AS traffic,
       (SELECT min(u.at) FROM usage AS u
        WHERE u.at >= s.opened_at AND u.session_id = s.id AND u.up_bytes + u.down_bytes > 0) AS traffic_at
FROM sessions AS s JOIN clients AS c ON c.id = s.client_id
WHERE c.mac = :mac AND (s.stopped_at IS NULL OR s.stopped_at > :since)
"""

_LIMIT = """
UPDATE sessions SET session_s = :session_s, limit_bytes = :total_bytes
WHERE id = :id AND state = 'open' AND session_s = :was_s AND limit_bytes IS :was_bytes
"""


class SqliteSessions:
    """The SessionStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[int, tuple[tuple[object, ...], Booked]] = {}

    async def open_session(self, new: NewSession, at: datetime, boot_s: float, boot_id: str) -> tuple[Session, bool]:
        """See SessionStore."""
        return await self._database.run(lambda sql: open_in(sql, new, epoch_s(at), boot_s, boot_id))

    async def redeem(
        self, new: NewSession, at: datetime, boot_s: float, boot_id: str
    ) -> tuple[Session, bool] | Refused:
        """See SessionStore."""
        return await self._database.run(lambda sql: _redeem(sql, new, Now(at, boot_s, boot_id)))

    async def live_session(self, mac: Mac) -> Booked | None:
        """See SessionStore."""
        rows = await self._database.glance(_LIVE_OF, {"mac": mac})
        return booked_of(rows[0]) if rows else None

    async def live_sessions(self) -> Sequence[Booked]:
        """See SessionStore."""
        rows = await self._database.read(lambda sql: sql.execute(_LIVE).fetchall())
        self._read = {number: self._booked(number, row) for row in rows if (number := row["id"])}
        return [booked for _, booked in self._read.values()]

    def _booked(self, number: int, row: sqlite3.Row) -> tuple[tuple[object, ...], Booked]:
        """What has not changed since the last look is not taken apart again: 1,000 rows in 2 ms instead of 20."""
        values = tuple(row)  # rows as such are compared with the names of all their columns: 8 ms
        known = self._read.get(number)
        return known if known and known[0] == values else (values, booked_of(row))

    async def save(self, session: Session, was: State) -> bool:
        """See SessionStore."""
        return await self._database.run(lambda sql: _save(sql, session, was))

    async def limit(self, session: Session, limits: Limits) -> bool:
        """See SessionStore."""
        held = session.limits
        values = {
            "id": session.id,
            "session_s": limits.session_s,
            "total_bytes": limits.total_bytes,
            "was_s": held.session_s,
            "was_bytes": held.total_bytes,
        }
        return await self._database.run(lambda sql: sql.execute(_LIMIT, values).rowcount == 1)

    async def client_of(self, mac: Mac) -> ClientId | None:
        """See SessionStore."""
        find = """
        SELECT coalesce(s.same_as, c.id) AS id FROM clients AS c LEFT JOIN same_clients AS s ON s.client_id = c.id
        WHERE c.mac = :mac
        """
        rows = await self._database.glance(find, {"mac": mac})
        return ClientId(rows[0]["id"]) if rows else None

    async def used_since(self, begin: datetime, now: datetime) -> Mapping[str | ClientId, Used]:
        """See SessionStore."""
        span = {"begin": epoch_s(begin), "now": epoch_s(now)}
        rows = await self._database.read(lambda sql: sql.execute(_USED, span).fetchall())
        return {row["person"] or ClientId(row["client_id"]): Used(row["seconds"], row["total_bytes"]) for row in rows}

    async def moments_of(self, mac: Mac, since: datetime) -> Sequence[Moment]:
        """See SessionStore."""
        values = {"mac": mac, "since": epoch_s(since)}
        rows = await self._database.read(lambda sql: sql.execute(_MOMENTS, values).fetchall())
        told = ((row[f"{step}_at"], step, row[step]) for row in rows for step in ("opened", "traffic", "closed"))
        return [Moment(from_epoch_s(at), Step(step), detail) for at, step, detail in told if at is not None]

    async def splash_seen(self, mac: Mac, at: datetime) -> None:
        """See SessionStore."""
        await self._database.note(
            lambda sql: _attempt(sql, client_number(sql, mac, epoch_s(at)), epoch_s(at), admitted=False)
        )

    async def refusal_shown(self, mac: Mac, key: str, at: datetime) -> None:
        """See SessionStore."""

        def work(sql: sqlite3.Connection) -> None:
            _attempt(sql, client_number(sql, mac, epoch_s(at)), epoch_s(at), admitted=False, refused=key)

        await self._database.run(work)


def _redeem(sql: sqlite3.Connection, new: NewSession, now: Now) -> tuple[Session, bool] | Refused:
    assert new.redemption is not None
    if row := sql.execute(_LIVE_OF, {"mac": new.mac}).fetchone():
        return booked_of(row).session, False
    left = take(sql, new.redemption, now)
    if isinstance(left, Refused):
        return left
    limits = within(new.limits, left.seconds, left.total_bytes)
    return open_in(sql, replace(new, limits=limits), epoch_s(now.at), now.boot_s, now.boot_id)


def open_in(sql: sqlite3.Connection, new: NewSession, at_s: int, boot_s: float, boot_id: str) -> tuple[Session, bool]:
    """`open_session`, within a transaction."""
    if row := sql.execute(_LIVE_OF, {"mac": new.mac}).fetchone():
        return booked_of(row).session, False
    client = client_number(sql, new.mac, at_s)
    number = sql.execute(
        """
        INSERT INTO sessions (client_id, kind, person, method, profile, counted, session_s, idle_s, limit_bytes,
                              up_kbit_s, down_kbit_s, voucher_id, opened_at, boot_id, opened_boot_s, active_boot_s,
                              state, counted_as, pc)
        VALUES (:client, :kind, :person, :method, :profile, :counted, :session_s, :idle_s, :limit_bytes,
                :up_kbit_s, :down_kbit_s, :voucher, :at, :boot_id, :boot_s, :boot_s, 'open',
                (SELECT same_as FROM same_clients WHERE client_id = :client),
                (SELECT NULLIF(name, '') FROM devices WHERE mac = :mac AND standing = 'kiosk' AND :kind = 'kiosk'))
        """,
        {
            "client": client,
            "mac": new.mac,
            "kind": new.kind,
            "person": new.person,
            "method": new.method,
            "profile": new.profile,
            "counted": int(new.counted),
            "session_s": new.limits.session_s,
            "idle_s": new.limits.idle_s,
            "limit_bytes": new.limits.total_bytes,
            "up_kbit_s": new.limits.rates.up_kbit_s,
            "down_kbit_s": new.limits.rates.down_kbit_s,
            "voucher": new.redemption.voucher if new.redemption else None,
            "at": at_s,
            "boot_id": boot_id,
            "boot_s": boot_s,
        },
    ).lastrowid
    if new.terms:
        keep_terms(sql, new.terms, at_s)
        consent = {"id": number, "version": new.terms.version, "at": at_s}
        sql.execute("INSERT INTO consents VALUES (:id, :version, :at)", consent)
    if new.accounted:
        add_accounted(sql, SessionId(number or 0), new.accounted)
    if new.method is not Method.EXEMPT:  # equipment makes no attempt: nobody showed it a page
        _attempt(sql, client, at_s, admitted=True)
    return booked_of(sql.execute(_LIVE_OF, {"mac": new.mac}).fetchone()).session, True


def keep_terms(sql: sqlite3.Connection, terms: Terms, at_s: int) -> None:
    """The text that was accepted, once a version."""
    values = {"version": terms.version, "language": terms.language, "body": terms.text, "at": at_s}
    sql.execute("INSERT INTO terms VALUES (:version, :language, :body, :at) ON CONFLICT DO NOTHING", values)


def client_number(sql: sqlite3.Connection, mac: Mac, at_s: int) -> ClientId:
    """The number of a device, made at its first coming."""
    known = sql.execute("SELECT id, last_seen_at FROM clients WHERE mac = :mac", {"mac": mac}).fetchone()
    if known is None:
        number = secrets.randbits(53)
        values = {"id": number, "mac": mac, "at": at_s}
        sql.execute("INSERT INTO clients (id, mac, last_seen_at) VALUES (:id, :mac, :at)", values)
        return ClientId(number)
    if at_s - known["last_seen_at"] > _SEEN_ENOUGH_S:  # a term of days needs no write a page view
        sql.execute("UPDATE clients SET last_seen_at = :at WHERE id = :id", {"at": at_s, "id": known["id"]})
    return ClientId(known["id"])


_ADD_ATTEMPT = """
INSERT INTO attempts (opened_at, client_id, admitted, refused) VALUES (:at, :client, :admitted, :refused)
ON CONFLICT DO NOTHING
"""


def _attempt(sql: sqlite3.Connection, client: ClientId, at_s: int, *, admitted: bool, refused: str = "") -> None:
    """What a page told: the running attempt keeps the last refusal or admission (counting 2.7, 4)."""
    told = {"admitted": int(admitted), "refused": refused or None}
    values = {"client": client, "at": at_s, "since": at_s - _ATTEMPT_S, **told}
    running = "client_id = :client AND opened_at > :since AND opened_at <= :at"
    found = sql.execute(f"SELECT admitted, refused FROM attempts WHERE {running}", values).fetchone()
    if found is None:
        sql.execute(_ADD_ATTEMPT, values)
    elif (admitted or refused) and (found["admitted"], found["refused"]) != (int(admitted), refused or None):
        sets = "admitted = max(admitted, :admitted), refused = :refused"
        sql.execute(f"UPDATE attempts SET {sets} WHERE {running}", values)


def _save(sql: sqlite3.Connection, session: Session, was: State) -> bool:
    saved = sql.execute(
        """
        UPDATE sessions SET state = :state, cause = :cause, stopped_at = :stopped_at
        WHERE id = :id AND state = :was
        """,
        {
            "id": session.id,
            "state": session.state,
            "cause": session.cause,
            "stopped_at": epoch_s(session.stopped_at) if session.stopped_at else None,
            "was": was,
        },
    )
    # the MAC's term of deletion runs from the last time the device was seen
    if session.stopped_at:
        seen = "UPDATE clients SET last_seen_at = max(last_seen_at, :at) WHERE id = :client"
        sql.execute(seen, {"at": epoch_s(session.stopped_at), "client": session.client})
    return saved.rowcount == 1


def booked_of(row: sqlite3.Row) -> Booked:
    """A row of SELECT."""
    epoch = Epoch(row["epoch"])
    session = Session(
        id=SessionId(row["id"]),
        client=ClientId(row["client_id"]),
        mac=Mac(row["mac"]),
        kind=AccessKind(row["kind"]),
        method=row["method"],
        profile=row["profile"],
        opened_at=from_epoch_s(row["opened_at"]),
        opened_boot_s=row["opened_boot_s"],
        active_boot_s=row["active_boot_s"],
        limits=Limits(row["session_s"], row["idle_s"], row["limit_bytes"], Rates(row["up_kbit_s"], row["down_kbit_s"])),
        state=State(row["state"]),
        cause=Cause(row["cause"]) if row["cause"] else None,
        stopped_at=from_epoch_s(row["stopped_at"]) if row["stopped_at"] is not None else None,
        person=row["person"],
    )
    return Booked(
        session=session,
        boot_id=row["boot_id"],
        base=Reading(session.id, epoch, row["read_boot_s"], row["base_up_bytes"], row["base_down_bytes"]),
        total_up_bytes=row["total_up_bytes"],
        total_down_bytes=row["total_down_bytes"],
    )
