"""Bytes that the kernel counts beside sessions, by day (port: gateway.ports_bytes.DayLedger)."""

import sqlite3
from datetime import date
from typing import Literal

from gateway.ports_bytes import ByteCount
from gateway.store.db import Database

Of = Literal["garden", "carried", "wan"]
LOST = "lost"
"""An epoch of nobody: what was counted up to the next look is of no known day (a backup was restored)."""

_MOVE_BASE = """
INSERT INTO {of}_base (id, epoch, up_bytes, down_bytes) VALUES (1, :epoch, :up, :down)
ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, up_bytes = excluded.up_bytes, down_bytes = excluded.down_bytes
"""
_ADD = """
INSERT INTO {of}_days (day_on, up_bytes, down_bytes) VALUES (:day, :up, :down)
ON CONFLICT (day_on) DO UPDATE SET
  up_bytes = up_bytes + excluded.up_bytes, down_bytes = down_bytes + excluded.down_bytes
"""


class SqliteDayBytes:
    """The DayLedger port over the tables of one kind of bytes."""

    def __init__(self, database: Database, of: Of, *, counts_before: bool = True) -> None:
        """`counts_before`: what was counted before the very first look is of its day; else of no known one."""
        self._counts_before = counts_before
        self._database = database
        self._of = of

    async def book(self, count: ByteCount, day: date) -> None:
        """See DayLedger."""
        await self._database.run(lambda sql: self._book(sql, count, day))

    async def booked(self, day: date) -> tuple[int, int]:
        """See DayLedger."""
        find = f"SELECT up_bytes, down_bytes FROM {self._of}_days WHERE day_on = :day"
        row = await self._database.read(lambda sql: sql.execute(find, {"day": day.isoformat()}).fetchone())
        return (row["up_bytes"], row["down_bytes"]) if row else (0, 0)

    def _book(self, sql: sqlite3.Connection, count: ByteCount, day: date) -> None:
        of, now = self._of, (count.up_bytes, count.down_bytes)
        base = sql.execute(f"SELECT epoch, up_bytes, down_bytes FROM {of}_base WHERE id = 1").fetchone()
        if base["epoch"] == LOST if base else not self._counts_before:
            before = now
        else:
            before = (base["up_bytes"], base["down_bytes"]) if base and base["epoch"] == count.epoch else (0, 0)
        # a counter below its base was made anew by somebody: all that it shows is new
        up, down = (after - then if after >= then else after for after, then in zip(now, before, strict=True))
        if up or down:
            sql.execute(_ADD.format(of=of), {"day": day.isoformat(), "up": up, "down": down})
        if up or down or base is None or base["epoch"] == LOST:
            sql.execute(_MOVE_BASE.format(of=of), {"epoch": count.epoch, "up": now[0], "down": now[1]})
