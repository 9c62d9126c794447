"""Counts that are kept are those of the facts as they stand, whatever was told in whatever order, and asked between."""

import asyncio
import contextlib
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.facts.fact import Fact
from gateway.facts.kinds import KINDS
from gateway.facts.lines import fact_of
from gateway.flows.all_facts import AllFacts, configured
from gateway.flows.counted_months import COUNTED_KINDS, count_all
from gateway.flows.told_sites import period_report
from gateway.ports_facts import Telling
from gateway.reports.month_counts import MonthCounts
from gateway.reports.spans import parse_span
from gateway.store.db import Database
from gateway.store.live_facts import LiveFacts
from gateway.store.month_counts import SqliteCounts
from gateway.store.register import SqliteRegister
from tests.fakes import FakeClock

ZONE = timezone(timedelta(hours=7))
FIRST = datetime(2027, 2, 22, tzinfo=ZONE)
MINUTES = 45 * 1440
SPAN = (date(2027, 2, 1), date(2027, 4, 30))
CONFIG = Config.model_validate(
    {"site": {"code": "a"}, "hours": {day: ["07:30-11:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
)
CLOCK = FakeClock(datetime(2028, 1, 1, tzinfo=UTC))  # a month that is not over is not kept
TELLING = Telling(datetime(2027, 6, 1, tzinfo=UTC), "hoa", "a test")

minutes = st.integers(0, MINUTES)
# most things are short and happen near the turn of a month, where they touch two
moments = st.one_of(minutes, st.integers(6 * 1440, 9 * 1440), st.integers(36 * 1440, 40 * 1440))
lengths = st.one_of(st.integers(0, 90), st.integers(0, 3 * 1440))
days = moments.map(lambda minute: f"{(FIRST + timedelta(minutes=minute)).date()}")
sites = st.sampled_from(["a", "b"])
numbers = st.integers(1, 4)


def at(minute: int) -> str:
    return (FIRST + timedelta(minutes=minute)).isoformat()


def spans(begin: str, end: str) -> st.SearchStrategy[dict[str, object]]:
    return st.tuples(moments, lengths).map(lambda two: {begin: at(two[0]), end: at(two[0] + two[1])})


def told(kind: str, *parts: st.SearchStrategy[dict[str, object]], office: bool = False) -> st.SearchStrategy[Fact]:
    of = {} if office else {"site": sites}
    heads = st.fixed_dictionaries({"kind": st.just(kind), **of, "rev": st.integers(0, 2), "void": st.booleans()})
    merged = st.tuples(heads, *parts).map(lambda some: {name: value for one in some for name, value in one.items()})
    return merged.map(lambda tree: fact_of({**tree, "void": tree["void"] and tree["rev"] != 0}))


def fields(**of: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(dict(of))


tokens = numbers.map(str)
sessions = st.tuples(
    fields(
        kind=st.just("session"), site=sites, id=st.integers(1, 30).map(str), access=st.sampled_from(["wifi", "kiosk"]),
        device=tokens, staff=st.booleans(), up_bytes=st.integers(0, 99), down_bytes=st.integers(0, 10**9),
    ),
    st.one_of(st.just({}), fields(person=tokens), fields(pc=tokens)),
    spans("start", "stop"),
).map(lambda some: fact_of({**some[0], **some[1], **some[2]}))  # fmt: skip
HOURS = st.lists(st.sampled_from(["07:30-11:00", "13:30-17:00", "00:00-24:00"]), max_size=1)
FACTS = st.one_of(
    sessions,
    sessions,
    told("heartbeat", spans("begin", "end")),
    told("door", moments.map(lambda minute: {"at": at(minute)}), fields(opens=st.booleans())),
    told("blocked", fields(day=days, category=st.sampled_from(["x", "y"]), count=st.integers(0, 9))),
    told("outage", fields(id=tokens, cause=st.sampled_from(["isp", "power", "gateway", "planned", "unknown"])),
         spans("begin", "end")),
    told("outage", fields(id=tokens, cause=st.just("isp")), moments.map(lambda minute: {"begin": at(minute)})),
    told("view", fields(id=numbers, device=tokens, outcome=st.sampled_from(["seen", "refused"])),
         moments.map(lambda minute: {"at": at(minute)})),
    told("pc", fields(code=tokens, bought_on=st.one_of(days, st.just("2020-01-01")))),
    told("pc_fault", fields(pc=tokens, what=st.just("hỏng")), spans("begin", "end")),
    told("pc_seen", fields(pc=tokens), moments.map(lambda minute: {"at": at(minute)})),
    told("opening_change", fields(id=tokens, what=st.sampled_from(["extra", "closure"])), spans("begin", "end"),
         moments.map(lambda minute: {"decided_at": at(minute)})),
    told("holiday", fields(day=days, name=st.just("nghỉ")), office=True),
    told("swapped_day", fields(day=days, hours_of=st.sampled_from(["mon", "sun"])), office=True),
    told("week", fields(first=days, mon=HOURS, wed=HOURS, sat=HOURS)),
    told("site", fields(first=days, name=st.just("S"), opened_by=st.sampled_from(["staff", "evidence"]),
                        offset=st.sampled_from(["+07:00", "+05:30", "-10:00"]))),
    told("hand_count", fields(month=st.just("2027-03"), visits=numbers, document=st.just("sổ"))),
    told("month_devices", fields(month=st.just("2027-03"), devices=numbers)),
)  # fmt: skip


def second(minute: int) -> int:
    return int((FIRST + timedelta(minutes=minute)).timestamp())


Change = Callable[[sqlite3.Connection], object]


def live(text: str, **values: object) -> Change:
    def change(sql: sqlite3.Connection) -> object:
        sql.execute("INSERT INTO clients VALUES (7, '02:00:00:00:00:07', NULL, 0) ON CONFLICT DO NOTHING")
        return sql.execute(text, values)

    return change


OPEN = """
INSERT OR IGNORE INTO sessions (id, client_id, kind, method, profile, counted, session_s, idle_s, opened_at, boot_id,
                                opened_boot_s, active_boot_s, state)
VALUES (:id, 7, :kind, 'terms', 'library', :counted, 1, 1, :at, 'b', 0, 0, 'open')
"""
BOOK = """
INSERT OR IGNORE INTO usage (at, session_id, reading, up_bytes, down_bytes, closing)
SELECT opened_at + :after, id, 1, 5, 70, 0 FROM sessions WHERE id = :id
"""
CLOSE = """
UPDATE sessions SET state = 'closed', cause = 'idle', stopped_at = opened_at + :after, total_up_bytes = 5
WHERE id = :id
"""
afters = st.integers(0, 86_400)
LIVE = st.one_of(
    st.builds(lambda n, k, c, m: live(OPEN, id=n, kind=k, counted=int(c), at=second(m)),
              numbers, st.sampled_from(["wifi", "kiosk"]), st.booleans(), moments),
    st.builds(lambda n, a: live(BOOK, id=n, after=a), numbers, afters),
    st.builds(lambda n, a: live(CLOSE, id=n, after=a), numbers, afters),
    st.builds(lambda n: live("DELETE FROM sessions WHERE id = :id", id=n), numbers),
    st.builds(lambda n: live("UPDATE sessions SET counted_as = 8 WHERE id = :id", id=n), numbers),
    st.builds(lambda m, n, b: live("INSERT OR IGNORE INTO starts (started_at, boot_id, alive_at, stopped) "
                                   "VALUES (:at, :boot, :at + 60, :stopped)",
                                   at=second(m), boot=f"b{n}", stopped=int(b)), moments, numbers, st.booleans()),
    st.builds(lambda n, m: live("UPDATE starts SET alive_at = max(alive_at, :at) WHERE boot_id = :boot",
                                boot=f"b{n}", at=second(m)), numbers, moments),
    st.builds(lambda n: live("UPDATE starts SET stopped = 1 - stopped WHERE boot_id = :boot", boot=f"b{n}"), numbers),
    st.builds(lambda n: live("DELETE FROM starts WHERE boot_id = :boot", boot=f"b{n}"), numbers),
    st.builds(lambda m, b: live("INSERT OR IGNORE INTO attempts (opened_at, client_id, admitted) VALUES (:at, 7, :in)",
                                at=second(m), **{"in": int(b)}),
              moments, st.booleans()),
    st.builds(lambda m: live("DELETE FROM attempts WHERE opened_at < :at", at=second(m)), moments),
    st.builds(lambda m, n: live("INSERT INTO refusals VALUES (:at / 3600 * 3600, 'p', 'x', :n) ON CONFLICT DO UPDATE "
                                "SET count = count + :n", at=second(m), n=n), moments, numbers),
    st.builds(lambda m, a: live("INSERT INTO calendar_changes (kind, begin_at, end_at, decided_at, author) "
                                "VALUES ('closure', :at, :at + :after + 60, :at - 1, 'h')", at=second(m), after=a),
              moments, afters),
    st.just(live("UPDATE calendar_changes SET taken_back_at = 1, taken_back_by = 'h'")),
    st.just(live("INSERT OR IGNORE INTO devices (mac, standing, name, author, since_at) "
                 "VALUES ('02:00:00:00:00:07', 'kiosk', '1', 'h', 0)")),
    st.builds(lambda n: live("UPDATE devices SET name = :name", name=n), tokens),
    st.just(live("DELETE FROM devices")),
    st.just(live("UPDATE clients SET mac = NULL")),
    st.builds(lambda m, n: live("INSERT INTO line_rounds (at, boot_id, provisional, carrier, first_hop, at_home, "
                                "abroad, failed) SELECT :at + 30 * value, 'b', 0, 1, 1, '0', '0', 1 "
                                "FROM json_each(CASE :n WHEN 1 THEN '[0]' ELSE '[0,1,2,3,4,5,6,7,8,9,10,11,12]' END)",
                                at=second(m), n=n), moments, numbers),
    st.builds(lambda n, m, a: live("INSERT OR IGNORE INTO pc_presence VALUES (:pc, :at, :at + :after)", pc=n,
                                   at=second(m), after=a), tokens, moments, afters),
    st.builds(lambda n: live("UPDATE sessions SET pc = :pc", pc=n), tokens),
    st.builds(lambda n, m: live("UPDATE OR IGNORE starts SET started_at = :at, alive_at = max(alive_at, :at) "
                                "WHERE boot_id = :boot", boot=f"b{n}", at=second(m)), numbers, moments),
    st.builds(lambda m: live("UPDATE clients SET staff_since = :at", at=second(m)), moments),
)  # fmt: skip
STEPS = st.tuples(
    st.lists(FACTS, min_size=3, max_size=15),
    st.lists(st.one_of(st.lists(FACTS, min_size=1, max_size=1), LIVE), min_size=3, max_size=9),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("counts") / "empty.sqlite"

    async def make() -> None:
        async with Database.opened(path):
            pass

    asyncio.run(make())
    return path


async def do(database: Database, register: SqliteRegister, step: list[Fact] | Change) -> None:
    if callable(step):
        await database.run(step)
        return
    with contextlib.suppress(GatewayError):  # the same key and revision with other values: nothing is stored
        await register.take(step, TELLING)


@given(STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_report_through_the_store_is_the_one_counted_from_nothing(
    empty: Path, steps: tuple[list[Fact], list[list[Fact] | Change]]
) -> None:
    async def run(path: Path) -> None:
        async with Database.opened(path) as database:
            kept, register, _ = desk_of(database)
            anew = AllFacts(register, LiveFacts(database, "a", ZONE, CLOCK), configured(CONFIG))
            at_first, later = steps
            for step in [*([one] for one in at_first), *later]:
                await do(database, register, step)
                if step in later:
                    assert await period_report(kept, SPAN) == await period_report(anew, SPAN)

    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(shutil.copy(empty, folder))))


def desk_of(database: Database, config: Config = CONFIG) -> tuple[AllFacts, SqliteRegister, SqliteCounts]:
    register, counts = SqliteRegister(database), SqliteCounts(database)
    return AllFacts(register, LiveFacts(database, "a", ZONE, CLOCK), configured(config), counts), register, counts


def session(number: int, day: str) -> Fact:
    span = {"start": f"{day}T08:00:00+07:00", "stop": f"{day}T08:30:00+07:00"}
    return fact_of({"kind": "session", "site": "a", "id": str(number), "access": "wifi", "device": "d", **span})


MARCH = date(2027, 3, 1)


async def test_what_was_told_while_a_month_was_counted_keeps_it_from_being_kept(tmp_path: Path) -> None:
    async with Database.opened(tmp_path / "a.sqlite") as database:
        source, register, counts = desk_of(database)
        await register.take([session(1, "2027-03-10")], TELLING)
        generation = await counts.settle(source.stamp)
        (month,) = (await period_counts(source)).values()
        await counts.drop()
        generation = await counts.settle(source.stamp)
        await register.take([session(2, "2027-03-11")], TELLING)
        assert not await counts.keep("a", [month], source.stamp, generation)
        # another program has taken note of it meanwhile: the mark is gone, the generation is another
        await counts.settle(source.stamp)
        assert not await counts.keep("a", [month], source.stamp, generation)
        assert await counts.months("a", [MARCH], source.stamp) == {}
        assert (await period_report(source, parse_span("month", "2027-03"))).total.counted.visits == 2


async def period_counts(source: AllFacts) -> dict[date, MonthCounts]:
    await period_report(source, parse_span("month", "2027-03"))
    assert source.counts is not None
    return dict(await source.counts.months("a", [MARCH], source.stamp))


async def test_other_rules_or_another_week_in_the_configuration_count_anew(tmp_path: Path) -> None:
    async with Database.opened(tmp_path / "a.sqlite") as database:
        source, register, _ = desk_of(database)
        await register.take([session(1, "2027-03-10")], TELLING)
        dates = parse_span("month", "2027-03")
        assert (await period_report(source, dates)).total.counted.promised_s == 23 * 12_600
        other, *_ = desk_of(database, CONFIG.model_copy(update={"hours": Config().hours}))
        assert other.stamp != source.stamp
        assert (await period_report(other, dates)).total.counted.promised_s != 23 * 12_600
        assert (await period_report(source, dates)).total.counted.promised_s == 23 * 12_600


async def test_all_months_are_counted_newest_first_and_it_may_end_early(tmp_path: Path) -> None:
    async with Database.opened(tmp_path / "a.sqlite") as database:
        source, register, counts = desk_of(database)
        await register.take([session(1, "2026-01-10"), session(2, "2027-03-10")], TELLING)
        seen: list[tuple[int, int]] = []
        assert await count_all(source, lambda *two: seen.append(two), lambda: len(seen) > 1) == (3, 15)
        assert list(await counts.months("a", [date(2026, 1, 1), MARCH], source.stamp)) == [MARCH]
        assert await count_all(source) == (12, 12)
        assert await count_all(source) == (0, 0)


BESIDE = {"carried_days", "garden_days", "carried_base", "wan_days", "device_periods", "device_keys", "device_logins"}
"""Tables of facts that a report has beside its counts: they are read anew each time."""


def test_every_table_that_counts_read_notes_its_changes(empty: Path) -> None:
    store = Path(__file__).parents[2] / "gateway" / "store"
    text = (store / "live_facts.py").read_text(encoding="utf-8")
    rooms = {"live_facts", *re.findall(r"from gateway\.store\.(\w+) import", text)} - {"db"}
    rooms |= {name for room in rooms for name in re.findall(
        r"from gateway\.store\.(\w+) import", (store / f"{room}.py").read_text(encoding="utf-8"))} - {"db"}  # fmt: skip
    texts = [(store / f"{room}.py").read_text(encoding="utf-8") for room in rooms]
    named = {name for text in texts for name in re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", text)}
    with sqlite3.connect(empty) as sql:
        tables = {row[0] for row in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        triggers = sql.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    sql.close()
    assert {"sessions", "usage", "starts", "devices", "line_rounds", "pc_presence"} <= named & tables
    frozen = {table for table, text in triggers if "never updated" in text or "append-only" in text}
    for table in sorted((named & tables) - BESIDE - {"meta"}):
        marks = [text for of, text in triggers if of == table and "INTO touched" in text]
        for change in ("INSERT", "DELETE", *(() if table in frozen else ("UPDATE",))):
            assert any(f"AFTER {change}" in text for text in marks), f"{change} of {table} touches no day"


def test_the_kinds_that_touch_nothing_are_those_that_no_count_rests_on(empty: Path) -> None:
    with sqlite3.connect(empty) as sql:
        (text,) = sql.execute("SELECT sql FROM sqlite_master WHERE name = 'facts_told_touch'").fetchone()
    sql.close()
    excluded = set(re.findall(r"'(\w+)'", text[: text.index("BEGIN")]))
    assert excluded == set(KINDS) - set(COUNTED_KINDS) - {"session"}
