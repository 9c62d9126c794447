"""From true questions to the store: sums by hour and profile, names only where they are wanted, never a client."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from filters.settings import Source
from gateway.clock import SystemClock
from gateway.counts import FilterCounts, hear_counts
from gateway.ports_dns import DnsCounts, DnsCountStore, DnsSums
from gateway.ports_figures import Terms
from gateway.store.db import Database
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.facts import Facts
from tests.edge.filters_upstream import Running, ScriptedUpstream, running, settings_for
from tests.fakes import FakeClock

NOON = datetime(2027, 3, 31, 5, 20, tzinfo=UTC)
DAY = date(2027, 3, 31)
_SOURCES = (Source("games-vn", "games", "package:games-vn"), Source("threats-vn", "threats", "package:threats-vn"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cong.sqlite"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(path)
    yield opened
    await opened.close()


def _datagram(worker: int = 0, **sums: int) -> bytes:
    counted = dict.fromkeys(("queries", "blocked", "forwarded", "stale", "failed", "limited"), 0) | sums
    told = {
        "state": {"worker": worker, "generation": 7},
        "profiles": {"adult": {**counted, "refused": {"games": 2}}},
        "names": [["adult", "games", "garena.vn", 2]],
    }
    return json.dumps(told).encode()


async def test_sums_grow_within_their_hour(database: Database) -> None:
    store: DnsCountStore = SqliteDnsCounts(database)
    one = DnsCounts({"adult": DnsSums(10, 4, 3, 2, 1, 0, 0)}, {("adult", "games"): 2}, {("games", "garena.vn"): 2})
    for at in (NOON, NOON + timedelta(minutes=30), NOON + timedelta(hours=1)):
        await store.add(at, DAY, one)
    day = await store.since(NOON.replace(minute=0))
    assert day.sums == {"adult": DnsSums(30, 12, 9, 6, 3, 0, 0)}
    assert day.refusals == {("adult", "games"): 6}
    assert (await store.since(NOON.replace(hour=6, minute=0))).sums == one.sums
    assert await store.top_names(DAY, 5) == [("games", "garena.vn", 6)]


async def test_refused_names_go_after_their_term(database: Database) -> None:
    store = SqliteDnsCounts(database)
    for day in (DAY, DAY + timedelta(days=1)):
        await store.add(NOON, day, DnsCounts(names={("games", "garena.vn"): 1}))
    terms = Terms(NOON, NOON, NOON + timedelta(days=1), NOON, NOON, NOON)
    await Facts(database).forget(terms)
    assert await store.top_names(DAY, 5) == [("games", "garena.vn", 1)]


async def test_what_no_sum_takes_was_answered_from_memory(database: Database) -> None:
    store, clock = SqliteDnsCounts(database), FakeClock(wall=NOON)
    counts = FilterCounts(store, clock, UTC)
    counts.add(_datagram(queries=10, blocked=3, forwarded=2, failed=1))
    await counts.store()
    assert (await store.since(NOON.replace(minute=0))).sums["adult"] == DnsSums(10, 3, 4, 2, 0, 1, 0)


async def test_counts_that_could_not_be_stored_are_kept(path: Path) -> None:
    database = await Database.open(path)
    await database.close()
    clock = FakeClock(wall=NOON)
    counts = FilterCounts(SqliteDnsCounts(database), clock, UTC)
    counts.add(_datagram(queries=1))
    with pytest.raises(Exception, match=r".+"):
        await counts.store()
    reopened = await Database.open(path)
    try:
        counts._store = SqliteDnsCounts(reopened)
        await counts.store()
        assert (await SqliteDnsCounts(reopened).since(NOON.replace(minute=0))).sums["adult"].questions == 1
    finally:
        await reopened.close()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"profiles":{}}',
        _datagram().replace(b'"queries": 0', b'"queries": -1'),
        _datagram().replace(b'"queries": 0', b'"queries": true'),
        _datagram().replace(b"adult", b"a" * 50),
        _datagram().replace(b"garena.vn", b"n" * 300),
        _datagram().replace(b'"worker": 0', b'"worker": "x"'),
        b"[" * 50_000,
    ],
)
async def test_a_datagram_not_as_agreed_is_left_out_whole(
    database: Database, bad: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    store = SqliteDnsCounts(database)
    counts = FilterCounts(store, FakeClock(wall=NOON), UTC)
    counts.add(bad)
    await counts.store()
    assert (await store.since(NOON.replace(minute=0))).sums == {}
    assert counts.workers() == []
    assert "counts.refused" in capsys.readouterr().err


def test_a_workers_last_word_has_its_age(path: Path) -> None:
    clock = FakeClock()
    counts = FilterCounts(SqliteDnsCounts.__new__(SqliteDnsCounts), clock, UTC)
    counts.add(_datagram(worker=1))
    counts.add(_datagram(worker=0))
    clock.boot += 7
    assert [(each["worker"], each["age_s"]) for each in counts.workers()] == [(0, 7.0), (1, 7.0)]


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    with ScriptedUpstream() as upstream:
        upstream.says("broken.example", "A", rcode=2)
        settings = settings_for(tmp_path, [upstream.port], _SOURCES, workers=2, count_names=request.param)
        with running(settings) as filter_running:
            yield filter_running


@pytest.mark.parametrize("server", [False, True], ids=["no names", "with names"], indirect=True)
async def test_true_questions_reach_the_store_and_nobody_with_them(
    server: Running, database: Database, path: Path, request: pytest.FixtureRequest
) -> None:
    store = SqliteDnsCounts(database)
    counts = FilterCounts(store, SystemClock(), UTC)
    begin = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the filter's own clock is the true one

    def ask() -> None:
        for _ in range(3):
            server.ask("www.garena.vn")
        server.ask("secret.example")
        for _ in range(5):
            server.ask("wifi.internal")
        server.ask("broken.example")
        server.ask("free.example", profile=1)

    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(hear_counts(server.settings.counts_socket, counts))
        await asyncio.to_thread(ask)
        async with asyncio.timeout(5):
            while True:
                await counts.store()
                found = (await store.since(begin)).sums
                if sum(each.questions for each in found.values()) == 11:
                    break
                await asyncio.sleep(0.05)
        hearing.cancel()
    assert found == {"adult": DnsSums(10, 3, 5, 1, 0, 1, 0), "staff": DnsSums(1, 0, 0, 1, 0, 0, 0)}
    assert (await store.since(begin)).refusals == {("adult", "games"): 1}
    workers = counts.workers()
    assert [each["worker"] for each in workers] == [0, 1]
    assert all(each["generation"] == 1 and 5e6 < float(str(each["rss_bytes"])) < 60e6 for each in workers)
    everything = _dump(path)
    assert "secret.example" not in everything
    assert "127.0.0.1" not in everything
    assert ("garena.vn" in everything) == server.settings.count_names


def _dump(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())
