"""Spans in which PCs were seen (port: gateway.ports_presence.PresenceLog)."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timezone

from gateway.clock import local_day
from gateway.store.db import Database
from gateway.store.live_record import Fields, iso
from gateway.units import epoch_s

_GAP_S = 600
"""Two sightings that are further apart are two spans."""


class SqlitePresence:
    """The PresenceLog port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, pc: str, at: datetime, zone: timezone) -> None:
        """See PresenceLog."""
        midnight = datetime.combine(local_day(at, zone), time.min, zone)
        values = {"pc": pc, "at": epoch_s(at), "since": max(epoch_s(at) - _GAP_S, epoch_s(midnight))}
        await self._database.run(lambda sql: _seen(sql, values))


def _seen(sql: sqlite3.Connection, values: Mapping[str, object]) -> None:
    goes_on = "UPDATE pc_presence SET end_at = :at WHERE pc = :pc AND begin_at <= :at AND end_at BETWEEN :since AND :at"
    if not sql.execute(goes_on, values).rowcount:
        sql.execute("INSERT INTO pc_presence VALUES (:pc, :at, :at) ON CONFLICT DO NOTHING", values)


def pcs_seen(sql: sqlite3.Connection, times: Mapping[str, int]) -> Iterator[Fields]:
    """Sightings as fields of facts."""
    find = "SELECT * FROM pc_presence WHERE begin_at < :end AND end_at >= :begin ORDER BY pc, begin_at"
    for row in sql.execute(find, times):
        fields: Fields = {"kind": "pc_seen", "pc": row["pc"], "at": iso(row["begin_at"])}
        yield fields if row["end_at"] == row["begin_at"] else {**fields, "until": iso(row["end_at"])}
