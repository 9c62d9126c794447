"""The database on a true file: transactions, migrations, and what an operator is told when the disk fails him."""

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from gateway.errors import StoreError
from gateway.store.db import Database, open_reader, require_file
from gateway.store.migrate import shipped

INSERT = "INSERT INTO meta (key, value) VALUES (:key, 'x')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "cong.sqlite"


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    database = await Database.open(path)
    try:
        yield database
    finally:
        await database.close()


def keys(connection: sqlite3.Connection) -> list[str]:
    return [row["key"] for row in connection.execute("SELECT key FROM meta ORDER BY key")]


async def execute(database: Database, sql: str) -> None:
    await database.run(lambda connection: connection.execute(sql).fetchall())


async def put(database: Database, key: str) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, {"key": key})

    await database.run(work)


async def test_first_opening_makes_directory_file_and_schema(path: Path) -> None:
    async with opened(path) as database:

        def settings(connection: sqlite3.Connection) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version")
            return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

        assert await database.read(settings) == ["wal", 2, 1, 5000, shipped()[-1][0]]
    assert path.stat().st_mode & 0o007 == 0, "personal data is not for everyone"


async def test_second_opening_finds_what_the_first_stored(path: Path) -> None:
    async with opened(path) as database:
        await put(database, "a")
    async with opened(path) as database:
        assert await database.read(keys) == ["a"]


async def test_two_processes_opening_a_new_file_at_once_both_succeed(path: Path) -> None:
    first, second = await asyncio.gather(Database.open(path), Database.open(path))
    await asyncio.gather(put(first, "a"), put(second, "b"))
    assert await first.read(keys) == await second.read(keys) == ["a", "b"]
    await asyncio.gather(first.close(), second.close())


async def test_work_that_fails_is_rolled_back_and_the_next_goes_on(path: Path) -> None:
    async with opened(path) as database:

        def fails(connection: sqlite3.Connection) -> None:
            connection.execute(INSERT, {"key": "half"})
            raise LookupError("no")

        with pytest.raises(LookupError):
            await database.run(fails)
        await put(database, "a")
        assert await database.read(keys) == ["a"]


async def test_sql_error_becomes_a_store_error_with_a_hint(path: Path) -> None:
    async with opened(path) as database:
        await put(database, "a")
        with pytest.raises(StoreError, match="UNIQUE constraint") as caught:
            await put(database, "a")
        assert caught.value.hint
        assert caught.value.where == str(path)
        with pytest.raises(StoreError, match="no such table"):
            await database.run(lambda connection: connection.execute("SELECT * FROM absent"))


async def test_reading_can_not_write(path: Path) -> None:
    async with opened(path) as database:
        with pytest.raises(StoreError, match="can't be written"):
            await database.read(lambda connection: connection.execute(INSERT, {"key": "a"}))
        await put(database, "b")
        assert await database.read(keys) == ["b"]


async def test_references_are_enforced_but_where_asked_not_to(path: Path) -> None:
    dangling = "INSERT INTO consents VALUES (1, 'v', 0)"
    async with opened(path) as database:
        await database.run_without_cascades(lambda connection: connection.execute(dangling).rowcount)
        await database.run(lambda connection: connection.execute("DELETE FROM consents").rowcount)
        with pytest.raises(StoreError, match="FOREIGN KEY"):
            await execute(database, dangling)


async def test_full_disk_is_said_plainly_and_stores_nothing_of_the_transaction(path: Path) -> None:
    async with opened(path) as database:

        def fill(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # SQLite's own limit: the same error as a full disk
            connection.execute(INSERT, {"key": "small"})
            connection.execute(INSERT, {"key": "x" * 100_000})

        with pytest.raises(StoreError) as caught:
            await database.run(fill)
        assert caught.value.message == "database or disk is full"
        assert "free space" in caught.value.hint
        await execute(database, "PRAGMA max_page_count = 100000")
        await put(database, "after")
        assert await database.read(keys) == ["after"]


@pytest.mark.parametrize("content", [b"no database at all, but a letter of some length\n" * 40, b"\0" * 4096])
async def test_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database") as caught:
        await Database.open(path)
    assert "backup" in caught.value.hint
    assert path.read_bytes() == content, "it is left as evidence"


async def test_damaged_database(path: Path) -> None:
    async with opened(path) as database:
        await put(database, "a")
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="damaged"):
        async with opened(path) as database:
            await database.read(keys)


async def test_database_of_a_newer_program_is_not_touched(path: Path) -> None:
    async with opened(path) as database:
        await execute(database, "PRAGMA user_version = 9999")
    with pytest.raises(StoreError, match="version 9999") as caught:
        await Database.open(path)
    assert "newer program" in caught.value.hint


async def test_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made"):
        await Database.open(tmp_path / "file" / "cong.sqlite")
    with pytest.raises(StoreError, match="can't be opened"):
        await Database.open(tmp_path)


async def test_lock_of_another_program_is_named(path: Path) -> None:
    async with opened(path) as database:
        await execute(database, "PRAGMA busy_timeout = 0")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            await put(database, "a")
        other.execute("ROLLBACK")
        other.close()
        await put(database, "b")


async def test_cancelled_await_leaves_no_transaction_open(path: Path) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    async with opened(path) as database:

        def slow(connection: sqlite3.Connection) -> None:
            connection.execute(INSERT, {"key": "slow"})
            loop.call_soon_threadsafe(begun.set)
            assert go_on.wait(10)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(database.run(slow))
            await begun.wait()
            task.cancel()
        go_on.set()
        await put(database, "next")
        assert await database.read(keys) == ["next", "slow"], "the transaction ended as a whole"


async def test_error_after_the_await_was_cancelled_disturbs_nobody(path: Path) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    async with opened(path) as database:

        def fails(connection: sqlite3.Connection) -> None:
            loop.call_soon_threadsafe(begun.set)
            assert go_on.wait(10)
            connection.execute("no SQL")

        async with asyncio.TaskGroup() as group:
            task = group.create_task(database.run(fails))
            await begun.wait()
            task.cancel()
        go_on.set()
        await put(database, "next")


async def test_many_tasks_take_turns(path: Path) -> None:
    async with opened(path) as database:

        def count(connection: sqlite3.Connection) -> None:
            row = connection.execute("SELECT value FROM meta WHERE key = 'n'").fetchone()
            number = 0 if row is None else int(row["value"])
            connection.execute("REPLACE INTO meta VALUES ('n', :value)", {"value": str(number + 1)})

        async with asyncio.TaskGroup() as group:
            for _ in range(50):
                group.create_task(database.run(count))
        row = await database.read(lambda connection: connection.execute("SELECT value FROM meta").fetchone())
        assert row["value"] == "50"


Doing = Callable[[sqlite3.Connection], object]


async def together(database: Database, *works: Doing, noted: Sequence[Doing] = ()) -> list[object]:
    """What became of works that waited for the store at the same time."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)

    async with asyncio.TaskGroup() as group:
        group.create_task(database.run(slow))
        await begun.wait()
        asking = [*(database.run(work) for work in works), *(database.note(work) for work in noted)]
        asked = asyncio.gather(*asking, return_exceptions=True)
        await asyncio.sleep(0)  # they have asked
        go_on.set()
        return await asked


def putting(key: str) -> Callable[[sqlite3.Connection], str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute(INSERT, {"key": key})
        return key

    return work


async def test_works_that_wait_at_once_share_a_commit_and_none_sees_anothers_failure(path: Path) -> None:
    commits: list[str] = []

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    async with opened(path) as database:
        await database.run(trace)
        commits.clear()
        came = await together(database, putting("a"), putting("a"), putting("b"))
        assert (came[0], came[2]) == ("a", "b")
        assert isinstance(came[1], StoreError)
        assert "UNIQUE constraint" in came[1].message
        assert await database.read(keys) == ["a", "b"]
        assert len(commits) == 3, "the one before, theirs, and the reading's"


async def test_what_a_failed_work_wrote_is_taken_back_alone(path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, {"key": "half"})
        raise LookupError("no")

    async with opened(path) as database:
        came = await together(database, putting("a"), half, putting("b"))
        assert isinstance(came[1], LookupError)
        assert await database.read(keys) == ["a", "b"]


async def test_a_lost_transaction_is_told_to_everybody_in_it(path: Path) -> None:
    def lose(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")  # as SQLite does itself on some errors
        raise sqlite3.OperationalError("lost")

    async with opened(path) as database:
        came = await together(database, putting("a"), lose, putting("b"))
        assert [type(each) for each in came] == [StoreError] * 3
        assert await database.read(keys) == []
        assert await together(database, putting("a"), putting("b")) == ["a", "b"]


async def test_a_shared_commit_is_refused_to_everybody(path: Path) -> None:
    def dangling(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")  # the commit is what fails
        connection.execute("INSERT INTO consents VALUES (1, 'v', 0)")

    async with opened(path) as database:
        came = await together(database, putting("a"), dangling)
        assert [type(each) for each in came] == [StoreError] * 2
        assert await database.read(keys) == []


async def test_a_note_beside_a_lasting_work_is_on_flash_with_it(path: Path) -> None:
    def level(connection: sqlite3.Connection) -> object:
        return connection.execute("PRAGMA synchronous").fetchone()[0]

    async with opened(path) as database:
        assert await together(database, noted=[level, level]) == [1, 1]  # NORMAL
        assert await together(database, putting("a"), noted=[level]) == ["a", 2]  # FULL


async def test_a_glance_waits_for_no_writer_and_sees_what_is_committed(path: Path) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    find = "SELECT key FROM meta WHERE key = :key"

    def slow(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, {"key": "slow"})
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)

    async with opened(path) as database:
        await put(database, "a")
        async with asyncio.TaskGroup() as group:
            group.create_task(database.run(slow))
            await begun.wait()
            assert [row["key"] for row in await database.glance(find, {"key": "a"})] == ["a"]
            assert await database.glance(find, {"key": "slow"}) == []
            go_on.set()
        assert len(await database.glance(find, {"key": "slow"})) == 1
        with pytest.raises(StoreError, match="no such table"):
            await database.glance("SELECT * FROM absent", {})
        with pytest.raises(StoreError, match="can't be written"):
            await database.glance(INSERT, {"key": "b"})
    with pytest.raises(StoreError, match="closed"):
        await database.glance(find, {"key": "a"})


async def test_closing_finishes_what_was_asked_and_ends_for_good(path: Path) -> None:
    database = await Database.open(path)
    async with asyncio.TaskGroup() as group:
        group.create_task(put(database, "a"))
        await asyncio.sleep(0)  # its turn comes: it has asked
        await database.close()
    await database.close()
    with pytest.raises(StoreError, match="closed"):
        await put(database, "b")
    with open_reader(path) as connection:
        assert keys(connection) == ["a"]


WRITER = """
import asyncio, sys, threading
from pathlib import Path
from gateway.store.db import Database

def work(connection):
    connection.execute("INSERT INTO meta VALUES ('half', 'x')")
    print("in the middle", flush=True)
    threading.Event().wait()

async def main():
    database = await Database.open(Path(sys.argv[1]))
    await database.run(lambda connection: connection.execute("INSERT INTO meta VALUES ('whole', 'x')") and None)
    await database.run(work)

asyncio.run(main())
"""


def test_killed_in_the_middle_of_a_transaction_keeps_the_whole_ones(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    with open_reader(path) as connection:
        assert keys(connection) == ["whole"]


async def test_reader_sees_one_moment_while_the_writer_goes_on(path: Path) -> None:
    async with opened(path) as database:
        await put(database, "a")
        with open_reader(path) as connection:
            assert keys(connection) == ["a"]
            await put(database, "b")
            assert keys(connection) == ["a"]
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                connection.execute(INSERT, {"key": "c"})


def test_reader_tells_a_missing_foreign_or_old_file(path: Path) -> None:
    with pytest.raises(StoreError, match="no database"), open_reader(path):
        pass
    with pytest.raises(StoreError, match="no database"):
        require_file(path)
    path.parent.mkdir()
    path.write_bytes(b"a letter" * 1000)
    with pytest.raises(StoreError, match="not a database"), open_reader(path):
        pass
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as made:
        made.execute("VACUUM")
    with pytest.raises(StoreError, match="older version"), open_reader(path):
        pass


async def test_a_note_is_seen_at_once_and_leaves_the_next_transaction_durable(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "cong.sqlite")

    def level(sql: sqlite3.Connection) -> int:
        return int(sql.execute("PRAGMA synchronous").fetchone()[0])

    def broken(sql: sqlite3.Connection) -> None:
        sql.execute("INSERT INTO meta VALUES ('a', '2')")
        raise ZeroDivisionError

    try:
        await database.note(lambda sql: sql.execute("INSERT INTO meta VALUES ('note', '1')"))
        with pytest.raises(ZeroDivisionError):
            await database.note(broken)
        assert await database.run(level) == 2  # FULL
        with open_reader(tmp_path / "cong.sqlite") as other:
            found = other.execute("SELECT key FROM meta WHERE key IN ('note', 'a')").fetchall()
        assert [row["key"] for row in found] == ["note"]
    finally:
        await database.close()
