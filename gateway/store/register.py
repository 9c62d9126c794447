"""The register of facts: what was typed in or imported."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import islice

from gateway.facts.fact import Fact
from gateway.facts.kinds import KINDS
from gateway.facts.lines import body_of
from gateway.facts.session import ToldSession, session_fact
from gateway.facts.site import Readings
from gateway.ports_facts import Entry, Span, Taken, Telling
from gateway.store.anonymous import forget_whose, keep_counted
from gateway.store.db import Database
from gateway.store.told_sessions import SESSION, put_sessions, readings_between, sessions_between
from gateway.store.told_trouble import conflict
from gateway.units import epoch_s, from_epoch_s

_BATCH = 5000


class SqliteRegister:
    """The FactRegister port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, facts: Iterable[Fact], telling: Telling, progress: Callable[[int], None] = lambda told: None
    ) -> Taken:
        """See FactRegister. The facts are read within the transaction, on the store's thread."""
        return await self._database.run(lambda sql: _take(sql, facts, telling, progress))

    async def amend(self, facts: Sequence[Fact], telling: Telling) -> Taken:
        """See FactRegister."""

        def work(sql: sqlite3.Connection) -> Taken:
            return _take(sql, [one for fact in facts if (one := _next(sql, fact))], telling, lambda told: None)

        return await self._database.run(work)

    async def standing(self, kinds: Collection[str], span: Span | None = None, site: str | None = None) -> list[Fact]:
        """See FactRegister."""
        return await self._database.read(lambda sql: _standing(sql, kinds, span, site))

    async def sessions(self, site: str, span: Span) -> list[ToldSession]:
        """See FactRegister."""
        return await self._database.read(lambda sql: list(sessions_between(sql, site, span)))

    async def readings(self, site: str, span: Span) -> Readings:
        """See FactRegister."""
        return await self._database.read(lambda sql: readings_between(sql, site, span))

    async def history(self, kind: str, site: str, key: str) -> list[Entry]:
        """See FactRegister."""
        find = """
        SELECT f.*, t.told_at, t.author, t.source FROM facts f JOIN tellings t ON t.id = f.telling_id
        WHERE f.kind = :kind AND f.site = :site AND f.key = :key ORDER BY f.rev
        """
        values = {"kind": kind, "site": site, "key": key}
        rows = await self._database.read(lambda sql: sql.execute(find, values).fetchall())
        return [Entry(_fact(row), Telling(from_epoch_s(row["told_at"]), row["author"], row["source"])) for row in rows]

    async def sites(self) -> list[str]:
        """See FactRegister."""
        find = (
            "SELECT DISTINCT site FROM facts WHERE site <> '' UNION SELECT DISTINCT site FROM told_sessions ORDER BY 1"
        )
        return [row["site"] for row in await self._database.read(lambda sql: sql.execute(find).fetchall())]

    async def each(self, span: Span | None, heard: Callable[[Fact], None]) -> None:
        """See FactRegister. `heard` runs on the store's thread."""

        def work(sql: sqlite3.Connection) -> None:
            for fact in _standing(sql, KINDS, span, None):
                heard(fact)
            for row in sql.execute("SELECT DISTINCT site FROM told_sessions ORDER BY site").fetchall():
                for session in sessions_between(sql, row["site"], span):
                    heard(session_fact(session, row["site"]))

        await self._database.read(work)

    async def forget(self, site: str, before: datetime, zone: timezone, telling: Telling) -> int:
        """See FactRegister."""

        def work(sql: sqlite3.Connection) -> int:
            number = _begin(sql, telling)
            kept = keep_counted(sql, site, before, zone, number)
            lost = forget_whose(sql, before, zone, number)
            old = {"views": epoch_s(before), "blocked": epoch_s(before - _BLOCKED), "rest": epoch_s(before - _REST)}
            gone = sql.execute(
                """DELETE FROM facts WHERE (kind, site, key) IN (
                     SELECT kind, site, key FROM facts f
                     WHERE (last_at < :rest OR (kind = 'blocked' AND last_at < :blocked)
                            OR (kind = 'view' AND last_at < :views))
                       AND rev = (SELECT MAX(rev) FROM facts g
                                  WHERE g.kind = f.kind AND g.site = f.site AND g.key = f.key))""",
                old,
            ).rowcount
            gone += sql.execute("DELETE FROM told_sessions WHERE stop_at < :rest", old).rowcount
            sql.execute("DELETE FROM told_readings WHERE at < :rest", old)
            sql.execute(
                """DELETE FROM tellings WHERE told_at < :rest
                     AND id NOT IN (SELECT telling_id FROM facts UNION SELECT telling_id FROM told_sessions)""",
                old,
            )
            if not (kept or lost or gone):
                sql.execute("DELETE FROM tellings WHERE id = :id", {"id": number})
            return lost

        return await self._database.run(work)


_BLOCKED, _REST = timedelta(days=3 * 366 - 90), timedelta(days=10 * 366 - 90)
"""Terms of 3 and 10 years, beyond the 90 days after which `forget` is asked."""


def _take(sql: sqlite3.Connection, facts: Iterable[Fact], telling: Telling, progress: Callable[[int], None]) -> Taken:
    number = _begin(sql, telling)
    told = fresh = 0
    for batch in _batches(facts):
        fresh += put_sessions(sql, [one for one in batch if one.kind.name == SESSION], number)
        fresh += _put(sql, [one for one in batch if one.kind.name != SESSION], number)
        told += len(batch)
        progress(told)
    sql.execute(
        "UPDATE tellings SET told = :told, fresh = :fresh WHERE id = :id", {"told": told, "fresh": fresh, "id": number}
    )
    return Taken(told, fresh)


def _begin(sql: sqlite3.Connection, telling: Telling) -> int:
    values = {"at": epoch_s(telling.at), "author": telling.author, "source": telling.source}
    made = sql.execute("INSERT INTO tellings (told_at, author, source) VALUES (:at, :author, :source)", values)
    return made.lastrowid or 0


def _batches(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    rest = iter(facts)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _put(sql: sqlite3.Connection, facts: Sequence[Fact], telling: int) -> int:
    """How many were new; a known one with other values is refused."""
    add = """
    INSERT INTO facts (kind, site, key, rev, void, first_at, last_at, body, telling_id)
    VALUES (:kind, :site, :key, :rev, :void, :first, :last, :body, :telling) ON CONFLICT DO NOTHING
    """
    find = "SELECT void, body FROM facts WHERE kind = :kind AND site = :site AND key = :key AND rev = :rev"
    fresh = 0
    for fact in facts:
        first, last = fact.span_s()
        body = body_of(fact)
        key = {"kind": fact.kind.name, "site": fact.site, "key": fact.key, "rev": fact.rev}
        row = {**key, "void": int(fact.void), "first": first, "last": last, "body": body, "telling": telling}
        if sql.execute(add, row).rowcount:
            fresh += 1
            continue
        known = sql.execute(find, key).fetchone()
        if known["body"] != body or known["void"] != int(fact.void):
            raise conflict(fact, known["body"])
    return fresh


def _next(sql: sqlite3.Connection, fact: Fact) -> Fact | None:
    """The fact as the next revision of its key; None when it stands already as it is."""
    find = "SELECT * FROM facts WHERE kind = :kind AND site = :site AND key = :key ORDER BY rev DESC LIMIT 1"
    row = sql.execute(find, {"kind": fact.kind.name, "site": fact.site, "key": fact.key}).fetchone()
    if row is None:
        return fact
    if row["body"] == body_of(fact) and row["void"] == int(fact.void):
        return None
    return replace(fact, rev=row["rev"] + 1)


def _standing(sql: sqlite3.Connection, kinds: Collection[str], span: Span | None, site: str | None) -> list[Fact]:
    find = """
    SELECT * FROM facts f
    WHERE kind = :kind AND void = 0 AND (:site IS NULL OR site IN (:site, ''))
      AND (:end IS NULL OR first_at IS NULL OR first_at < :end)
      AND (:begin IS NULL OR last_at IS NULL OR last_at >= :begin)
      AND rev = (SELECT MAX(rev) FROM facts g WHERE g.kind = f.kind AND g.site = f.site AND g.key = f.key)
    ORDER BY site, key
    """
    begin, end = (epoch_s(span[0]), epoch_s(span[1])) if span else (None, None)
    told: list[Fact] = []
    for kind in KINDS:
        if kind in kinds and kind != SESSION:
            values = {"kind": kind, "site": site, "begin": begin, "end": end}
            told += [_fact(row) for row in sql.execute(find, values)]
    return told


def _fact(row: sqlite3.Row) -> Fact:
    return Fact(KINDS[row["kind"]], row["site"], json.loads(row["body"]), row["rev"], bool(row["void"]))
