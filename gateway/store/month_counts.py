"""Counted months in SQLite, and which do not hold any more (schema 0013: triggers note what each change touches)."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from gateway.accounting.rollup import Sums
from gateway.ports_counts import Stamp
from gateway.reports.figures import Counted
from gateway.reports.lock import next_month
from gateway.reports.month_counts import DayCounts, MonthCounts, touched_months
from gateway.reports.tables import PcRow
from gateway.service.hours import Cause, Service
from gateway.service.workstation import PcState
from gateway.store.db import Database
from gateway.units import from_epoch_s

_ALL_SITES, _OWN_SITE = "", " own"  # no site has a name like these
_EPOCH = date(1970, 1, 1)
_GENERATION = "counts_generation"
_COUNTED = tuple(one.name for one in fields(Counted))


class SqliteCounts:
    """The CountStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, stamp: Stamp) -> int:
        """See CountStore."""
        if await self._database.read(_is_touched):
            await self._database.run(lambda sql: _settle(sql, stamp))
        return await self._database.read(_generation)

    async def months(self, site: str, months: Sequence[date], stamp: Stamp) -> dict[date, MonthCounts]:
        """See CountStore."""
        if not months:
            return {}
        return await self._database.read(lambda sql: _months(sql, site, frozenset(months), stamp))

    async def keep(self, site: str, counts: Sequence[MonthCounts], stamp: Stamp, generation: int) -> bool:
        """See CountStore."""

        def work(sql: sqlite3.Connection) -> bool:
            if _generation(sql) != generation:
                return False
            marks = _marks(sql, stamp)
            held = [one for one in counts if not _reaches(marks, site, one.month)]
            for one in held:
                _forget(sql, site, one.month, one.month)
                _put(sql, site, one, stamp)
            return len(held) == len(counts)

        return await self._database.run(work)

    async def extent(self, site: str, stamp: Stamp) -> tuple[datetime, datetime] | None:
        """See CountStore."""
        row = await self._database.read(
            lambda sql: sql.execute(_EXTENT, {"site": site, "own": int(site == stamp.live_site)}).fetchone()
        )
        return None if row["begin"] is None else (from_epoch_s(row["begin"]), from_epoch_s(row["end"]))

    async def drop(self) -> None:
        """See CountStore."""

        def work(sql: sqlite3.Connection) -> None:
            sql.execute("DELETE FROM day_counts")
            sql.execute("DELETE FROM month_counts")
            _next_generation(sql)

        await self._database.run(work)


_EXTENT = """
SELECT MIN(begin) AS begin, MAX(end) AS end FROM (
  SELECT MIN(start_at) AS begin, MAX(start_at) AS end FROM told_sessions WHERE site = :site
  UNION ALL SELECT MIN(first_at), MAX(first_at) FROM facts WHERE site = :site AND kind = 'heartbeat'
  UNION ALL SELECT MIN(first_at), MAX(first_at) FROM facts WHERE site = :site AND kind = 'blocked'
  UNION ALL SELECT MIN(first_at), MAX(first_at) FROM facts WHERE site = :site AND kind = 'door'
  UNION ALL SELECT MIN(opened_at), MAX(opened_at) FROM sessions WHERE :own
  UNION ALL SELECT MIN(started_at), MAX(alive_at) FROM starts WHERE :own
)
"""


def _is_touched(sql: sqlite3.Connection) -> bool:
    return sql.execute("SELECT 1 FROM touched LIMIT 1").fetchone() is not None


def _generation(sql: sqlite3.Connection) -> int:
    row = sql.execute("SELECT value FROM meta WHERE key = :key", {"key": _GENERATION}).fetchone()
    return int(row["value"]) if row else 0


def _next_generation(sql: sqlite3.Connection) -> None:
    put = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = :value"
    sql.execute(put, {"key": _GENERATION, "value": str(_generation(sql) + 1)})


_Marks = dict[str | None, list[tuple[date, date]]]
"""Months that were touched, by site; None: of all sites."""


def _settle(sql: sqlite3.Connection, stamp: Stamp) -> None:
    for site, each in _marks(sql, stamp).items():
        for first, last in each:
            _forget(sql, site, first, last)
    sql.execute("DELETE FROM touched")
    _next_generation(sql)


def _marks(sql: sqlite3.Connection, stamp: Stamp) -> _Marks:
    marks: _Marks = {}
    for row in sql.execute("SELECT * FROM touched ORDER BY site, first_day, last_day"):
        months = touched_months(_day(row["first_day"]), _day(row["last_day"]))
        marked = row["site"]
        site = None if marked == _ALL_SITES else stamp.live_site if marked == _OWN_SITE else marked
        known = marks.setdefault(site, [])
        if known and known[-1][0] <= months[0] <= known[-1][1]:
            known[-1] = known[-1][0], max(known[-1][1], months[1])
        else:
            known.append(months)
    return marks


def _reaches(marks: _Marks, site: str, month: date) -> bool:
    return any(first <= month <= last for first, last in [*marks.get(site, ()), *marks.get(None, ())])


def _day(number: int) -> date:
    first, last = (date.min - _EPOCH).days, (date.max - _EPOCH).days
    return _EPOCH + timedelta(days=min(max(number, first), last))


def _forget(sql: sqlite3.Connection, site: str | None, first: date, last: date) -> None:
    end = next_month(last) if last < date.max.replace(day=1) else date.max
    span = {"site": site, "first": first.isoformat(), "last": last.isoformat(), "end": end.isoformat()}
    if site is None:
        sql.execute("DELETE FROM month_counts WHERE month_on BETWEEN :first AND :last", span)
        sql.execute("DELETE FROM day_counts WHERE day_on >= :first AND day_on < :end", span)
        return
    sql.execute("DELETE FROM month_counts WHERE site = :site AND month_on BETWEEN :first AND :last", span)
    sql.execute("DELETE FROM day_counts WHERE site = :site AND day_on >= :first AND day_on < :end", span)


def _put(sql: sqlite3.Connection, site: str, counts: MonthCounts, stamp: Stamp) -> None:
    sql.execute(
        """INSERT INTO month_counts (site, month_on, stamp, devices, pcs)
           VALUES (:site, :month, :stamp, :devices, :pcs)""",
        {
            "site": site,
            "month": counts.month.isoformat(),
            "stamp": stamp.text,
            "devices": counts.devices,
            "pcs": _json([[r.pc, r.state, r.since and r.since.isoformat(), r.days_out] for r in counts.pcs]),
        },
    )
    sql.executemany(
        """INSERT INTO day_counts (
             site, day_on, visits, kiosk_visits, wifi_visits, outside_visits, sessions, attempts, rejected, use_s,
             up_bytes, down_bytes, blocked, promised_s, held_s, internet_s, extra_s, pc_days_ok, pc_days, available_s,
             used_s, lost_s, hours, is_told, has_signs)
           VALUES (
             :site, :day, :visits, :kiosk_visits, :wifi_visits, :outside_visits, :sessions, :attempts, :rejected,
             :use_s, :up_bytes, :down_bytes, :blocked, :promised_s, :held_s, :internet_s, :extra_s, :pc_days_ok,
             :pc_days, :available_s, :used_s, :lost_s, :hours, :is_told, :has_signs)""",
        [_row(site, one) for one in counts.days],
    )


def _row(site: str, one: DayCounts) -> dict[str, object]:
    return {
        "site": site,
        "day": one.day.isoformat(),
        **{name: getattr(one.counted, name) for name in _COUNTED},
        "lost_s": _json([seconds for _, seconds in one.service.lost_s]),
        "hours": _json([[hour, s.visits, s.sessions, s.use_s, s.up_bytes, s.down_bytes] for hour, s in one.hours]),
        "is_told": int(one.is_told),
        "has_signs": int(one.has_signs),
    }


def _months(sql: sqlite3.Connection, site: str, wanted: frozenset[date], stamp: Stamp) -> dict[date, MonthCounts]:
    span = {"site": site, "first": min(wanted).isoformat(), "last": max(wanted).isoformat(), "stamp": stamp.text}
    find = """
    SELECT * FROM month_counts
    WHERE site = :site AND month_on BETWEEN :first AND :last AND stamp = :stamp ORDER BY month_on
    """
    heads = {date.fromisoformat(row["month_on"]): row for row in sql.execute(find, span)}
    days: dict[date, list[DayCounts]] = {month: [] for month in heads if month in wanted}
    rows = sql.execute(
        "SELECT * FROM day_counts WHERE site = :site AND day_on >= :first AND day_on < :end ORDER BY day_on",
        {**span, "end": next_month(max(wanted)).isoformat()},
    )
    for row in rows:
        day = date.fromisoformat(row["day_on"])
        if (month := day.replace(day=1)) in days:
            days[month].append(_day_counts(row, day))
    return {month: _month(heads[month], month, told) for month, told in days.items()}


def _month(row: sqlite3.Row, month: date, days: Iterable[DayCounts]) -> MonthCounts:
    pcs = tuple(
        PcRow(pc, PcState(state), date.fromisoformat(since) if since else None, days_out)
        for pc, state, since, days_out in json.loads(row["pcs"])
    )
    return MonthCounts(month, tuple(days), row["devices"], pcs)


def _day_counts(row: sqlite3.Row, day: date) -> DayCounts:
    counted = Counted(*(row[name] for name in _COUNTED))
    service = Service(
        promised_s=counted.promised_s,
        held_s=counted.held_s,
        internet_s=counted.internet_s,
        extra_s=counted.extra_s,
        lost_s=tuple(zip(Cause, json.loads(row["lost_s"]), strict=True)),
        isp_lost_s=counted.held_s - counted.internet_s,
    )
    hours = tuple((hour, Sums(*sums)) for hour, *sums in json.loads(row["hours"]))
    return DayCounts(day, counted, service, hours, row["is_told"] == 1, row["has_signs"] == 1)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
