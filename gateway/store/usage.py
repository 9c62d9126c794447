"""The ledger: append-only usage, with each session's base reading moved in the same transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.access.session import SessionId
from gateway.accounting.counters import Epoch, Reading, usage_between
from gateway.store.db import Database
from gateway.units import epoch_s


class SqliteUsage:
    """The UsageStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, readings: Sequence[Reading], at: datetime, *, closing: bool = False) -> None:
        """See UsageStore."""
        if readings:
            await self._database.run(lambda sql: _book(sql, readings, epoch_s(at), closing))

    async def rebase(self, sessions: Sequence[SessionId], epoch: Epoch, boot_s: float) -> None:
        """See UsageStore."""
        change = """
        UPDATE sessions SET epoch = :epoch, base_up_bytes = 0, base_down_bytes = 0, read_boot_s = :boot_s
        WHERE id = :id AND read_boot_s < :boot_s
        """
        values = [{"epoch": epoch, "id": session, "boot_s": boot_s} for session in sessions]
        await self._database.run(lambda sql: sql.executemany(change, values))


def _book(sql: sqlite3.Connection, readings: Sequence[Reading], at_s: int, closing: bool) -> None:
    for reading in readings:
        row = sql.execute(_BASE, {"id": reading.session}).fetchone()
        if row is None or row["read_boot_s"] >= reading.boot_s:
            continue
        base = Reading(
            reading.session, Epoch(row["epoch"]), row["read_boot_s"], row["base_up_bytes"], row["base_down_bytes"]
        )
        usage = usage_between(base, reading)
        moved = usage.up_bytes + usage.down_bytes > 0
        number = row["readings"] + 1
        values = {
            "id": reading.session,
            "epoch": reading.epoch,
            "boot_s": reading.boot_s,
            "base_up": reading.up_bytes,
            "base_down": reading.down_bytes,
            "up": usage.up_bytes,
            "down": usage.down_bytes,
            "moved": moved,
            "reading": number,
            "at": at_s,
            "closing": int(closing),
        }
        # a reading that moved nothing is no row, unless it ends the session: idle hours would wear the flash
        if moved or closing:
            sql.execute(_MOVE, values)
            sql.execute(_APPEND, values)


_BASE = "SELECT epoch, read_boot_s, base_up_bytes, base_down_bytes, readings FROM sessions WHERE id = :id"
_MOVE = """
UPDATE sessions SET epoch = :epoch, read_boot_s = :boot_s, base_up_bytes = :base_up, base_down_bytes = :base_down,
                    total_up_bytes = total_up_bytes + :up, total_down_bytes = total_down_bytes + :down,
                    active_boot_s = CASE WHEN :moved THEN :boot_s ELSE active_boot_s END, readings = :reading
WHERE id = :id
"""
_APPEND = "INSERT INTO usage VALUES (:at, :id, :reading, :up, :down, :closing)"
