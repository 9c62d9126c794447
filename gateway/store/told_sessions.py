"""Imported sessions: a table of their own, for there are hundreds of thousands of them."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.facts.fact import Fact
from gateway.facts.fields import Value
from gateway.facts.session import ToldSession, session_fact
from gateway.facts.site import Readings
from gateway.ports_facts import Span
from gateway.store.told_trouble import conflict
from gateway.units import epoch_s, from_epoch_s

SESSION = "session"
_COLUMNS = ("access", "device", "person", "pc", "start_at", "stop_at", "accepted", "staff", "up_bytes", "down_bytes")


def put_sessions(sql: sqlite3.Connection, facts: Sequence[Fact], telling: int) -> int:
    """How many were new; a known one with other values is refused."""
    if not facts:
        return 0
    add = """
    INSERT INTO told_sessions
      (site, id, access, device, person, pc, start_at, stop_at, accepted, staff, up_bytes, down_bytes, telling_id)
    VALUES (:site, :id, :access, :device, :person, :pc, :start_at, :stop_at, :accepted, :staff, :up_bytes, :down_bytes,
            :telling)
    ON CONFLICT DO NOTHING
    """
    rows = [_row(fact, telling) for fact in facts]
    fresh = sql.executemany(add, rows).rowcount
    if fresh < len(rows):
        _refuse_conflicts(sql, facts, rows)
    return fresh


def sessions_between(sql: sqlite3.Connection, site: str, span: Span | None) -> Iterator[ToldSession]:
    """Sessions that start in the span, by start."""
    find = """
    SELECT * FROM told_sessions WHERE site = :site AND start_at >= :begin AND start_at < :end ORDER BY start_at, id
    """
    begin, end = (epoch_s(span[0]), epoch_s(span[1])) if span else (0, 2**62)
    yield from map(_told, sql.execute(find, {"site": site, "begin": begin, "end": end}))


def readings_between(sql: sqlite3.Connection, site: str, span: Span) -> Readings:
    """Kept readings of the sessions that start in the span, by session."""
    find = """
    SELECT r.id, r.at, r.up_bytes, r.down_bytes
    FROM told_readings r JOIN told_sessions s ON s.site = r.site AND s.id = r.id
    WHERE r.site = :site AND s.start_at >= :begin AND s.start_at < :end ORDER BY r.at, r.id
    """
    told: dict[str, list[tuple[datetime, int, int]]] = {}
    for row in sql.execute(find, {"site": site, "begin": epoch_s(span[0]), "end": epoch_s(span[1])}):
        told.setdefault(row["id"], []).append((from_epoch_s(row["at"]), row["up_bytes"], row["down_bytes"]))
    return told


def _row(fact: Fact, telling: int) -> dict[str, object]:
    values = fact.values
    return {
        "site": fact.site,
        "id": values["id"],
        "access": values["access"],
        "device": values["device"],
        "person": values.get("person"),
        "pc": values.get("pc"),
        "start_at": _second(values["start"]),
        "stop_at": _second(values["stop"]),
        "accepted": int(fact.flag("accepted", otherwise=True)),
        "staff": int(fact.flag("staff")),
        "up_bytes": values.get("up_bytes"),
        "down_bytes": values.get("down_bytes"),
        "telling": telling,
    }


def _refuse_conflicts(sql: sqlite3.Connection, facts: Sequence[Fact], rows: Sequence[dict[str, object]]) -> None:
    find = "SELECT * FROM told_sessions WHERE site = :site AND id = :id"
    for fact, row in zip(facts, rows, strict=True):
        known = sql.execute(find, {"site": row["site"], "id": row["id"]}).fetchone()
        compared = [name for name in _COLUMNS if not (known["forgotten"] and name in ("device", "person"))]
        if any(known[name] != row[name] for name in compared):
            raise conflict(
                fact,
                json.dumps(session_fact(_told(known), fact.site).values, ensure_ascii=False, separators=(",", ":")),
            )


def _told(row: sqlite3.Row) -> ToldSession:
    return ToldSession(
        row["id"],
        row["access"],
        row["device"],
        row["person"],
        row["pc"],
        from_epoch_s(row["start_at"]),
        from_epoch_s(row["stop_at"]),
        row["accepted"] == 1,
        row["staff"] == 1,
        row["up_bytes"],
        row["down_bytes"],
    )


def _second(value: Value) -> int:
    return epoch_s(datetime.fromisoformat(str(value)))
