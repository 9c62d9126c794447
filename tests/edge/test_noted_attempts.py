"""Views go after their term; how many attempts a day had stays in every report."""

import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from gateway.clock import SystemClock, local_day
from gateway.units import epoch_s
from tests.edge.desk import CommandDesk
from tests.edge.test_period_reports import take

ZONE = timezone(timedelta(hours=7))
TODAY = local_day(SystemClock().now(), ZONE)
OWN, TOLD = TODAY - timedelta(days=9), TODAY - timedelta(days=95)


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def figures(desk: CommandDesk) -> list[tuple[int, int, str]]:
    """Attempts, rejected and the whole text of both months."""
    made = []
    for day in (OWN, TOLD):
        told = desk.told("report", "month", f"{day:%Y-%m}")
        counted = told["total"]["counted"]
        made.append((counted["attempts"], counted["rejected"], desk.cong("report", "month", f"{day:%Y-%m}", "--json")))
    return made


def test_attempts_stay_when_views_go(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    views = ((1, 23, 50, "seen"), (2, 23, 55, "refused"), (3, 8, 0, "refused"))
    take(
        desk,
        *(
            {"kind": "view", "id": n, "device": "d", "at": at(TOLD, hour, minute).astimezone(UTC).isoformat(),
             "outcome": what}
            for n, hour, minute, what in views
        ),
    )  # fmt: skip
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        sql.execute("INSERT INTO clients VALUES (7, '02:00:00:00:00:07', NULL, 0)")
        for hour in (8, 9):
            sql.execute(
                "INSERT INTO attempts (opened_at, client_id, admitted) VALUES (:at, 7, 0)",
                {"at": epoch_s(at(OWN, hour, 0))},
            )
    sql.close()
    before = figures(desk)
    assert [one[:2] for one in before] == [(2, 0), (2, 2)]
    desk.cong("nightly", "--date", str(TODAY))
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        assert sql.execute("SELECT COUNT(*) FROM attempts").fetchone() == (0,)
        assert sql.execute("SELECT COUNT(*) FROM facts WHERE kind = 'view'").fetchone() == (0,)
    sql.close()
    assert figures(desk) == before
    assert [one["attempts"] for one in desk.told("facts", "list", "attempt_day")] == [2, 2]
    desk.cong("nightly", "--date", str(TODAY))
    assert figures(desk) == before


def test_hours_at_a_pc_that_was_not_used_since_stay_its_own(tmp_path: Path) -> None:
    """A phone's MAC goes after seven days, the PC's does not: its hours of use hang on it."""
    day = next(OWN - timedelta(days=n) for n in range(7) if (OWN - timedelta(days=n)).weekday() < 5)
    desk = CommandDesk.at(tmp_path)
    take(desk, {"kind": "pc", "code": "PC01", "bought_on": "2020-01-01"})
    eight = epoch_s(at(day, 8, 0))
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        sql.execute(
            "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:at - 3600, 'b', :at + 7200, 1)",
            {"at": eight},
        )
        for number, mac in ((1, "02:00:00:00:00:01"), (2, "02:00:00:00:00:02")):
            sql.execute("INSERT INTO clients VALUES (:n, :mac, NULL, :at)", {"n": number, "mac": mac, "at": eight})
        sql.execute(
            """INSERT INTO devices (mac, standing, name, author, since_at)
               VALUES ('02:00:00:00:00:01', 'kiosk', 'PC01', 'hoa', 0)"""
        )
        sql.execute(
            """INSERT INTO sessions (id, client_id, kind, method, profile, session_s, idle_s, opened_at, boot_id,
                 opened_boot_s, active_boot_s, state, cause, stopped_at)
               VALUES (1, 1, 'kiosk', 'terms', 'library', 1, 1, :at, 'b', 0, 0, 'closed', 'idle', :at + 1500)""",
            {"at": eight},
        )
    sql.close()
    before = desk.cong("report", "month", f"{day:%Y-%m}", "--json")
    assert '"used_s": 1500' in before
    desk.cong("nightly", "--date", str(TODAY))
    assert desk.cong("report", "month", f"{day:%Y-%m}", "--json") == before
    with sqlite3.connect(tmp_path / "cong.sqlite") as sql:
        assert sql.execute("SELECT mac FROM clients ORDER BY id").fetchall() == [("02:00:00:00:00:01",), (None,)]
    sql.close()
