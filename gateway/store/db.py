"""The SQLite file: opened, migrated, and written by one thread, a whole transaction at a time.

In:  functions that take a connection and do one transaction's SQL (from the other modules of this room).
Out: what they return. A function runs between BEGIN and COMMIT and never sees an event loop; it may be run again only
by its caller. One thread holds the connection, so transactions never mix, and waiting for one is a plain await.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from gateway.errors import StoreError
from gateway.ports_backup import unfinished
from gateway.store.migrate import migrate, shipped, version
from gateway.store.refusing import store_error
from gateway.store.turns import Turns, Work, transaction

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5000
"""How long a transaction waits for one of another process (daemon and one-shot commands share the file)."""

_WAL_LIMIT_BYTES = 4 * 1024 * 1024
_WAL_TRIES = 20


class Database:
    """The one writer of a process. `run` and `read` may be awaited from many tasks; they take turns in call order."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor, glances: sqlite3.Connection
    ) -> None:
        self.path = path
        self._connection = connection
        self._glances = glances
        self._thread = thread
        self._turns = Turns(path, connection, thread)
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made with its directory if need be, and bring its schema up to this program's."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            connection = await _in_thread(thread, lambda: _open_writer(path))
            glances = _open_glances(path)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(path, connection, thread, glances)

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
        """Do `work` in a write transaction, whole or not at all; on flash when the await returns.

        Works that wait at the same time share a commit, each in a savepoint of its own: what one raises rolls it back
        alone. The work is done even when the await is cancelled.
        """
        self._require_open()
        return await self._turns.take(work, lasting=True)

    async def note(self, work: Work[T]) -> T:
        """`run` for what may be lost with the power of this very moment: on flash with the next `run`, at a tenth of
        its price."""
        self._require_open()
        return await self._turns.take(work, lasting=False)

    async def run_without_cascades(self, work: Work[T]) -> T:
        """`run`, but references are not enforced: for deletions that take the rows below with them themselves.

        Without an index on the referring column SQLite walks its whole table for each row deleted; `work` does it once.
        """
        return await self._do(lambda: _without_cascades(self.path, self._connection, work))

    async def read(self, work: Work[T]) -> T:
        """Do `work` on one unchanging view of the data; writing in it is an error."""
        return await self._do(lambda: _read_transaction(self.path, self._connection, work))

    async def glance(self, statement: str, values: Mapping[str, str | int]) -> list[sqlite3.Row]:
        """One statement's rows as of the last commit, read at once on the loop: for a few rows found by an index, in
        every page's way. A reader of the WAL waits for no writer; where it would have to, the store's thread reads."""
        self._require_open()
        try:
            return self._glances.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return await self.read(lambda sql: sql.execute(statement, values).fetchall())
            raise store_error(self.path, error) from error

    async def close(self) -> None:
        """Finish what was asked for and close the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._glances.close()  # before the writer, who leaves the file without a WAL
        try:
            await _in_thread(self._thread, self._connection.close)
        finally:
            self._thread.shutdown(wait=False)

    async def _do(self, call: Callable[[], T]) -> T:
        self._require_open()
        return await _in_thread(self._thread, call)

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("the database is closed", where=str(self.path), hint="the program is stopping")


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


async def _in_thread(thread: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    # Shielded: a cancelled await must not make the thread's result, or its open transaction, nobody's.
    return await asyncio.shield(asyncio.wrap_future(thread.submit(call)))


def _alone(path: Path, connection: sqlite3.Connection, begin: str, work: Work[T]) -> T:
    try:
        with transaction(connection, begin):
            return work(connection)
    except sqlite3.Error as error:
        raise store_error(path, error) from error


def _read_transaction(path: Path, connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("PRAGMA query_only = ON")
    try:
        return _alone(path, connection, "BEGIN", work)
    finally:
        connection.execute("PRAGMA query_only = OFF")


def _without_cascades(path: Path, connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("PRAGMA foreign_keys = OFF")  # between transactions only: within one it does nothing
    try:
        return _alone(path, connection, "BEGIN IMMEDIATE", work)
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


def _open_glances(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0)
        connection.execute("PRAGMA cache_size = -256")  # kB; every commit of the writer empties it
    except sqlite3.Error as error:
        raise store_error(path, error) from error
    connection.row_factory = sqlite3.Row
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
