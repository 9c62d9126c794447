"""Terms of figures that are nobody's, and the schema's own account of what is kept how long."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.flows.nightly import close_night
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.retention import FIGURES, Term, years_before
from gateway.units import epoch_s

ZONE = timezone(timedelta(hours=7))
NOW = datetime(2037, 3, 31, 22, 0, tzinfo=ZONE)
ROWS = {
    "refusals": ("hour_at, profile, category, count", "'wifi', 'games', 1"),
    "dns_hours": (
        "hour_at, profile, questions, refused, cached, forwarded, stale, failed, limited",
        "'w',0,0,0,0,0,0,0",
    ),
    "hour_figures": ("hour_at, visits, sessions, use_s, up_bytes, down_bytes", "0,0,0,0,0"),
    "day_figures": (
        "day_on, visits, sessions, attempts, use_s, up_bytes, down_bytes, refusals, closed_at",
        "0,0,0,0,0,0,0,0",
    ),
    "garden_days": ("day_on, up_bytes, down_bytes", "0,0"),
    "carried_days": ("day_on, up_bytes, down_bytes", "0,0"),
    "purposes": ("day_on, purpose, count", "'study', 1"),
    "calendar_changes": ("end_at, kind, begin_at, decided_at, author", "'extra', 0, 0, 'desk'"),
    "line_spells": ("end_at, begin_at, kind, rounds, asked, unanswered, log_sha256", "{n}, 'isp_down', 3, 3, 3, ''"),
    "pc_presence": ("end_at, pc, begin_at", "'PC0{n}', 0"),
    "pc_photos": (
        "added_at, site, pc, fault_at, file, media, bytes, width, height, sha256, author",
        "'s', 'PC07', 0, '{n}.jpg', 'image/jpeg', 1, 1, 1, '{n}', 'Lan'",
    ),
    "upkeep_checks": ("checked_at, site, pc, month_on, author", "'s', 'PC07', '2027-01-01', 'Lan'"),
    "wan_days": ("day_on, up_bytes, down_bytes", "0, 0"),
    "audit": ("at, who, role, via, address, act, asked", "'lan', 'desk', 'desk', '', 'pc.fault', '{{}}'"),
    "starts": ("alive_at, started_at, boot_id", "{n}, 'boot'"),
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.opened(tmp_path / "cong.sqlite") as opened:
        yield opened


async def names(database: Database) -> list[str]:
    find = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [row["name"] for row in await database.read(lambda sql: sql.execute(find).fetchall())]


async def test_the_schema_says_of_every_table_how_long_it_is_kept(database: Database) -> None:
    told = await database.read(lambda sql: sql.execute("SELECT name, kept FROM retention").fetchall())
    kept = {row["name"]: row["kept"] for row in told}
    assert set(kept) == set(await names(database)) and len(kept) == len(told)
    for term in FIGURES:
        assert kept[term.table].startswith(f"{term.years} years"), term.table


@pytest.mark.parametrize("term", FIGURES, ids=lambda term: term.table)
async def test_a_night_deletes_figures_past_their_term_and_keeps_the_rest(database: Database, term: Term) -> None:
    last = years_before(NOW.replace(hour=0), term.years)
    columns, rest = ROWS[term.table]

    def value(at: datetime) -> str:
        return f"'{at:%Y-%m-%d}'" if term.column.endswith("_on") else str(epoch_s(at))

    def fill(sql: sqlite3.Connection) -> None:
        for n, at in enumerate((last - timedelta(days=400), last - timedelta(days=1), last, last + timedelta(days=1))):
            sql.execute(f"INSERT INTO {term.table} ({columns}) VALUES ({value(at)}, {rest.format(n=n)})")

    await database.run(fill)
    await close_night(Facts(database), NOW.date(), zone=ZONE, now=NOW)
    count = f"SELECT {term.column} AS at FROM {term.table} WHERE {term.column} <= {value(last + timedelta(days=1))}"
    left = await database.read(lambda sql: [row["at"] for row in sql.execute(f"{count} ORDER BY 1").fetchall()])
    assert [str(at) for at in left] == [value(last).strip("'"), value(last + timedelta(days=1)).strip("'")]


def test_of_a_leap_day_the_day_before_is_meant() -> None:
    assert years_before(datetime(2028, 2, 29, tzinfo=UTC), 3) == datetime(2025, 2, 28, tzinfo=UTC)
