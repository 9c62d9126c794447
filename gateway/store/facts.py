"""Evidence of a day, its closed figures, and the terms of deletion (port: gateway.ports_figures.FactStore)."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import Cause, SessionId, State
from gateway.accounting.rollup import LedgerRow, Sums
from gateway.ports_figures import Evidence, Forgotten, StoredDay, Terms
from gateway.reports.quality import Start
from gateway.store.carried import close_carried
from gateway.store.db import Database
from gateway.store.forget import ATTEMPTS_GONE, SESSIONS_GONE, forget_marked, forget_sessions
from gateway.store.local_accounts import forget_accounts
from gateway.store.recorded import forget_recorded
from gateway.store.retention import forget_figures
from gateway.store.vouchers import forget_batches
from gateway.units import epoch_s, from_epoch_s, utc_offset_s
from gateway.visits.visit import GAP, MARGIN, CountedSession

_DAY_S = 86400

_FORGET_AT_ONCE = 500
"""Sessions a transaction; the daemon waits for the lock meanwhile."""


class Facts:
    """Figures and what they are made of, over the one database."""

    def __init__(self, database: Database, forget_at_once: int = _FORGET_AT_ONCE) -> None:
        self._database = database
        self._forget_at_once = forget_at_once

    async def evidence(self, begin: datetime, end: datetime) -> Evidence:
        """See FactStore."""
        return await self._database.read(lambda connection: _evidence(connection, begin, end))

    async def unclosed_days(self, zone: timezone, before: date, starts_since: date) -> Sequence[date]:
        """See FactStore."""
        return await self._database.read(lambda connection: _unclosed(connection, zone, before, starts_since))

    async def stored_day(self, day: date, zone: timezone) -> StoredDay | None:
        """See FactStore."""
        return await self._database.read(lambda connection: _stored_day(connection, day, zone))

    async def visits_by_day(self, first: date, last: date) -> dict[date, int]:
        """See FactStore."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT day_on, visits FROM day_figures WHERE day_on BETWEEN :first AND :last ORDER BY day_on",
                {"first": first.isoformat(), "last": last.isoformat()},
            ).fetchall()
        )
        return {date.fromisoformat(row["day_on"]): row["visits"] for row in rows}

    async def last_closed(self) -> date | None:
        """See FactStore."""
        row = await self._database.read(
            lambda connection: connection.execute("SELECT MAX(day_on) AS day_on FROM day_figures").fetchone()
        )
        return None if row["day_on"] is None else date.fromisoformat(row["day_on"])

    async def store_day(self, figures: StoredDay, zone: timezone, at: datetime) -> None:
        """See FactStore."""
        await self._database.run(lambda connection: _store_day(connection, figures, zone, at))

    async def forget(self, terms: Terms) -> Forgotten:
        """See FactStore. In small transactions; broken off at any of them, the next night goes on."""
        macs, attempts = await self._database.run(lambda connection: forget_marked(connection, terms))
        await self._database.run(lambda connection: forget_recorded(connection, terms))
        sessions = 0
        at_once = self._forget_at_once
        while went := await self._database.run_without_cascades(lambda sql: forget_sessions(sql, terms, at_once)):
            sessions += went
        await self._database.run(lambda sql: forget_batches(sql, epoch_s(terms.sessions_before)))
        await self._database.run(lambda sql: forget_accounts(sql, epoch_s(terms.sessions_before)))
        await self._database.run(lambda sql: forget_figures(sql, terms.morning))
        return Forgotten(macs, attempts, sessions)


def _evidence(connection: sqlite3.Connection, begin: datetime, end: datetime) -> Evidence:
    span = {"begin": epoch_s(begin), "end": epoch_s(end), "from": epoch_s(begin - MARGIN)}
    rows = connection.execute(
        """SELECT id, coalesce(counted_as, client_id) AS client_id, kind, person,
                  counted, opened_at, stopped_at, state, cause FROM sessions
           WHERE opened_at >= :from AND opened_at < :end ORDER BY id""",
        span,
    ).fetchall()
    last_read = _last_readings(connection)
    return Evidence(
        sessions=tuple(_session(row, last_read) for row in rows),
        live=frozenset(SessionId(row["id"]) for row in rows if row["state"] != State.CLOSED),
        rebooted=frozenset(SessionId(row["id"]) for row in rows if row["cause"] == Cause.NAS_REBOOT),
        ledger=_ledger(connection, span),
        attempts=_attempts(connection, span),
        refused=_refused(connection, span),
        starts=_starts(connection, span),
        # a session that stopped less than the gap before the span can still continue into it
        sessions_kept=_gone_before(connection, SESSIONS_GONE) <= epoch_s(begin - GAP),
        attempts_kept=_gone_before(connection, ATTEMPTS_GONE) <= epoch_s(begin),
    )


def _session(row: sqlite3.Row, last_read: dict[int, int]) -> CountedSession:
    opened_at: int = row["opened_at"]
    stop = row["stopped_at"] if row["stopped_at"] is not None else last_read.get(row["id"], opened_at)
    return CountedSession(
        id=SessionId(row["id"]),
        kind=AccessKind(row["kind"]),
        device=ClientId(row["client_id"]),
        person=row["person"],
        start=from_epoch_s(opened_at),
        stop=from_epoch_s(max(opened_at, stop)),  # a reading may carry an older time when the wall clock stepped back
        staff=not row["counted"],
    )


def _last_readings(connection: sqlite3.Connection) -> dict[int, int]:
    # the ledger's key begins with the time, so one walk from the oldest live session's start serves them all
    rows = connection.execute(
        """SELECT u.session_id, MAX(u.at) AS at FROM usage u JOIN sessions s ON s.id = u.session_id
           WHERE s.stopped_at IS NULL
             AND u.at >= (SELECT MIN(opened_at) FROM sessions WHERE state <> 'closed')
           GROUP BY u.session_id"""
    )
    return {row["session_id"]: row["at"] for row in rows}


def _ledger(connection: sqlite3.Connection, span: dict[str, int]) -> tuple[LedgerRow, ...]:
    rows = connection.execute(
        """SELECT u.session_id, u.reading, u.at, u.up_bytes, u.down_bytes
           FROM usage u JOIN sessions s ON s.id = u.session_id
           WHERE u.at > :begin AND u.at <= :end AND s.counted = 1 ORDER BY u.at, u.session_id, u.reading""",
        span,
    )
    return tuple(
        LedgerRow(
            SessionId(row["session_id"]), row["reading"], from_epoch_s(row["at"]), row["up_bytes"], row["down_bytes"]
        )
        for row in rows
    )


def _attempts(connection: sqlite3.Connection, span: dict[str, int]) -> int:
    # a staff device is known as one by its entry, or by the session its attempt led to
    row = connection.execute(
        """SELECT COUNT(*) AS count FROM attempts a JOIN clients c ON c.id = a.client_id
           WHERE a.opened_at >= :begin AND a.opened_at < :end
             AND (c.staff_since IS NULL OR a.opened_at < c.staff_since)
             AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.client_id = a.client_id AND s.counted = 0
                             AND s.opened_at >= a.opened_at AND s.opened_at < a.opened_at + 1800)""",
        span,
    ).fetchone()
    return int(row["count"])


def _refused(connection: sqlite3.Connection, span: dict[str, int]) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        """SELECT category, SUM(count) AS count FROM refusals
           WHERE hour_at >= :begin AND hour_at < :end
           GROUP BY category HAVING SUM(count) > 0 ORDER BY SUM(count) DESC, category""",
        span,
    )
    return tuple((row["category"], row["count"]) for row in rows)


def _starts(connection: sqlite3.Connection, span: dict[str, int]) -> tuple[Start, ...]:
    rows = connection.execute(
        """SELECT started_at, boot_id, alive_at, stopped, lost_until FROM starts
           WHERE started_at >= COALESCE((SELECT MAX(started_at) FROM starts WHERE started_at <= :begin), :begin)
             AND started_at <= COALESCE((SELECT MIN(started_at) FROM starts WHERE started_at >= :end), :end)
           ORDER BY started_at, boot_id""",
        span,
    )
    return tuple(
        Start(
            from_epoch_s(row["started_at"]),
            row["boot_id"],
            from_epoch_s(row["alive_at"]),
            bool(row["stopped"]),
            row["lost_until"] is not None,
        )
        for row in rows
    )


def _unclosed(connection: sqlite3.Connection, zone: timezone, before: date, starts_since: date) -> list[date]:
    numbers = {"offset": utc_offset_s(zone), "day": _DAY_S}
    # a session lasts at most a day, so the days of its two ends are all its days
    rows = connection.execute(
        """SELECT DISTINCT (opened_at + :offset) / :day AS number FROM sessions
           UNION SELECT DISTINCT (stopped_at - 1 + :offset) / :day FROM sessions WHERE stopped_at > opened_at
           UNION SELECT DISTINCT (opened_at + :offset) / :day FROM attempts
           UNION SELECT DISTINCT (hour_at + :offset) / :day FROM refusals""",
        numbers,
    )
    days = {date(1970, 1, 1) + timedelta(days=row["number"]) for row in rows}
    for row in connection.execute("SELECT started_at, alive_at FROM starts"):
        first = max(starts_since, from_epoch_s(row["started_at"]).astimezone(zone).date())
        last = from_epoch_s(row["alive_at"]).astimezone(zone).date()
        days.update(_days(first, min(last, before)))
    closed = {date.fromisoformat(row["day_on"]) for row in connection.execute("SELECT day_on FROM day_figures")}
    return sorted(day for day in days - closed if day < before)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _stored_day(connection: sqlite3.Connection, day: date, zone: timezone) -> StoredDay | None:
    row = connection.execute("SELECT * FROM day_figures WHERE day_on = :day", {"day": day.isoformat()}).fetchone()
    if row is None:
        return None
    hours = connection.execute(
        "SELECT * FROM hour_figures WHERE hour_at >= :begin AND hour_at < :end ORDER BY hour_at", _span_s(day, zone)
    )
    by_hour = {from_epoch_s(hour["hour_at"]).astimezone(zone): _sums(hour) for hour in hours}
    return StoredDay(day, _sums(row), row["attempts"], row["refusals"], by_hour)


def _sums(row: sqlite3.Row) -> Sums:
    return Sums(row["visits"], row["sessions"], row["use_s"], row["up_bytes"], row["down_bytes"])


def _store_day(connection: sqlite3.Connection, figures: StoredDay, zone: timezone, at: datetime) -> None:
    connection.execute(
        "DELETE FROM hour_figures WHERE hour_at >= :begin AND hour_at < :end", _span_s(figures.day, zone)
    )
    connection.executemany(
        """INSERT INTO hour_figures (hour_at, visits, sessions, use_s, up_bytes, down_bytes)
           VALUES (:hour_at, :visits, :sessions, :use_s, :up_bytes, :down_bytes)""",
        [{"hour_at": epoch_s(hour), **_columns(sums)} for hour, sums in figures.hours.items()],
    )
    connection.execute(
        """INSERT INTO day_figures
             (day_on, visits, sessions, attempts, use_s, up_bytes, down_bytes, refusals, closed_at)
           VALUES (:day_on, :visits, :sessions, :attempts, :use_s, :up_bytes, :down_bytes, :refusals, :closed_at)
           ON CONFLICT (day_on) DO UPDATE SET
             visits = excluded.visits, sessions = excluded.sessions, attempts = excluded.attempts,
             use_s = excluded.use_s, up_bytes = excluded.up_bytes, down_bytes = excluded.down_bytes,
             refusals = excluded.refusals""",
        {
            "day_on": figures.day.isoformat(),
            "attempts": figures.attempts,
            "refusals": figures.refusals,
            "closed_at": epoch_s(at),
            **_columns(figures.sums),
        },
    )
    close_carried(connection, figures.day.isoformat(), zone)


def _columns(sums: Sums) -> dict[str, int]:
    return {
        "visits": sums.visits,
        "sessions": sums.sessions,
        "use_s": sums.use_s,
        "up_bytes": sums.up_bytes,
        "down_bytes": sums.down_bytes,
    }


def _gone_before(connection: sqlite3.Connection, key: str) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = :key", {"key": key}).fetchone()
    return 0 if row is None else int(row["value"])


def _span_s(day: date, zone: timezone) -> dict[str, int]:
    begin = epoch_s(datetime.combine(day, time.min, tzinfo=zone))
    return {"begin": begin, "end": begin + _DAY_S}
