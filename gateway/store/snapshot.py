"""The database as one file for a backup, and a database out of one made fit for a new life.

What happened between the backup and its restore is known to nobody. So it is said to be unknown: nobody is on any more,
no counter is held against one of the time before, no power cut is told of it, and numbers of sessions begin beyond all
that may have been given out.
"""

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.errors import StoreError
from gateway.ports_backup import BackupError
from gateway.ports_staff import Deed
from gateway.store.day_bytes import LOST
from gateway.store.db import BUSY_TIMEOUT_MS, require_file
from gateway.store.migrate import migrate, shipped, version
from gateway.store.refusing import store_error
from gateway.store.trail import add_deed, add_outcome
from gateway.units import epoch_s, from_epoch_s

_SESSIONS_A_DAY = 2000
"""More than a library ever had; so many numbers are left out for each day between backup and restore."""
_FIRST_LEFT_OUT = 10_000
_ALONE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Noted:
    """A restore as its row in the trail tells it."""

    deed: Deed
    subject: str
    """What is put back: the backup's name."""
    after: Mapping[str, str]


def snapshot(path: Path, to: Path) -> int:
    """One moment of the database as a new file, without what was deleted; the daemon may run. Its schema's number."""
    require_file(path)
    try:
        with contextlib.closing(_read_only(path)) as sql:
            stands = version(sql)
            sql.execute("VACUUM INTO ?", (str(to),))
            return stands
    except sqlite3.Error as error:
        raise store_error(path, error) from error


def size_bytes(path: Path) -> int:
    """Of the database with its log: what a snapshot may need."""
    return sum(each.stat().st_size for each in (path, Path(f"{path}-wal")) if each.exists())


def make_fit(path: Path, now: datetime, present: Path | None, noted: Noted | None = None) -> int:
    """Bring a database out of a backup up to this program's schema and to this moment; its schema's number before.

    BackupError when it is damaged or newer than the program. `present`: the database it will replace, whose session
    numbers are known. `noted`: the restore itself, for the trail; None: it is only looked at.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as sql:
            sql.row_factory = sqlite3.Row
            stands, newest = version(sql), shipped()[-1][0]
            if stands > newest:
                raise BackupError(
                    "newer",
                    f"the backup's database has version {stands}, this program knows versions up to {newest}",
                    hint="install the version of cong that made the backup, or a newer one, then restore",
                )
            if stands == 0:
                raise BackupError("damaged", "the backup's database is empty", hint="choose another backup")
            said = sql.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if said != "ok":
                raise BackupError("damaged", f"the backup's database is damaged: {said}", hint="choose another backup")
            migrate(sql, shipped())
            sql.execute("PRAGMA foreign_keys = ON")
            sql.execute("BEGIN IMMEDIATE")
            _settle(sql, epoch_s(now), _last_session(present))
            if noted:
                _note(sql, noted)
            sql.execute("COMMIT")
            sql.execute("PRAGMA journal_mode = DELETE")  # one file, whatever it was
            return stands
    except sqlite3.DatabaseError as error:
        said = store_error(path, error)
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise said from error
        raise BackupError("damaged", f"the backup: {said.message}", hint="choose another backup") from error


def damage(path: Path) -> str:
    """What is wrong with the database, as SQLite says it; empty: nothing is."""
    try:
        with contextlib.closing(_read_only(path)) as sql:
            said = str(sql.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return store_error(path, error).message
    return "" if said == "ok" else said


def alone(path: Path) -> None:
    """Make sure that no program has the database open, with all of its log in it; StoreError when one has.

    A file that is damaged or missing is nobody's.
    """
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as sql:
            sql.execute(f"PRAGMA busy_timeout = {_ALONE_MS}")
            mode = sql.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            mode = "busy"
        else:
            return
    except sqlite3.Error:
        return
    if mode != "delete":
        raise StoreError(
            "another program has the database open, so it can't be replaced now",
            where=str(path),
            hint="wait until it has ended (fuser -v FILE says which), then the same again",
        )


def _read_only(path: Path) -> sqlite3.Connection:
    sql = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    sql.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return sql


def _last_session(present: Path | None) -> int:
    """The highest number the present database gave out; 0 when it can't tell."""
    if present is None or not present.exists():
        return 0
    try:
        with contextlib.closing(_read_only(present)) as sql:
            row = sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'sessions'").fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row else 0


def _settle(sql: sqlite3.Connection, now_s: int, given_out: int) -> None:
    known = sql.execute("SELECT max(alive_at) AS at FROM starts").fetchone()["at"]
    # as after a power cut: the end is that of the last packet that is known of
    sql.execute(
        """UPDATE sessions SET state = 'closed', cause = 'nas-reboot',
                  stopped_at = max(opened_at, opened_at + CAST(active_boot_s - opened_boot_s AS INTEGER))
           WHERE state <> 'closed'"""
    )
    for of in ("garden", "carried", "wan"):
        sql.execute(
            f"""INSERT INTO {of}_base (id, epoch, up_bytes, down_bytes) VALUES (1, :lost, 0, 0)
                ON CONFLICT (id) DO UPDATE SET epoch = :lost, up_bytes = 0, down_bytes = 0""",
            {"lost": LOST},
        )
    if known is not None:
        sql.execute("UPDATE starts SET lost_until = :now WHERE alive_at = :known", {"now": now_s, "known": known})
    days = max(0, now_s - (known or now_s)) // 86400 + 1
    row = sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'sessions'").fetchone()
    last = max(row["seq"] if row else 0, given_out)
    sql.execute("DELETE FROM sqlite_sequence WHERE name = 'sessions'")
    next_free = min(last + _FIRST_LEFT_OUT + _SESSIONS_A_DAY * days, 2**32 - 1_000_000)
    sql.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('sessions', :seq)", {"seq": max(last, next_free)})
    sql.execute("DELETE FROM staff_browsers")  # who was signed in at the desk then is not now


def _note(sql: sqlite3.Connection, noted: Noted) -> None:
    """In the trail that comes back too: that of the time between is gone with it."""
    known = sql.execute("SELECT max(alive_at) AS at FROM starts").fetchone()["at"]
    after = {**noted.after, "known_until": from_epoch_s(known).isoformat() if known is not None else ""}
    number = add_deed(sql, noted.deed)
    add_outcome(sql, number, "done", noted.subject, "{}", json.dumps(after), "")
