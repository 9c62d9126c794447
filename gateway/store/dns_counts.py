"""The filter's sums (port: gateway.ports_dns.DnsCountStore)."""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime

from gateway.ports_dns import DnsCounts, DnsSums
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_ADD_SUMS = """
INSERT INTO dns_hours (hour_at, profile, questions, refused, cached, forwarded, stale, failed, limited)
VALUES (:hour, :profile, :questions, :refused, :cached, :forwarded, :stale, :failed, :limited)
ON CONFLICT (hour_at, profile) DO UPDATE SET
  questions = questions + excluded.questions, refused = refused + excluded.refused, cached = cached + excluded.cached,
  forwarded = forwarded + excluded.forwarded, stale = stale + excluded.stale, failed = failed + excluded.failed,
  limited = limited + excluded.limited
"""
_ADD_REFUSALS = """
INSERT INTO refusals VALUES (:hour, :profile, :category, :count)
ON CONFLICT (hour_at, profile, category) DO UPDATE SET count = count + excluded.count
"""
_ADD_NAMES = """
INSERT INTO refused_names VALUES (:day, :category, :name, :count)
ON CONFLICT (day_on, category, name) DO UPDATE SET count = count + excluded.count
"""


class SqliteDnsCounts:
    """The DnsCountStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, at: datetime, day: date, counts: DnsCounts) -> None:
        """See DnsCountStore."""
        if counts.sums or counts.refusals or counts.names:
            hour_s = epoch_s(at) // 3600 * 3600
            await self._database.run(lambda sql: _add(sql, hour_s, day, counts))

    async def since(self, at: datetime) -> DnsCounts:
        """See DnsCountStore."""
        return await self._database.read(lambda sql: _since(sql, epoch_s(at)))

    async def refusals_between(self, begin: datetime, end: datetime) -> Sequence[tuple[datetime, str, int]]:
        """See DnsCountStore."""
        rows = await self._database.read(
            lambda sql: sql.execute(
                """SELECT hour_at, category, SUM(count) AS count FROM refusals
                   WHERE hour_at >= :begin AND hour_at < :end GROUP BY hour_at, category ORDER BY hour_at, category""",
                {"begin": epoch_s(begin), "end": epoch_s(end)},
            ).fetchall()
        )
        return [(from_epoch_s(row["hour_at"]), row["category"], row["count"]) for row in rows]

    async def top_names(self, first: date, most: int) -> Sequence[tuple[str, str, int]]:
        """See DnsCountStore."""
        rows = await self._database.read(
            lambda sql: sql.execute(
                """SELECT category, name, SUM(count) AS count FROM refused_names WHERE day_on >= :first
                   GROUP BY category, name ORDER BY SUM(count) DESC, name LIMIT :most""",
                {"first": first.isoformat(), "most": most},
            ).fetchall()
        )
        return [(row["category"], row["name"], row["count"]) for row in rows]


def _add(sql: sqlite3.Connection, hour_s: int, day: date, counts: DnsCounts) -> None:
    sql.executemany(
        _ADD_SUMS,
        [{"hour": hour_s, "profile": profile, **sums._asdict()} for profile, sums in counts.sums.items()],
    )
    sql.executemany(
        _ADD_REFUSALS,
        [
            {"hour": hour_s, "profile": profile, "category": category, "count": count}
            for (profile, category), count in counts.refusals.items()
        ],
    )
    sql.executemany(
        _ADD_NAMES,
        [
            {"day": day.isoformat(), "category": category, "name": name, "count": count}
            for (category, name), count in counts.names.items()
        ],
    )


def _since(sql: sqlite3.Connection, begin_s: int) -> DnsCounts:
    columns = ", ".join(f"SUM({column})" for column in DnsSums._fields)
    sums = sql.execute(
        f"SELECT profile, {columns} FROM dns_hours WHERE hour_at >= :begin GROUP BY profile", {"begin": begin_s}
    )
    refusals = sql.execute(
        """SELECT profile, category, SUM(count) AS count FROM refusals WHERE hour_at >= :begin
           GROUP BY profile, category ORDER BY SUM(count) DESC, category""",
        {"begin": begin_s},
    )
    return DnsCounts(
        {profile: DnsSums(*counted) for profile, *counted in sums},
        {(row["profile"], row["category"]): row["count"] for row in refusals},
    )
