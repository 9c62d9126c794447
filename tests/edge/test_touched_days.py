"""Each change of a table that counts read is noted: one by one, with a figure that it moves."""

import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.facts.fact import Fact
from gateway.facts.lines import fact_of
from gateway.flows.all_facts import AllFacts, configured
from gateway.flows.told_sites import period_report
from gateway.reports.spans import parse_span
from gateway.store.db import Database
from gateway.store.live_facts import LiveFacts
from gateway.units import epoch_s
from tests.edge.test_kept_counts import CLOCK, CONFIG, TELLING, desk_of

ZONE = timezone(timedelta(hours=7))
MARCH = parse_span("month", "2027-03")
EIGHT = epoch_s(datetime(2027, 3, 10, 8, tzinfo=ZONE))
"""Of a Wednesday; the configuration promises 07:30 to 11:00."""
SESSION = """
INSERT INTO sessions (id, client_id, kind, method, profile, session_s, idle_s, opened_at, boot_id, opened_boot_s,
                      active_boot_s, state, cause, stopped_at, total_up_bytes, total_down_bytes)
VALUES (:id, 7, 'kiosk', 'terms', 'library', 1, 1, :eight, 'b', 0, 0, 'closed', 'idle', :eight + 1500, 5, 70)
"""
BEFORE = (
    "INSERT INTO line_spells VALUES (:eight + 3600, :eight + 4200, 'isp_down', 3, 3, 3, printf('%064d', 1))",
    "INSERT INTO pc_presence VALUES ('PC01', :eight + 6000, :eight + 7200)",
    "INSERT INTO clients VALUES (7, '02:00:00:00:00:07', NULL, 0)",
    "INSERT INTO devices (mac, standing, name, author, since_at) VALUES ('02:00:00:00:00:07', 'kiosk', 'PC01', 'h', 0)",
    SESSION,
    "INSERT INTO usage VALUES (:eight + 1500, 1, 1, 5, 71, 1)",
    "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:eight - 7200, 'b1', :eight + 7200, 0)",
    "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:eight + 9000, 'b2', :eight + 9600, 0)",
    "INSERT INTO attempts (opened_at, client_id, admitted) VALUES (:eight - 60, 7, 1)",
    "INSERT INTO refusals VALUES (:eight, 'p', 'x', 3)",
    """INSERT INTO calendar_changes (kind, begin_at, end_at, decided_at, author)
       VALUES ('closure', :eight + 86400, :eight + 90000, :eight - 86400, 'h')""",
)
ROUND = """
INSERT INTO line_rounds (at, boot_id, provisional, carrier, first_hop, at_home, abroad, failed)
SELECT :eight + 60 * value, 'b1', 0, 1, 1, '0', '0', 1 FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9]')
"""
CHANGES = (
    ROUND.replace("60 * value", "30 * value + 5400").replace("[1,", "[0, 1,").replace("9]", "9, 10, 11, 12, 13]"),
    "INSERT INTO line_spells VALUES (:eight + 60, :eight + 1200, 'isp_down', 3, 3, 3, printf('%064d', 1))",
    "UPDATE line_spells SET end_at = end_at + 600",
    "DELETE FROM line_spells",
    "INSERT INTO pc_presence VALUES ('PC01', :eight - 600, :eight - 300)",
    "UPDATE pc_presence SET end_at = end_at + 2100",
    "DELETE FROM pc_presence",
    "UPDATE sessions SET pc = 'PC09'",
    "UPDATE starts SET started_at = started_at + 600 WHERE boot_id = 'b2'",
    "UPDATE attempts SET refused = 'closed'",
    "INSERT INTO attempts (opened_at, client_id, admitted) VALUES (:eight + 7200, 7, 0)",
    "DELETE FROM attempts",
    "INSERT INTO refusals VALUES (:eight, 'p', 'y', 3)",
    "UPDATE refusals SET count = count + 1",
    "DELETE FROM refusals",
    """INSERT INTO calendar_changes (kind, begin_at, end_at, decided_at, author)
       VALUES ('closure', :eight + 180000, :eight + 190000, :eight - 86400, 'h')""",
    "UPDATE calendar_changes SET taken_back_at = 1, taken_back_by = 'h'",
    "DELETE FROM calendar_changes",
    "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:eight + 86400, 'b3', :eight + 87000, 0)",
    "UPDATE starts SET alive_at = alive_at + 86400 WHERE boot_id = 'b2'",
    "UPDATE starts SET alive_at = alive_at + 600 WHERE boot_id = 'b1'",
    "UPDATE starts SET stopped = 1 WHERE boot_id = 'b1'",
    "DELETE FROM starts WHERE boot_id = 'b2'",
    "UPDATE devices SET name = 'PC02'",
    "DELETE FROM devices",
    "UPDATE clients SET mac = NULL",
    "UPDATE clients SET staff_since = 0",
    "UPDATE sessions SET counted = 0",
    "UPDATE sessions SET kind = 'wifi'",
    "UPDATE sessions SET stopped_at = stopped_at + 600",
    "UPDATE sessions SET opened_at = opened_at - 600",
    SESSION.replace(":id", "2").replace(":eight", "(:eight + 3600)"),
    "INSERT INTO usage VALUES (:eight + 1560, 1, 2, 5, 70, 1)",
    "DELETE FROM usage",
    "UPDATE told_sessions SET device = 'other'",
    "UPDATE told_sessions SET start_at = start_at - 86400",
    "DELETE FROM told_sessions",
    "INSERT INTO told_readings VALUES ('a', 't', :eight + 600, 1, 2)",
    "DELETE FROM told_readings",
    "DELETE FROM facts WHERE kind = 'pc'",
    "DELETE FROM facts WHERE kind = 'outage'",
)


def facts() -> list[Fact]:
    session = {"kind": "session", "site": "a", "access": "wifi", "start": "2027-03-12T08:00:00+07:00"}
    return [
        fact_of({"kind": "pc", "site": "a", "code": "PC01", "bought_on": "2020-01-01"}),
        fact_of({**session, "id": "t", "device": "d", "stop": "2027-03-12T08:40:00+07:00", "down_bytes": 7}),
        fact_of({**session, "id": "u", "device": "e", "stop": "2027-03-12T09:20:00+07:00", "down_bytes": 7}),
        fact_of({**session, "id": "v", "device": "e", "start": "2027-03-12T09:30:00+07:00",
                 "stop": "2027-03-12T09:40:00+07:00"}),
        fact_of({"kind": "outage", "site": "a", "id": "1", "begin": "2027-03-10T08:00:00+07:00",
                 "end": "2027-03-10T09:00:00+07:00", "cause": "gateway"}),
    ]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_moves_a_figure_and_what_was_kept_of_it_goes(tmp_path: Path, change: str) -> None:
    times = {"eight": EIGHT, "id": 1}
    async with Database.opened(tmp_path / "a.sqlite") as database:
        kept, register, _ = desk_of(database)
        await register.take(facts(), TELLING)

        def begin(sql: sqlite3.Connection) -> None:
            for statement in BEFORE:
                sql.execute(statement, times)
            sql.execute("INSERT INTO told_readings VALUES ('a', 'u', :eight + 172800, 1, 5)", times)

        await database.run(begin)
        anew = AllFacts(register, LiveFacts(database, "a", ZONE, CLOCK), configured(CONFIG))
        before = await period_report(kept, MARCH)
        assert before == await period_report(anew, MARCH) == await period_report(kept, MARCH)
        await database.run(lambda sql: sql.execute(change, times))
        after = await period_report(anew, MARCH)
        assert after != before
        assert await period_report(kept, MARCH) == after
