"""Bytes at the line's interface by day, as facts (booked by gateway.store.day_bytes)."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from gateway.store.live_record import Fields


def wan_days(sql: sqlite3.Connection, times: Mapping[str, int]) -> Iterator[Fields]:
    """Days as fields of facts."""
    days = {name: datetime.fromtimestamp(times[name], UTC).date() for name in ("begin", "end")}
    values = {"first": f"{days['begin'] - timedelta(days=1)}", "last": f"{days['end']}"}
    for row in sql.execute("SELECT * FROM wan_days WHERE day_on BETWEEN :first AND :last ORDER BY day_on", values):
        yield {"kind": "wan_day", "day": row["day_on"], "up_bytes": row["up_bytes"], "down_bytes": row["down_bytes"]}
