"""Bytes at the line's interface by day (port: gateway.ports_line.WanLedger)."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from gateway.ports_line import WanCount
from gateway.store.db import Database
from gateway.store.live_record import Fields

_ADD = """
INSERT INTO wan_days VALUES (:day, :up, :down) ON CONFLICT (day_on) DO UPDATE SET
  up_bytes = up_bytes + excluded.up_bytes, down_bytes = down_bytes + excluded.down_bytes
"""
_MOVE_BASE = """
INSERT INTO wan_base VALUES (1, :epoch, :up, :down)
ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, up_bytes = excluded.up_bytes, down_bytes = excluded.down_bytes
"""


class SqliteWan:
    """The WanLedger port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, counted: WanCount, day: date) -> None:
        """See WanLedger."""
        await self._database.run(lambda sql: _book(sql, counted, day))


def _book(sql: sqlite3.Connection, counted: WanCount, day: date) -> None:
    base = sql.execute("SELECT * FROM wan_base").fetchone()
    now = {"epoch": counted.epoch, "up": counted.up_bytes, "down": counted.down_bytes}
    same = base is not None and base["epoch"] == counted.epoch
    fell = same and (counted.up_bytes < base["up_bytes"] or counted.down_bytes < base["down_bytes"])
    before = (base["up_bytes"], base["down_bytes"]) if same and not fell else (0, 0)
    if base is None:
        before = counted.up_bytes, counted.down_bytes  # what crossed before the first look is of no known day
    moved = {"up": counted.up_bytes - before[0], "down": counted.down_bytes - before[1]}
    if base is None or any(moved.values()):
        sql.execute(_ADD, {"day": day.isoformat(), **moved})
        sql.execute(_MOVE_BASE, now)


def wan_days(sql: sqlite3.Connection, times: Mapping[str, int]) -> Iterator[Fields]:
    """Days as fields of facts."""
    days = {name: datetime.fromtimestamp(times[name], UTC).date() for name in ("begin", "end")}
    values = {"first": f"{days['begin'] - timedelta(days=1)}", "last": f"{days['end']}"}
    for row in sql.execute("SELECT * FROM wan_days WHERE day_on BETWEEN :first AND :last ORDER BY day_on", values):
        yield {"kind": "wan_day", "day": row["day_on"], "up_bytes": row["up_bytes"], "down_bytes": row["down_bytes"]}
