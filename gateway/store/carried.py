"""What the kernel carried on a day beside what sessions and open sites explain: written by the night, read as facts."""

import sqlite3
from collections.abc import Iterator
from datetime import timezone

from gateway.ports_facts import Span
from gateway.units import epoch_s, utc_offset_s

_SESSIONS = """
SELECT coalesce(sum(up_bytes), 0), coalesce(sum(down_bytes), 0) FROM usage
WHERE at >= unixepoch(day_on) - :offset AND at < unixepoch(day_on) - :offset + 86400
"""


def close_carried(sql: sqlite3.Connection, day: str, zone: timezone) -> None:
    """Note what sessions had on a day, before they are past their term; a day that has it keeps it."""
    close = f"""
    UPDATE carried_days SET (session_up_bytes, session_down_bytes) = ({_SESSIONS})
    WHERE day_on = :day AND session_up_bytes IS NULL
    """
    sql.execute(close, {"day": day, "offset": utc_offset_s(zone)})


def carried_days(sql: sqlite3.Connection, span: Span, zone: timezone) -> Iterator[dict[str, object]]:
    """Facts of kind carried_day; of a day that is not closed as far as it is booked."""
    find = """
    WITH days AS (
      SELECT day_on, up_bytes, down_bytes, session_up_bytes AS su, session_down_bytes AS sd FROM carried_days
      WHERE unixepoch(day_on) - :offset < :end AND unixepoch(day_on) - :offset + 86400 > :begin
    )
    SELECT days.*, garden_days.up_bytes AS open_up, garden_days.down_bytes AS open_down
    FROM days LEFT JOIN garden_days USING (day_on) ORDER BY day_on
    """
    times = {"begin": epoch_s(span[0]), "end": epoch_s(span[1]), "offset": utc_offset_s(zone)}
    for row in sql.execute(find, times).fetchall():
        sums = (row["su"], row["sd"])
        if row["su"] is None:
            named = {"day_on": row["day_on"], "offset": times["offset"]}
            sums = tuple(sql.execute(_SESSIONS.replace("day_on", ":day_on"), named).fetchone())
        yield {
            "kind": "carried_day",
            "day": row["day_on"],
            "up_bytes": row["up_bytes"],
            "down_bytes": row["down_bytes"],
            "session_up_bytes": sums[0],
            "session_down_bytes": sums[1],
            "open_up_bytes": row["open_up"] or 0,
            "open_down_bytes": row["open_down"] or 0,
        }
