"""The schema: numbered SQL files, forward only; `user_version` is the number of the last one that stands."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from importlib import resources

Migrations = Sequence[tuple[int, str]]
"""Number and SQL, in order."""


def migrate(connection: sqlite3.Connection, migrations: Migrations) -> None:
    """Bring the schema up to the last of numbered migrations; each stands whole or not at all."""
    for number, sql in migrations:
        if version(connection) >= number:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version(connection) < number:  # asked again: another process may have been first
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


def version(connection: sqlite3.Connection) -> int:
    """The number of the last migration that stands; 0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def shipped() -> Migrations:
    """Those of this program."""
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
