"""What a boot wrote before its clock was set, moved to the right time (counting 2.5, wall clock jumps).

Spans are of the boot clock and right already. A session's own two clocks tell in which time it was written; the ledger
is append-only, so its rows are written anew. Counts by hour keep the hour that the clock showed.
"""

import sqlite3

_MOVED = (
    ("attempts", "opened_at"),
    ("clients", "last_seen_at"),
    ("approvals", "asked_at"),
    ("approvals", "answered_at"),
    ("vouchers", "first_used_at"),
    ("unblock_requests", "asked_at"),
    ("unblock_requests", "last_asked_at"),
)
"""Instants without a boot of their own: moved when they lie in the time the wrong clock showed."""


def shift_boot(sql: sqlite3.Connection, boot_id: str, since_s: int, offset_s: float, step_s: int) -> int:
    """Move what was written since `since_s` by the wrong clock; how many sessions were.

    `offset_s`: the wrong wall clock less the boot clock; `step_s`: the right one less the wrong one.
    """
    values = {"boot": boot_id, "since": since_s, "offset": offset_s, "step": step_s}
    # half a step tells a session of the wrong time from one of the 30 s in which the step was not yet seen
    find = """
    SELECT id, stopped_at FROM sessions
    WHERE boot_id = :boot AND abs(opened_at - opened_boot_s - :offset) < abs(:step) / 2.0
    """
    moved = [row["id"] for row in sql.execute(find, values).fetchall()]
    for number in moved:
        _shift_session(sql, {**values, "id": number})
    shown_s = sql.execute("SELECT max(alive_at) AS at FROM starts WHERE boot_id = :boot", values).fetchone()["at"]
    span = {**values, "until": shown_s + _BEAT_S}
    for table, column in _MOVED:
        within = f"{column} >= :since AND {column} <= :until"
        sql.execute(f"UPDATE {table} SET {column} = {column} + :step WHERE {within}", span)
    return len(moved)


_BEAT_S = 30
"""Signs of life are that far apart: the clock showed times up to that much later than the last one."""


def _shift_session(sql: sqlite3.Connection, values: dict[str, object]) -> None:
    sql.execute(
        "UPDATE sessions SET opened_at = opened_at + :step, stopped_at = stopped_at + :step WHERE id = :id", values
    )
    sql.execute("UPDATE consents SET accepted_at = accepted_at + :step WHERE session_id = :id", values)
    find = "SELECT * FROM usage WHERE session_id = :id ORDER BY reading"
    rows = [dict(row) for row in sql.execute(find, values).fetchall()]
    sql.execute("DELETE FROM usage WHERE session_id = :id", values)
    sql.executemany(
        """INSERT INTO usage (at, session_id, reading, up_bytes, down_bytes, closing)
           VALUES (:at + :step, :session_id, :reading, :up_bytes, :down_bytes, :closing)""",
        [{**row, "step": values["step"]} for row in rows],
    )
