"""The SQLite file: opened, migrated, and written by one thread, a whole transaction at a time.

In:  functions that take a connection and do one transaction's SQL (from the other modules of this room).
Out: what they return. A function runs between BEGIN and COMMIT and never sees an event loop; it may be run again only
by its caller. One thread holds the connection, so transactions never mix, and waiting for one is a plain await.
"""

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from gateway.errors import StoreError
from gateway.ports_backup import unfinished
from gateway.store.migrate import migrate, shipped, version

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

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, path: Path) -> AsyncIterator[Self]:
        """`open`, and closed at the end."""
        database = await cls.open(path)
        try:
            yield database
        finally:
            await database.close()

    async def run(self, work: Work[T]) -> T:
        """Do `work` in one write transaction; any exception rolls it back.

        The transaction ends as a whole even when the await is cancelled: its work then stands or was rolled back.
        """
        return await self._do(lambda: _transaction(self.path, self._connection, "BEGIN IMMEDIATE", work))

    async def note(self, work: Work[T]) -> T:
        """`run` for what may be lost with the power of this very moment: on flash with the next `run`, at a tenth of
        its price."""
        return await self._do(lambda: _noted(self.path, self._connection, work))

    async def run_without_cascades(self, work: Work[T]) -> T:
        """`run`, but references are not enforced: for deletions that take the rows below with them themselves.

        Without an index on the referring column SQLite walks its whole table for each row deleted; `work` does it once.
        """
        return await self._do(lambda: _without_cascades(self.path, self._connection, work))

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
    _refuse_between(path)
    if not path.exists():
        raise _missing(path)
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        if version(connection) < shipped()[-1][0]:
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
    if message.startswith(_IO_MESSAGE) and _is_full(path):
        message, hint = _HINTS[sqlite3.SQLITE_FULL]  # SQLite calls a full disk so when it can't grow its -shm file
    return StoreError(message, where=str(path), hint=hint)


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


def _noted(path: Path, connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("PRAGMA synchronous = NORMAL")  # in WAL: no fsync at COMMIT, and never a damaged file
    try:
        return _transaction(path, connection, "BEGIN IMMEDIATE", work)
    finally:
        connection.execute("PRAGMA synchronous = FULL")


def _without_cascades(path: Path, connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("PRAGMA foreign_keys = OFF")  # between transactions only: within one it does nothing
    try:
        return _transaction(path, connection, "BEGIN IMMEDIATE", work)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _open_writer(path: Path) -> sqlite3.Connection:
    _refuse_between(path)
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
        migrate(connection, shipped())
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
    connection.execute(f"PRAGMA user_version = {version(connection)}")
    connection.execute("COMMIT")


def _refuse_newer(path: Path, connection: sqlite3.Connection) -> None:
    stands, newest = version(connection), shipped()[-1][0]
    if stands > newest:
        raise StoreError(
            f"the database has version {stands}, this program knows versions up to {newest}",
            where=str(path),
            hint="install the newer program again, or restore the backup made before the upgrade",
        )


def _refuse_between(path: Path) -> None:
    """A restore is half-way: a new file made now would be taken for the old one."""
    if unfinished(path.parent):
        hint = "wait a moment; if it stays so, start the gateway, which ends it, or: cong restore --finish"
        raise StoreError("a backup is being put in place", where=str(path), hint=hint)


def _missing(path: Path) -> StoreError:
    hint = "start the gateway once (cong serve), or give the right configuration with --config"
    return StoreError("there is no database", where=str(path), hint=hint)


_RESTORE = (
    "keep a copy of the file, then restore the last backup; the gateway starts with an empty one if it is moved away"
)
_FREE_SPACE = "free space on the disk that holds it; nothing of this transaction was stored"
_IO_MESSAGE = "the disk refused a read or write"
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
        _IO_MESSAGE,
        "check free space (df) and the kernel's messages (dmesg): the disk may be failing",
    ),
}


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _WAL_LIMIT_BYTES // 32
    except OSError:
        return False


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError):
        return f"the database can't be made: {error.strerror}", "check the path, its rights and free space"
    code = getattr(error, "sqlite_errorcode", None)  # missing on errors of the Python module's own
    known = _HINTS.get(code & 0xFF) if code is not None else None
    if known is None:
        return f"SQLite says: {error}", "this is a fault of the program: please report it with this line"
    message, hint = known
    return (message, hint) if str(error) == message else (f"{message} (SQLite says: {error})", hint)
