"""Migrations on a true file: in order, once, whole or not at all; and the shipped ones with rows in them."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.migrate import migrate, shipped

FIRST = (1, "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);")
SECOND = (
    2,
    """-- a trigger holds semicolons; so does this text: ;
    CREATE TABLE b (a_id INTEGER REFERENCES a (id), word TEXT DEFAULT ';');
    CREATE TRIGGER t BEFORE UPDATE ON b BEGIN SELECT RAISE(ABORT, 'no; never'); END;
    INSERT INTO b (a_id) VALUES (1);""",
)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(tmp_path / "plain.sqlite", isolation_level=None)) as connection:
        yield connection


def test_migrations_run_in_order_and_once(plain: sqlite3.Connection) -> None:
    migrate(plain, [FIRST])
    migrate(plain, [FIRST, SECOND])
    migrate(plain, [FIRST, SECOND])
    assert plain.execute("PRAGMA user_version").fetchone() == (2,)
    assert plain.execute("SELECT a_id, word FROM b").fetchall() == [(1, ";")]


@pytest.mark.parametrize(
    "broken",
    [
        "CREATE TABLE c (x); CREATE TABLE c (x);",
        "CREATE TABLE c (x); nonsense",
        "CREATE TABLE c (a_id INTEGER REFERENCES a (id)); INSERT INTO c VALUES (99);",
    ],
)
def test_broken_migration_leaves_the_schema_before_it(plain: sqlite3.Connection, broken: str) -> None:
    with pytest.raises(sqlite3.Error):
        migrate(plain, [FIRST, (2, broken)])
    assert plain.execute("PRAGMA user_version").fetchone() == (1,)
    assert plain.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
    assert not plain.in_transaction


def test_shipped_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in shipped()] == list(range(1, len(shipped()) + 1))


def test_rows_of_the_oldest_schema_outlive_all_migrations(plain: sqlite3.Connection) -> None:
    migrate(plain, shipped()[:1])
    plain.execute("INSERT INTO meta VALUES ('a', 'b')")
    plain.execute("INSERT INTO day_figures VALUES ('2027-03-31', 46, 61, 112, 3600, 1, 2, 311, 1806516000)")
    plain.execute("INSERT INTO clients (id, mac, last_seen_at) VALUES (1, '02:00:5e:10:00:01', 1806516000)")
    migrate(plain, shipped())
    assert plain.execute("SELECT value FROM meta WHERE key = 'a'").fetchone() == ("b",)
    assert plain.execute("SELECT visits FROM day_figures").fetchone() == (46,)
    assert plain.execute("SELECT COUNT(*) FROM clients").fetchone() == (1,)
