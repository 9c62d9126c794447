"""The SQLite file: opened, migrated, and written by one thread, a whole transaction at a time.

In:  functions that take a connection and do one transaction's SQL (from the other modules of this room).
Out: what they return. A function runs between BEGIN and COMMIT and never sees an event loop; it may be run again only
by its caller. One thread holds the connection, so transactions never mix, and waiting for one is a plain await.
"""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Self, TypeVar

from gateway.errors import StoreError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_MS = 5000
"""How long a transaction waits for one of another process (daemon and one-shot commands share the file)."""

_WAL_LIMIT_BYTES = 4 * 1024 * 1024
_WAL_TRIES = 20


class Database:
    """The one writer of a process. `run` and `read` may be awaited from many tasks; they take turns in call order."""

    def __init__(self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self.path = path
        self._connection = connection
        self._thread = thread
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made with its directory if need be, and bring its schema up to this program's."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            connection = await _in_thread(thread, lambda: _open_writer(path))
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(path, connection, thread)

    async def run(self, work: Work[T]) -> T:
        """Do `work` in one write transaction; any exception rolls it back.

        The transaction ends as a whole even when the await is cancelled: its work then stands or was rolled back.
        """
        return await self._do(lambda: _transaction(self.path, self._connection, "BEGIN IMMEDIATE", work))

    async def read(self, work: Work[T]) -> T:
        """Do `work` on one unchanging view of the data; writing in it is an error."""
        return await self._do(lambda: _read_transaction(self.path, self._connection, work))

    async def close(self) -> None:
        """Finish what was asked for and close the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            await _in_thread(self._thread, self._connection.close)
        finally:
            self._thread.shutdown(wait=False)

    async def _do(self, call: Callable[[], T]) -> T:
        if self._closed:
            raise StoreError("the database is closed", where=str(self.path), hint="the program is stopping")
        return await _in_thread(self._thread, call)


@contextlib.contextmanager
def open_reader(path: Path) -> Iterator[sqlite3.Connection]:
    """The file for reading, on one unchanging view, without a thread: for one-shot commands.

    The daemon may run or not. StoreError when there is no file, or its schema is not this program's.
    """
    if not path.exists():
        raise _missing(path)
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if _version(connection) < _newest():
            raise StoreError(
                "the database is of an older version of this program",
                where=str(path),
                hint="start the gateway once: it brings the database up to date",
            )
        _refuse_newer(path, connection)
        connection.execute("BEGIN")
        yield connection
    except sqlite3.Error as error:
        raise store_error(path, error) from error
    finally:
        if connection is not None:
            connection.close()


def require_file(path: Path) -> None:
    """For commands that only make sense on figures that are there: StoreError when the file is missing."""
    if not path.exists():
        raise _missing(path)


def store_error(path: Path, error: Exception) -> StoreError:
    """What SQLite or the file system said, in an operator's words."""
    message, hint = _explain(error)
    return StoreError(message, where=str(path), hint=hint)


def migrate(connection: sqlite3.Connection, migrations: Sequence[tuple[int, str]]) -> None:
    """Bring the schema up to the last of numbered migrations; each stands whole or not at all."""
    for number, sql in migrations:
        if _version(connection) >= number:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) < number:  # asked again: another process may have been first
                for statement in _statements(sql):
                    connection.execute(statement)
                if connection.execute("PRAGMA foreign_key_check").fetchone():
                    raise sqlite3.IntegrityError(f"migration {number} leaves rows that refer to nothing")
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


async def _in_thread(thread: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    # Shielded: a cancelled await must not make the thread's result, or its open transaction, nobody's.
    return await asyncio.shield(asyncio.wrap_future(thread.submit(call)))


def _transaction(path: Path, connection: sqlite3.Connection, begin: str, work: Work[T]) -> T:
    try:
        connection.execute(begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            # SQLite ends the transaction itself on some errors (disk full); what it says now would hide the first error
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise store_error(path, error) from error
    return result


def _read_transaction(path: Path, connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("PRAGMA query_only = ON")
    try:
        return _transaction(path, connection, "BEGIN", work)
    finally:
        connection.execute("PRAGMA query_only = OFF")


def _open_writer(path: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o640)  # personal data: not for everyone; SQLite gives its -wal and -shm the same mode
        connection = sqlite3.connect(path, isolation_level=None)  # None: no BEGIN but ours
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _refuse_newer(path, connection)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")  # a commit outlives the power cut that follows it
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
        connection.execute("PRAGMA secure_delete = ON")  # what is past its term leaves the file, not only the tables
        migrate(connection, _migrations())
        _prove_writable(connection)
        connection.execute("PRAGMA foreign_keys = ON")  # after: a migration may rebuild a table others refer to
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        raise store_error(path, error) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            # SQLite does not wait when two processes open a new file at once: wait for the other's lock, then ask again
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _prove_writable(connection: sqlite3.Connection) -> None:
    # one small write: a full or read-only disk is told at the start, not to the first patron
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {_version(connection)}")
    connection.execute("COMMIT")


def _migrations() -> list[tuple[int, str]]:
    folder = resources.files("gateway.store").joinpath("schema")
    found = [(re.match(r"(\d{4})_\w+\.sql$", entry.name), entry) for entry in folder.iterdir()]
    return sorted((int(match[1]), entry.read_text(encoding="utf-8")) for match, entry in found if match)


def _statements(sql: str) -> Iterator[str]:
    # not executescript(): it commits before it begins, so half a migration could stand
    statement = ""
    for piece in re.split(r"(?<=;)", sql):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _newest() -> int:
    return _migrations()[-1][0]


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_newer(path: Path, connection: sqlite3.Connection) -> None:
    version, newest = _version(connection), _newest()
    if version > newest:
        raise StoreError(
            f"the database has version {version}, this program knows versions up to {newest}",
            where=str(path),
            hint="install the newer program again, or restore the backup made before the upgrade",
        )


def _missing(path: Path) -> StoreError:
    hint = "start the gateway once (cong serve), or give the right configuration with --config"
    return StoreError("there is no database", where=str(path), hint=hint)


_RESTORE = (
    "keep a copy of the file, then restore the last backup; the gateway starts with an empty one if it is moved away"
)
_FREE_SPACE = "free space on the disk that holds it; nothing of this transaction was stored"
_HINTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("database or disk is full", _FREE_SPACE),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", _RESTORE),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", _RESTORE),
    sqlite3.SQLITE_READONLY: (
        "the database can't be written",
        "check the owner of the file and its directory, and that the disk is not mounted read-only",
    ),
    sqlite3.SQLITE_CANTOPEN: ("the database can't be opened", "check the path and the rights of its directory"),
    sqlite3.SQLITE_BUSY: ("the database is held by another program", "try again; see who holds it with: fuser -v FILE"),
    sqlite3.SQLITE_IOERR: (
        "the disk refused a read or write",
        "check free space (df) and the kernel's messages (dmesg): the disk may be failing",
    ),
}


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError):
        return f"the database can't be made: {error.strerror}", "check the path, its rights and free space"
    code = getattr(error, "sqlite_errorcode", None)  # missing on errors of the Python module's own
    known = _HINTS.get(code & 0xFF) if code is not None else None
    if known is None:
        return f"SQLite says: {error}", "this is a fault of the program: please report it with this line"
    message, hint = known
    return (message, hint) if str(error) == message else (f"{message} (SQLite says: {error})", hint)
