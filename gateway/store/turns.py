"""Write transactions that wait for the one thread at the same moment share a commit: one flush of the flash for all.

In:  works, each with whether it must outlive the power (`Database.run`) or not (`note`).
Out: each caller's own result, told after the commit that holds it. A work that fails is rolled back alone, to its
savepoint. When the transaction itself is lost (disk full, a refused commit), everybody in it is told so: nothing of it
stands, and nothing is done again by itself.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from gateway.store.refusing import store_error

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class _Turn(Generic[T]):
    """One caller's work, and what came of it."""

    def __init__(self, work: Work[T], *, lasting: bool) -> None:
        self.lasting = lasting
        self.answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work = work
        self._tell: Callable[[], None] | None = None
        self._is_refused = False

    def do(self, connection: sqlite3.Connection) -> None:
        """On the store's thread."""
        self._tell = partial(self.answer.set_result, self._work(connection))

    def refuse(self, path: Path, error: BaseException) -> None:
        """The first reason stands: what comes after it is what came of it."""
        if not self._is_refused:
            told = _told(path, error)
            self._tell, self._is_refused = partial(self.answer.set_exception, told), True

    def tell(self) -> None:
        """On the loop."""
        if self._tell is not None and not self.answer.done():  # done: its caller was cancelled; the work stands
            self._tell()


class Turns:
    """Who waits to write, in call order."""

    def __init__(self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._path = path
        self._connection = connection
        self._thread = thread
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Any]] = []

    async def take(self, work: Work[T], *, lasting: bool) -> T:
        """Do the work in the next transaction; what it returned, once that is committed."""
        turn = _Turn(work, lasting=lasting)
        with self._lock:
            is_first = not self._waiting
            self._waiting.append(turn)
        if is_first:  # the others are taken along with it
            self._thread.submit(self._take_all, asyncio.get_running_loop())
        return await turn.answer

    def _take_all(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            turns, self._waiting = self._waiting, []
        try:
            with transaction(self._connection, "BEGIN IMMEDIATE", lasting=any(turn.lasting for turn in turns)):
                self._do(turns)
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            for turn in turns:
                turn.refuse(self._path, error)
        loop.call_soon_threadsafe(_tell, turns)

    def _do(self, turns: Sequence[_Turn[Any]]) -> None:
        if len(turns) == 1:
            turns[0].do(self._connection)
            return
        for turn in turns:
            self._connection.execute("SAVEPOINT turn")
            try:
                turn.do(self._connection)
            except BaseException as error:
                turn.refuse(self._path, error)
                if not self._connection.in_transaction:  # SQLite ended it itself, for all
                    raise
                self._connection.execute("ROLLBACK TO turn")
            self._connection.execute("RELEASE turn")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str, *, lasting: bool = True) -> Iterator[None]:
    """Committed at the end, rolled back on any exception. Not `lasting`: in WAL that is no fsync at COMMIT, and never a
    damaged file."""
    if not lasting:
        connection.execute("PRAGMA synchronous = NORMAL")
    try:
        connection.execute(begin)
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite ends the transaction itself on some errors (disk full); what it says now would hide the first error
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
    finally:
        if not lasting:
            connection.execute("PRAGMA synchronous = FULL")


def _tell(turns: Sequence[_Turn[Any]]) -> None:
    for turn in turns:
        turn.tell()


def _told(path: Path, error: BaseException) -> BaseException:
    if not isinstance(error, sqlite3.Error):
        return error
    told = store_error(path, error)
    told.__cause__ = error
    return told
