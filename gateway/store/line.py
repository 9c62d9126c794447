"""The log of the line, and the spells that are made of it (port: gateway.ports_line.LineLog)."""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from gateway.ports_line import Beat, ToldSpell
from gateway.service.line import EVERY, Evidence, Kind, Round, Spell, evidence_of, is_failure, is_kept, spells
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_SETTLED = "line_settled_to"
"""Key of `meta`: the last round whose spell is stored."""
_SETTLES = timedelta(days=1)


class SqliteLine:
    """The ports LineLog and LineStory over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, one: Round, beat: Beat) -> None:
        """See LineLog."""
        await self._database.run(lambda sql: _note(sql, one, beat))

    async def spells(self, begin: datetime, end: datetime, now: datetime) -> list[ToldSpell]:
        """See LineStory."""
        return await self._database.read(lambda sql: told_spells(sql, epoch_s(begin), epoch_s(end), now))

    async def log(self, begin: datetime) -> str | None:
        """See LineStory."""
        return await self._database.read(lambda sql: _log(sql, epoch_s(begin)))


def _note(sql: sqlite3.Connection, one: Round, beat: Beat) -> None:
    last = sql.execute("SELECT * FROM line_rounds ORDER BY id DESC LIMIT 1").fetchone()
    if not is_kept(one, _round(last) if last else None):
        return
    sql.execute(
        """INSERT INTO line_rounds (at, boot_id, provisional, carrier, first_hop, at_home, abroad, failed)
           VALUES (:at, :boot, :provisional, :carrier, :hop, :home, :abroad, :failed)""",
        {
            "at": epoch_s(one.at),
            "boot": beat.boot_id,
            "provisional": int(not beat.is_right),
            "carrier": int(one.carrier),
            "hop": int(one.first_hop),
            "home": _digits(one.at_home),
            "abroad": _digits(one.abroad),
            "failed": int(is_failure(one)),
        },
    )


def told_spells(sql: sqlite3.Connection, begin_s: int, end_s: int, now: datetime) -> list[ToldSpell]:
    """Spells that touch a span, with their evidence: stored ones, and those made of rounds the night has not settled.

    One goes on while its last round failed and another would have come by now.
    """
    find = "SELECT * FROM line_spells WHERE begin_at < :end AND end_at > :begin ORDER BY begin_at"
    told = [_stored(row) for row in sql.execute(find, {"begin": begin_s, "end": end_s})]
    rounds = _rounds(sql, _settled(sql))
    runs = _with_evidence(rounds)
    for n, (spell, evidence) in enumerate(runs):
        is_last = n == len(runs) - 1 and spell.stop == rounds[-1].at and is_failure(rounds[-1])
        goes_on = is_last and timedelta(0) <= now - spell.stop <= 2 * EVERY + timedelta(seconds=10)
        if epoch_s(spell.start) < end_s and epoch_s(spell.stop) > begin_s:
            told.append(ToldSpell(spell, evidence, evidence.sha256, goes_on))
    return told


def _log(sql: sqlite3.Connection, begin_s: int) -> str | None:
    row = sql.execute("SELECT end_at FROM line_spells WHERE begin_at = :begin", {"begin": begin_s}).fetchone()
    rounds = _rounds(sql, 0 if row else _settled(sql))
    if row:
        rounds = [one for one in rounds if begin_s <= epoch_s(one.at) <= row["end_at"]]
    logs = (evidence.log for spell, evidence in _with_evidence(rounds) if epoch_s(spell.start) == begin_s)
    return next(logs, None)


def settle(sql: sqlite3.Connection, now: datetime) -> int:
    """Store the spells that have been over for a day; how many. Done twice is done once."""
    rounds = _rounds(sql, _settled(sql))
    over = [one for one in rounds if one.at < now - _SETTLES]
    # up to the last success before: a run that goes on is not cut in two
    while over and is_failure(over[-1]) and len(over) < len(rounds) and _follows(over[-1], rounds[len(over)]):
        over.pop()
    if not over:
        return 0
    add = """
    INSERT INTO line_spells VALUES (:begin, :end, :kind, :rounds, :asked, :unanswered, :sha256) ON CONFLICT DO NOTHING
    """
    told = _with_evidence(over)
    for spell, evidence in told:
        values = {"begin": epoch_s(spell.start), "end": epoch_s(spell.stop), "kind": spell.kind}
        counts = {"rounds": evidence.failed_rounds, "asked": evidence.asked, "unanswered": evidence.unanswered}
        sql.execute(add, {**values, **counts, "sha256": evidence.sha256})
    last = sql.execute(
        "SELECT MAX(id) AS id FROM line_rounds WHERE at <= :at AND id > :settled",
        {"at": epoch_s(over[-1].at), "settled": _settled(sql)},
    ).fetchone()
    sql.execute("INSERT OR REPLACE INTO meta VALUES (:key, :value)", {"key": _SETTLED, "value": str(last["id"])})
    return len(told)


def _follows(one: Round, after: Round) -> bool:
    return after.at - one.at <= 2 * EVERY


def _with_evidence(rounds: Sequence[Round]) -> list[tuple[Spell, Evidence]]:
    times = [one.at for one in rounds]  # in order, so that a spell's own are found without walking all of them
    return [
        (spell, evidence_of(spell, rounds[bisect_left(times, spell.start) : bisect_right(times, spell.stop)]))
        for spell in spells(rounds)
    ]


def _rounds(sql: sqlite3.Connection, after: int) -> list[Round]:
    found: Iterable[sqlite3.Row] = sql.execute(
        "SELECT * FROM line_rounds WHERE id > :after ORDER BY at, id", {"after": after}
    )
    return [_round(row) for row in found]


def _settled(sql: sqlite3.Connection) -> int:
    row = sql.execute("SELECT value FROM meta WHERE key = :key", {"key": _SETTLED}).fetchone()
    return int(row["value"]) if row else 0


def _stored(row: sqlite3.Row) -> ToldSpell:
    spell = Spell(Kind(row["kind"]), from_epoch_s(row["begin_at"]), from_epoch_s(row["end_at"]))
    return ToldSpell(spell, Evidence(row["rounds"], row["asked"], row["unanswered"], ""), row["log_sha256"])


def _round(row: sqlite3.Row) -> Round:
    return Round(
        from_epoch_s(row["at"]),
        bool(row["carrier"]),
        bool(row["first_hop"]),
        tuple(digit == "1" for digit in row["at_home"]),
        tuple(digit == "1" for digit in row["abroad"]),
    )


def _digits(answers: tuple[bool, ...]) -> str:
    return "".join("1" if answer else "0" for answer in answers)
