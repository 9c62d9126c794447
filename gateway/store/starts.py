"""When the gateway ran: its starts, and the last moment each was known alive. Power cuts show as gaps."""

import secrets
import sqlite3
from typing import Any

from gateway.log import event
from gateway.ports_line import Beat
from gateway.store.clock_shift import shift_boot
from gateway.store.db import Database
from gateway.units import epoch_s

_SECRET_BYTES = 32
_STEP_S, _TOLD_S = 1, 5
"""A slower drift is no step; a larger step is told."""


class SqliteStarts:
    """The Heartbeats port over the database, and the secrets that outlive a start."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._row: int | None = None  # when it started: the key, with the boot

    async def started(self, beat: Beat) -> None:
        """Note a start of the daemon."""
        self._row = await self._database.run(lambda sql: _start(sql, beat))

    async def alive(self, beat: Beat, *, stopped: bool = False) -> None:
        """Note that the daemon lives, or that it is stopping as it should.

        A box without a battery starts with a wrong time: what this boot noted before its clock was set is shifted by
        the step of the wall clock against the boot clock, once.
        """
        self._row, step_s = await self._database.run(lambda sql: _alive(sql, self._row, beat, stopped=stopped))
        if abs(step_s) > _TOLD_S:
            event("clock.stepped", "warning", by_s=step_s)

    async def secret(self, name: str) -> bytes:
        """Random bytes under a name, made once and kept: forms handed out before a restart still fit after it."""
        add = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT DO NOTHING"
        values = {"key": f"secret.{name}", "value": secrets.token_hex(_SECRET_BYTES)}
        find = "SELECT value FROM meta WHERE key = :key"
        await self._database.run(lambda sql: sql.execute(add, values))
        row = await self._database.read(lambda sql: sql.execute(find, values).fetchone())
        return bytes.fromhex(row["value"])


def _start(sql: sqlite3.Connection, beat: Beat) -> int:
    add = """
    INSERT INTO starts (started_at, boot_id, alive_at, offset_s, provisional)
    VALUES (:at, :boot, :at, :offset, :provisional) ON CONFLICT DO UPDATE SET stopped = 0
    """
    sql.execute(add, {**_values(beat), "provisional": int(not beat.is_right)})
    return epoch_s(beat.at)


def _alive(sql: sqlite3.Connection, started_s: int | None, beat: Beat, *, stopped: bool) -> tuple[int | None, int]:
    """The row's key, which a step moves, and the step in seconds."""
    values = {**_values(beat), "started": started_s, "stopped": int(stopped)}
    own = "started_at = :started AND boot_id = :boot"
    row = sql.execute(f"SELECT offset_s, provisional FROM starts WHERE {own}", values).fetchone()
    if row is None:
        return started_s, 0
    step_s = round(values["offset"] - row["offset_s"]) if row["offset_s"] is not None else 0
    if row["provisional"] and abs(step_s) >= _STEP_S:
        of_boot = "boot_id = :boot AND provisional = 1"
        moved = {**values, "step": step_s}
        first = sql.execute(f"SELECT min(started_at) AS at FROM starts WHERE {of_boot}", values).fetchone()["at"]
        shift_boot(sql, beat.boot_id, first, row["offset_s"], step_s)
        sql.execute(
            f"UPDATE starts SET started_at = started_at + :step, alive_at = alive_at + :step WHERE {of_boot}", moved
        )
        sql.execute(f"UPDATE line_rounds SET at = at + :step WHERE {of_boot}", moved)
        values["started"] = started_s = (started_s or 0) + step_s
    sql.execute(
        f"UPDATE starts SET alive_at = max(alive_at, :at), stopped = :stopped, offset_s = :offset WHERE {own}", values
    )
    if beat.is_right:
        for table in ("starts", "line_rounds"):
            sql.execute(f"UPDATE {table} SET provisional = 0 WHERE boot_id = :boot AND provisional = 1", values)
    return started_s, step_s


def _values(beat: Beat) -> dict[str, Any]:
    return {"at": epoch_s(beat.at), "boot": beat.boot_id, "offset": beat.at.timestamp() - beat.boot_s}
