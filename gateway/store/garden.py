"""Bytes of the walled garden (port: gateway.ports_garden.GardenLedger)."""

import sqlite3
from datetime import date

from gateway.ports_garden import GardenCount
from gateway.store.db import Database

_MOVE_BASE = """
INSERT INTO garden_base (id, epoch, up_bytes, down_bytes) VALUES (1, :epoch, :up, :down)
ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, up_bytes = excluded.up_bytes, down_bytes = excluded.down_bytes
"""
_ADD = """
INSERT INTO garden_days (day_on, up_bytes, down_bytes) VALUES (:day, :up, :down)
ON CONFLICT (day_on) DO UPDATE SET
  up_bytes = up_bytes + excluded.up_bytes, down_bytes = down_bytes + excluded.down_bytes
"""


class SqliteGarden:
    """The GardenLedger port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, count: GardenCount, day: date) -> None:
        """See GardenLedger."""
        await self._database.run(lambda sql: _book(sql, count, day))

    async def booked(self, day: date) -> tuple[int, int]:
        """See GardenLedger."""
        find = "SELECT up_bytes, down_bytes FROM garden_days WHERE day_on = :day"
        row = await self._database.read(lambda sql: sql.execute(find, {"day": day.isoformat()}).fetchone())
        return (row["up_bytes"], row["down_bytes"]) if row else (0, 0)


def _book(sql: sqlite3.Connection, count: GardenCount, day: date) -> None:
    base = sql.execute("SELECT epoch, up_bytes, down_bytes FROM garden_base WHERE id = 1").fetchone()
    before = (base["up_bytes"], base["down_bytes"]) if base and base["epoch"] == count.epoch else (0, 0)
    # a counter below its base was made anew by somebody: all that it shows is new
    up, down = (
        now - then if now >= then else now for now, then in zip((count.up_bytes, count.down_bytes), before, strict=True)
    )
    if up or down:
        sql.execute(_ADD, {"day": day.isoformat(), "up": up, "down": down})
        sql.execute(_MOVE_BASE, {"epoch": count.epoch, "up": count.up_bytes, "down": count.down_bytes})
