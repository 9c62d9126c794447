"""cong nightly as an operator types it, on a true database and configuration."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.nightly import nightly
from gateway.clock import SystemClock, local_day
from gateway.config.site import Site
from gateway.errors import ConfigError, GatewayError, StoreError, UsageError
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.units import epoch_s

# the command reads the true clock, so "past" is far enough from any today
DAY_NOON = datetime(2024, 2, 29, 5, tzinfo=UTC)


class Site2024:
    """A library with one session on 29 February 2024."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "cong.sqlite"
        self.config = folder / "cong.toml"
        self.config.write_text(
            f'[site]\nname = "Thư viện Sa Thầy"\ncode = "sathay"\n[state]\ndirectory = "{folder}"\n', encoding="utf-8"
        )

    def fill(self) -> None:
        def work(connection: sqlite3.Connection) -> None:
            start = epoch_s(DAY_NOON)
            connection.execute("INSERT INTO clients VALUES (1, '02:00:5e:10:00:01', NULL, :at)", {"at": start})
            connection.execute(
                """INSERT INTO sessions (id, client_id, kind, method, profile, session_s, idle_s, opened_at, boot_id,
                                         opened_boot_s, active_boot_s, state, cause, stopped_at)
                   VALUES (1, 1, 'wifi', 'terms', 'public', 7200, 900, :at, 'b', 0, 0,
                           'closed', 'user-request', :stop)""",
                {"at": start, "stop": start + 1800},
            )
            connection.execute("INSERT INTO usage VALUES (:at, 1, 1, 1000000, 64000000, 1)", {"at": start + 1800})

        async def write() -> None:
            database = await Database.open(self.database)
            await database.run(work)
            await database.close()

        asyncio.run(write())

    def nightly(self, *arguments: str) -> Result:
        return CliRunner().invoke(nightly, [*arguments, "--config", str(self.config)])


@pytest.fixture
def site(tmp_path: Path) -> Site2024:
    return Site2024(tmp_path)


def failure(result: Result) -> GatewayError:
    assert isinstance(result.exception, GatewayError)
    return result.exception


def test_text_of_a_past_day(site: Site2024) -> None:
    site.fill()
    result = site.nightly("--date", "2024-02-29")
    assert result.exit_code == 0
    assert result.stdout == (
        "[Thư viện Sa Thầy] Tổng hợp ngày 29/2/2024: 1 lượt\n"
        "\n"
        "Ngày thứ Năm, 29/2/2024 – Thư viện Sa Thầy\n"
        "Lượt sử dụng: 1\n"
        "Internet: không gián đoạn\n"
        "Ngăn chặn: 0 lượt\n"
        "Lũy kế tháng 2: 1 lượt (chưa có số liệu cùng kỳ năm trước)\n"
        "Chất lượng số liệu: đầy đủ. Báo cáo tháng khóa ngày 05/3.\n"
    )
    assert site.nightly("--date", "2024-02-29").stdout == result.stdout


def test_english_and_json(site: Site2024) -> None:
    site.fill()
    text = site.nightly("--date", "2024-02-29", "--english").stdout
    assert "Visits: 1\n" in text
    tree = json.loads(site.nightly("--date", "2024-02-29", "--english", "--json").stdout)
    assert (tree["visits"], tree["use_s"], tree["down_bytes"]) == (1, 1800, 64_000_000)
    assert f"{tree['subject']}\n\n{tree['text']}" == text


def test_past_day_deletes_nothing_and_today_keeps_the_terms(site: Site2024) -> None:
    site.fill()

    def sessions() -> int:
        with sqlite3.connect(site.database) as connection:
            count: int = connection.execute("SELECT COUNT(*) FROM sessions").fetchone()[0]
        connection.close()
        return count

    site.nightly("--date", "2024-02-29")
    assert sessions() == 1
    today = local_day(SystemClock().now(), Site().zone)
    assert site.nightly("--date", str(today)).exit_code == 0
    assert sessions() == 0
    assert "Lượt sử dụng: 1\n" in site.nightly("--date", "2024-02-29").stdout


def test_day_that_is_not_over_says_so(site: Site2024) -> None:
    site.fill()
    tree = json.loads(site.nightly("--date", str(local_day(SystemClock().now(), Site().zone)), "--json").stdout)
    assert tree["closed"] is False
    assert tree["counted_until"]


async def test_works_beside_the_running_gateway(site: Site2024) -> None:
    await asyncio.to_thread(site.fill)
    database = await Database.open(site.database)
    assert (await asyncio.to_thread(site.nightly, "--date", "2024-02-29")).exit_code == 0
    assert await Facts(database).last_closed() == DAY_NOON.date()
    await database.close()


@pytest.mark.parametrize("text", ["31/3/2027", "2027-02-30", "yesterday", "", "2024-13-01", "20240229"])
def test_bad_date_is_named_with_the_way_to_write_it(site: Site2024, text: str) -> None:
    site.fill()
    error = failure(site.nightly("--date", text))
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert "--date 20" in error.hint


def test_future_and_impossible_days(site: Site2024) -> None:
    site.fill()
    tomorrow = local_day(SystemClock().now(), Site().zone) + timedelta(days=2)
    for text, says in ((str(tomorrow), "future"), ("9999-12-31", "future"), ("0001-01-01", "before")):
        error = failure(site.nightly("--date", text))
        assert error.exit_code == 2
        assert says in error.message


def test_missing_database_and_configuration(site: Site2024, tmp_path: Path) -> None:
    error = failure(site.nightly("--date", "2024-02-29"))
    assert isinstance(error, StoreError)
    assert error.exit_code == 1
    assert "cong serve" in error.hint
    assert not site.database.exists(), "asking makes no empty database"
    site.config.unlink()
    assert isinstance(failure(site.nightly()), ConfigError)


def test_day_before_the_gateway_was_in_use(site: Site2024) -> None:
    site.fill()
    error = failure(site.nightly("--date", "2024-02-27"))
    assert "no figures of 2024-02-27" in error.message
    assert error.exit_code == 1
