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
