"""Sessions past their term: what they count stays for 10 years, whose they were goes (counting, retention).

A visit's sessions get the number of the visit in place of device and person: visits, their kind, times and bytes come
out the same for ever, and nothing links two visits any more. How many devices a month had is noted before.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timezone

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.facts.lines import body_of, fact_of
from gateway.facts.session import COPIED
from gateway.units import epoch_s, from_epoch_s, utc_offset_s
from gateway.visits.visit import GAP, MARGIN, CountedSession, visits_of

_NUMBER = f"""
CASE WHEN EXISTS (SELECT 1 FROM told_sessions o WHERE o.site = :site AND o.id = CAST(s.id AS TEXT)
                  AND o.start_at <> s.opened_at)
  THEN s.id || '{COPIED}' || s.opened_at ELSE CAST(s.id AS TEXT) END
"""
"""Facts of a database before this one may have the number already: they were told when the box was set up anew."""


def keep_counted(sql: sqlite3.Connection, site: str, before: datetime, zone: timezone, telling: int) -> int:
    """Copy the gateway's own closed sessions that are about to be deleted, with what they moved in each hour of the
    site; how many were new."""
    add_hours = f"""
    INSERT INTO told_readings (site, id, at, up_bytes, down_bytes)
    SELECT :site, {_NUMBER}, MAX(u.at), SUM(u.up_bytes), SUM(u.down_bytes)
    FROM usage u JOIN sessions s ON s.id = u.session_id
    WHERE s.state = 'closed' AND s.stopped_at < :before
      AND NOT EXISTS (SELECT 1 FROM told_sessions t WHERE t.site = :site AND t.id = {_NUMBER})
    GROUP BY u.session_id, (u.at - 1 + :offset) / 3600
    """
    offset = utc_offset_s(zone)
    sql.execute(add_hours, {"site": site, "before": epoch_s(before), "offset": offset})
    add = f"""
    INSERT INTO told_sessions (site, id, access, device, person, pc, start_at, stop_at, accepted, staff, up_bytes,
                               down_bytes, telling_id)
    SELECT :site, {_NUMBER}, s.kind, CAST(coalesce(s.counted_as, s.client_id) AS TEXT), s.person,
           coalesce(s.pc, NULLIF(d.name, '')), s.opened_at, max(s.opened_at, s.stopped_at), 1, NOT s.counted,
           s.total_up_bytes, s.total_down_bytes, :telling
    FROM sessions s LEFT JOIN clients c ON c.id = s.client_id
         LEFT JOIN devices d ON d.mac = c.mac AND d.standing = 'kiosk' AND s.kind = 'kiosk'
    WHERE s.state = 'closed' AND s.stopped_at < :before
    ON CONFLICT DO NOTHING
    """
    return sql.execute(add, {"site": site, "before": epoch_s(before), "telling": telling}).rowcount


def forget_whose(sql: sqlite3.Connection, before: datetime, zone: timezone, telling: int) -> int:
    """Take device and person from visits that ended before; how many sessions lost theirs."""
    sites = [row["site"] for row in sql.execute("SELECT DISTINCT site FROM told_sessions WHERE forgotten = 0")]
    return sum(_of_site(sql, site, before, zone, telling) for site in sites)


def _of_site(sql: sqlite3.Connection, site: str, before: datetime, zone: timezone, telling: int) -> int:
    find = """
    SELECT * FROM told_sessions WHERE site = :site AND forgotten = 0 AND start_at < :end ORDER BY start_at, id
    """
    rows = sql.execute(find, {"site": site, "end": epoch_s(before + MARGIN)}).fetchall()
    devices = {text: ClientId(n) for n, text in enumerate(sorted({row["device"] for row in rows}), 1)}
    sessions = [_session(row, SessionId(n), devices) for n, row in enumerate(rows)]
    # no later session can join a visit that has been over for longer than the gap
    over = [visit for visit in visits_of(sessions) if visit.stop + GAP < before]
    changes = [
        {
            "site": site,
            "id": rows[one.id]["id"],
            "visit": f"visit-{rows[visit.sessions[0].id]['id']}",
            "person": one.person,
        }
        for visit in over
        for one in visit.sessions
    ]
    changes += [
        {"site": site, "id": rows[one.id]["id"], "visit": f"none-{rows[one.id]['id']}", "person": None}
        for one in sessions
        if not one.counts and one.stop + GAP < before
    ]
    _note_devices(sql, site, (rows[one.id] for visit in over for one in visit.sessions), zone, telling)
    sql.executemany(
        """UPDATE told_sessions SET device = :visit, forgotten = 1,
             person = CASE WHEN :person IS NULL THEN NULL ELSE :visit END
           WHERE site = :site AND id = :id""",
        changes,
    )
    return len(changes)


def _note_devices(
    sql: sqlite3.Connection, site: str, rows: Iterable[sqlite3.Row], zone: timezone, telling: int
) -> None:
    """The devices of each month that is about to lose some, unless they are noted: it is long over by then."""
    months = {from_epoch_s(row["start_at"]).astimezone(zone).strftime("%Y-%m") for row in rows}
    count = """
    SELECT COUNT(DISTINCT device) AS devices FROM told_sessions
    WHERE site = :site AND accepted = 1 AND staff = 0 AND strftime('%Y-%m', start_at + :offset, 'unixepoch') = :month
    """
    add = """
    INSERT INTO facts (kind, site, key, rev, void, first_at, last_at, body, telling_id)
    VALUES ('month_devices', :site, :month, 0, 0, :first, :last, :body, :telling) ON CONFLICT DO NOTHING
    """
    offset = utc_offset_s(zone)
    for month in sorted(months):
        devices = sql.execute(count, {"site": site, "month": month, "offset": offset}).fetchone()["devices"]
        fact = fact_of({"kind": "month_devices", "site": site, "month": month, "devices": devices})
        first, last = fact.span_s()
        values = {"site": site, "month": month, "first": first, "last": last, "body": body_of(fact)}
        sql.execute(add, {**values, "telling": telling})


def _session(row: sqlite3.Row, number: SessionId, devices: dict[str, ClientId]) -> CountedSession:
    return CountedSession(
        number,
        AccessKind(row["access"]),
        devices[row["device"]],
        row["person"],
        from_epoch_s(row["start_at"]),
        from_epoch_s(row["stop_at"]),
        bool(row["accepted"]),
        bool(row["staff"]),
    )
