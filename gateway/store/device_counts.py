"""Distinct devices of days and months, by keys that are destroyed (counting 2.4 D).

Sessions are gone over in the order of their numbers, each once: whatever was missed while nothing ran is made up.
"""

import hmac
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from gateway.access.client import Mac
from gateway.clock import local_day
from gateway.store.db import Database
from gateway.store.live_record import Fields
from gateway.units import from_epoch_s
from gateway.visits.devices import KEY_TERM, device_key, is_locally_administered, key_ends

_DONE = "device_counts_done_to"
"""Key of `meta`: the last session that was gone over."""
_AT_ONCE = 500
_KEY_BYTES = 32


class SqliteDeviceCounts:
    """The DeviceCounts port over the database."""

    def __init__(self, database: Database, zone: timezone) -> None:
        self._database = database
        self._zone = zone

    async def count(self, now: datetime) -> None:
        """Go over the sessions that have come since the last time."""
        while await self._database.run(lambda sql: count_devices(sql, now, self._zone)):
            continue


def count_devices(sql: sqlite3.Connection, now: datetime, zone: timezone) -> bool:
    """Some of them; whether there may be more."""
    row = sql.execute("SELECT value FROM meta WHERE key = :key", {"key": _DONE}).fetchone()
    find = """
    SELECT s.id, coalesce(s.counted_as, s.client_id) AS client, s.person, s.kind, s.opened_at, s.counted, c.mac
    FROM sessions s JOIN clients c ON c.id = coalesce(s.counted_as, s.client_id)
    WHERE s.id > :done ORDER BY s.id LIMIT :at_once
    """
    rows = sql.execute(find, {"done": int(row["value"]) if row else 0, "at_once": _AT_ONCE}).fetchall()
    for session in rows:
        if session["counted"]:
            _count(sql, session, now, zone)
    if rows:
        done = {"key": _DONE, "value": str(rows[-1]["id"])}
        sql.execute("INSERT OR REPLACE INTO meta VALUES (:key, :value)", done)
    return len(rows) == _AT_ONCE


def destroy_keys(sql: sqlite3.Connection, today: date) -> None:
    """Seven days after a period nobody can say any more whose its keys were; how many there were stays."""
    for row in sql.execute("SELECT period FROM device_periods WHERE key IS NOT NULL").fetchall():
        if last_day(row["period"]) + KEY_TERM < today:
            keep = """
            UPDATE device_periods SET key = NULL, devices = :devices, local = :local, persons = :persons,
              wifi_persons = :wifi_persons, wifi_logins = :wifi_logins WHERE period = :period
            """
            sql.execute(keep, {**_counted(sql, row["period"]), "period": row["period"]})
            for table in ("device_keys", "device_logins"):
                sql.execute(f"DELETE FROM {table} WHERE period = :period", {"period": row["period"]})


def month_devices(sql: sqlite3.Connection, times: Mapping[str, int]) -> Iterator[Fields]:
    """Months as fields of facts."""
    zone = timezone(timedelta(seconds=times["offset"]))
    first, last = (datetime.fromtimestamp(times[name], UTC).astimezone(zone) for name in ("begin", "end"))
    months = "SELECT period FROM device_periods WHERE length(period) = 7 AND period BETWEEN :first AND :last ORDER BY 1"
    for row in sql.execute(months, {"first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}"}).fetchall():
        month = row["period"]
        days = sql.execute("SELECT period FROM device_periods WHERE period GLOB :days", {"days": f"{month}-*"})
        most = max((_counted(sql, day["period"])["devices"] for day in days.fetchall()), default=0)
        yield {"kind": "month_devices", "month": month, "most_a_day": most, **_counted(sql, month)}


def last_day(period: str) -> date:
    """The last day of a day's or month's period."""
    if len(period) > len("2027-03"):
        return date.fromisoformat(period)
    first = date.fromisoformat(f"{period}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _count(sql: sqlite3.Connection, session: sqlite3.Row, now: datetime, zone: timezone) -> None:
    day = local_day(from_epoch_s(session["opened_at"]), zone)
    for period in (f"{day}", f"{day:%Y-%m}"):
        if now >= key_ends(last_day(period), zone):
            continue
        if (key := _key(sql, period)) is None:
            continue
        mac = session["mac"]  # gone seven days after the device was last here; its number stands for it then
        device = device_key(key, Mac(mac)) if mac else _short(key, f"client {session['client']}")
        local = int(bool(mac) and is_locally_administered(Mac(mac)))
        of = {"period": period, "device": device, "local": local, "wifi": int(session["kind"] == "wifi")}
        sql.execute("INSERT INTO device_keys VALUES (:period, :device, :local) ON CONFLICT DO NOTHING", of)
        if session["person"]:
            of["person"] = _short(key, session["person"])
            add = "INSERT INTO device_logins VALUES (:period, :person, :device, :wifi) ON CONFLICT DO NOTHING"
            sql.execute(add, of)


def _key(sql: sqlite3.Connection, period: str) -> bytes | None:
    """The period's key, made at its first session; None when it is destroyed."""
    values = {"period": period, "key": secrets.token_bytes(_KEY_BYTES)}
    sql.execute("INSERT INTO device_periods (period, key) VALUES (:period, :key) ON CONFLICT DO NOTHING", values)
    row = sql.execute("SELECT key FROM device_periods WHERE period = :period", values).fetchone()
    key: bytes | None = row["key"]
    return key


def _short(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")[:8]


_COUNTS = ("devices", "local", "persons", "wifi_persons", "wifi_logins")


def _counted(sql: sqlite3.Connection, period: str) -> dict[str, int]:
    """As kept, or as they are while the key stands."""
    row = sql.execute("SELECT * FROM device_periods WHERE period = :period", {"period": period}).fetchone()
    if row["key"] is not None:
        find = """
        SELECT (SELECT COUNT(*) FROM device_keys WHERE period = :period) AS devices,
               (SELECT COALESCE(SUM(local), 0) FROM device_keys WHERE period = :period) AS local,
               COUNT(DISTINCT person) AS persons,
               COUNT(DISTINCT CASE WHEN wifi THEN person END) AS wifi_persons,
               COALESCE(SUM(wifi), 0) AS wifi_logins
        FROM device_logins WHERE period = :period
        """
        row = sql.execute(find, {"period": period}).fetchone()
    return {name: row[name] for name in _COUNTS}
