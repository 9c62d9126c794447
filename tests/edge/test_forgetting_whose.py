"""After 90 days nothing says whose a session was, and every figure of it still comes out the same."""

import asyncio
import json
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.facts.lines import header
from gateway.ports_facts import Telling
from gateway.store.db import Database
from gateway.store.register import SqliteRegister
from tests.edge.desk import CommandDesk
from tests.edge.test_period_reports import GV_B, session, take

ZONE = timezone(timedelta(hours=7))
LATER = datetime(2027, 7, 15, tzinfo=ZONE)


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def forget(desk: CommandDesk, before: datetime) -> int:
    async def run() -> int:
        database = await Database.open(desk.folder / "cong.sqlite")
        try:
            register = SqliteRegister(database)
            return await register.forget("sa-thay", before, ZONE, Telling(LATER, "cong nightly", "terms"))
        finally:
            await database.close()

    return asyncio.run(run())


def own_session(desk: CommandDesk, opened_at: int) -> None:
    """One of 25 minutes that the gateway itself counted."""
    desk.cong("facts", "list", "pc")
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("INSERT INTO clients VALUES (7, NULL, NULL, :at)", {"at": opened_at})
        sql.execute(
            """INSERT INTO sessions (id, client_id, kind, person, method, profile, session_s, idle_s, opened_at,
                 boot_id, opened_boot_s, active_boot_s, state, cause, stopped_at, total_up_bytes, total_down_bytes)
               VALUES (1, 7, 'wifi', 'p', 'account', 'library', 7200, 900, :at, 'b', 0, 0, 'closed',
                 'user-request', :at + 1500, 5, 70)""",
            {"at": opened_at},
        )
    sql.close()


def figures(desk: CommandDesk) -> str:
    return desk.cong("report", "month", "2027-03", "--json") + desk.cong("report", "month", "2027-04", "--json")


def test_figures_stay_and_pseudonyms_go(desk: CommandDesk) -> None:
    take(desk, *GV_B)
    before = figures(desk)
    assert forget(desk, LATER) == 13
    assert figures(desk) == before
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        rows = sql.execute("SELECT id, device, person FROM told_sessions ORDER BY id").fetchall()
    sql.close()
    assert {device.split("-")[0] for _, device, _ in rows} == {"visit", "none"}
    assert {person for _, _, person in rows} == {None, "visit-s09"}
    assert forget(desk, LATER) == 0
    take(desk, *GV_B)  # the same file again is still the same facts
    assert figures(desk) == before


def test_a_visit_that_may_go_on_keeps_its_device(desk: CommandDesk) -> None:
    take(desk, *GV_B)
    before = figures(desk)
    # between s11 (to 00:20) and s12 (from 00:30): the visit is not over
    forget(desk, datetime(2027, 4, 1, 0, 25, tzinfo=ZONE))
    assert figures(desk) == before
    forget(desk, LATER)
    assert figures(desk) == before


def test_the_gateways_own_sessions_are_kept_before_they_are_deleted(desk: CommandDesk) -> None:
    own_session(desk, opened_at=1806454800)
    before = figures(desk)
    forget(desk, LATER)
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("DELETE FROM sessions")
    sql.close()
    assert figures(desk) == before
    exported = json.loads(desk.cong("facts", "export").splitlines()[-1])
    assert (exported["device"], exported["person"], exported["down_bytes"]) == ("visit-1", "visit-1", 70)
    assert desk.cong("facts", "export").startswith(header())


def test_hours_stay_those_of_the_samples_when_samples_and_session_go(desk: CommandDesk) -> None:
    """From 09:00 to 10:59, nearly all of it moved in the first ten minutes and none of it by shares of time."""
    desk.cong("facts", "list", "pc")
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("INSERT INTO clients VALUES (7, NULL, NULL, 1806458400)")
        sql.execute(
            """INSERT INTO sessions (id, client_id, kind, method, profile, session_s, idle_s, opened_at, boot_id,
                 opened_boot_s, active_boot_s, state, cause, stopped_at, total_up_bytes, total_down_bytes)
               VALUES (1, 7, 'wifi', 'terms', 'library', 7200, 900, 1806458400, 'b', 0, 0, 'closed', 'idle',
                 1806465540, 30, 1000)"""
        )
        for reading, (after, up, down) in enumerate(((300, 5, 600), (600, 5, 300), (3600, 10, 40), (7140, 10, 60)), 1):
            row = {"at": 1806458400 + after, "reading": reading, "up": up, "down": down}
            sql.execute("INSERT INTO usage VALUES (:at, 1, :reading, :up, :down, 0)", row)
    sql.close()
    before = figures(desk)
    moved = [
        one["down_bytes"]
        for one in json.loads(desk.cong("report", "month", "2027-03", "--json"))["sites"][0]["by_hour"]
    ]
    assert (sum(moved), sorted(moved)[-2:]) == (1000, [60, 940])
    forget(desk, LATER)
    assert forget(desk, LATER) == 0
    assert figures(desk) == before
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("DELETE FROM sessions")
        sql.execute("DELETE FROM usage")
        assert sql.execute("SELECT at - 1806458400, down_bytes FROM told_readings ORDER BY at").fetchall() == [
            (3600, 940), (7140, 60),
        ]  # fmt: skip
    sql.close()
    assert figures(desk) == before


def test_a_fact_past_its_term_goes_with_all_its_revisions(desk: CommandDesk) -> None:
    """A fault of long ago that was open in its first revision must not come back when the closed one goes."""
    desk.cong("pc", "add", "PC01", "--bought", "2010-01-01")
    desk.cong("pc", "fault", "PC01", "hỏng nguồn", "--since", "2012-03-10 08:00")
    desk.cong("pc", "repair", "PC01", "thay nguồn", "--at", "2012-03-13 08:00")
    forget(desk, LATER)
    assert desk.told("facts", "list", "pc_fault") == []
    assert desk.told("pc", "list")[0]["open_fault"] is None


def test_a_box_set_up_anew_counts_beside_the_one_before_it(desk: CommandDesk) -> None:
    """Its sessions begin at number 1 again, and the old box's facts of that number are imported."""
    own_session(desk, opened_at=1806454800)  # 31 March 2027, 08:00 at the site
    old = session("1", "wifi", "d1", "2027-03-31T13:00:00+07:00", "2027-03-31T13:20:00+07:00", down_bytes=9)
    take(desk, old)

    def counted() -> tuple[int, int, int]:
        told = json.loads(desk.cong("report", "month", "2027-03", "--json"))["total"]["counted"]
        return told["sessions"], told["visits"], told["down_bytes"]

    def exported() -> list[tuple[str, int]]:
        lines = map(json.loads, desk.cong("facts", "export").splitlines()[1:])
        return sorted((one["id"], one["down_bytes"]) for one in lines if one.get("kind") == "session")

    both = [("1", 9), ("1@1806454800", 70)]
    assert (counted(), exported()) == ((2, 2, 79), both)
    for _ in range(2):
        forget(desk, LATER)
        assert (counted(), exported()) == ((2, 2, 79), both)
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("DELETE FROM sessions")
    sql.close()
    assert (counted(), exported()) == ((2, 2, 79), both)
