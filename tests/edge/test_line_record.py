"""The line on record: true sockets asked, rounds in true SQLite, outages out of them, and staff's word on top."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.clock import SystemClock, local_day
from gateway.facts.fact import Fact
from gateway.flows.line_record import LineRecord
from gateway.flows.nightly import close_night
from gateway.line import has_carrier
from gateway.ports_line import Beat
from gateway.probing import LineProber, default_router
from gateway.service.line import Round
from gateway.service.target import Target
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.line import SqliteLine
from gateway.store.live_facts import LiveFacts
from gateway.store.starts import SqliteStarts
from gateway.units import epoch_s
from tests.edge.desk import CommandDesk
from tests.edge.filters_upstream import free_port
from tests.edge.test_line import Resolver

ZONE = timezone(timedelta(hours=7))
BEGIN = datetime(2027, 3, 31, 7, tzinfo=UTC)  # 14:00 at the site
YES, NO = (True, True), (False, False)


@dataclass(slots=True)
class Wire:
    """A Prober that tells what a test sets."""

    up: bool = True
    abroad: bool = True
    carrier: bool = True

    async def look(self, at: datetime) -> Round:
        abroad = YES if self.up and self.abroad else NO
        return Round(at, self.carrier, self.carrier, YES if self.up else NO, abroad)


@dataclass(slots=True)
class Box:
    """A gateway with a clock of its own, and its record."""

    database: Database
    wire: Wire = field(default_factory=Wire)
    at: datetime = BEGIN
    booted: float = 1000.0
    boot: str = "b1"
    right: bool = True

    def now(self) -> datetime:
        return self.at

    def boot_s(self) -> float:
        return self.booted

    def boot_id(self) -> str:
        return self.boot

    @property
    def beat(self) -> Beat:
        return Beat(self.at, self.booted, self.boot, self.right)

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.booted += seconds

    async def looks(self, rounds: int) -> None:
        record = LineRecord(self, lambda: self.right, self.wire, SqliteLine(self.database))
        for _ in range(rounds):
            await record.look()
            self.passes(30)

    async def facts(self, kind: str = "outage", no_carrier: str = "unknown") -> list[Fact]:
        live = LiveFacts(self.database, "sa-thay", ZONE, self, no_carrier)
        return [fact for fact in await live.facts(None) if fact.kind.name == kind]

    async def night(self) -> None:
        await close_night(Facts(self.database), local_day(self.at, ZONE), zone=ZONE, now=self.at)

    async def rows(self, sql: str) -> Sequence[sqlite3.Row]:
        return await self.database.read(lambda connection: connection.execute(sql).fetchall())


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    database = await Database.open(tmp_path / "cong.sqlite")
    yield Box(database)
    await database.close()


async def test_an_outage_from_the_first_failure_to_the_first_success(box: Box) -> None:
    await box.looks(5)
    assert await box.rows("SELECT * FROM line_rounds") == []  # a line that is up leaves no trace
    box.wire.up = False
    began = box.at
    await box.looks(2)
    assert await box.facts() == []
    await box.looks(2)
    (going_on,) = await box.facts()
    assert going_on.instant_of("begin") == began and not going_on.has("end") and not going_on.has("evidence_sha256")
    box.wire.up = True
    ended = box.at
    await box.looks(5)
    (fact,) = await box.facts()
    assert (fact.instant_of("begin"), fact.instant_of("end"), fact.text("cause")) == (began, ended, "isp")
    assert fact.key == "L20270331T070230"
    assert (fact.number("failed_rounds"), fact.number("unanswered")) == (4, 16)
    log = await SqliteLine(box.database).log(began)
    assert log is not None and len(log.splitlines()) == 5
    assert hashlib.sha256(log.encode()).hexdigest() == fact.text("evidence_sha256")


async def test_two_failures_are_none_and_the_world_abroad_alone_is_told_apart(box: Box) -> None:
    box.wire.up = False
    await box.looks(2)
    box.wire.up, box.wire.abroad = True, False
    began = box.at
    await box.looks(4)
    box.wire.abroad = True
    await box.looks(2)
    assert await box.facts() == []
    (told,) = await SqliteLine(box.database).spells(BEGIN, box.at, box.at)
    assert (told.spell.kind, told.spell.start, told.spell.stop) == (
        "abroad_degraded",
        began,
        began + timedelta(minutes=2),
    )


@pytest.mark.parametrize("whose", ["unknown", "isp"])
async def test_without_a_carrier_the_setting_says_whose_it_is(box: Box, whose: str) -> None:
    box.wire.up = box.wire.carrier = False
    await box.looks(3)
    box.wire.carrier = True  # the modem has power again and starts
    await box.looks(3)
    box.wire.up = True
    await box.looks(1)
    (fact,) = await box.facts(no_carrier=whose)
    assert fact.text("cause") == whose and fact.instant_of("end") - BEGIN == timedelta(minutes=3)


async def test_a_restart_goes_on_with_the_outage_and_a_power_cut_breaks_it(box: Box) -> None:
    starts = SqliteStarts(box.database)
    await starts.started(box.beat)
    box.wire.up = False
    await box.looks(3)
    await starts.alive(box.beat)
    box.passes(20)  # killed, and started anew by systemd: nothing in memory
    starts = SqliteStarts(box.database)
    await starts.started(box.beat)
    await box.looks(2)
    await starts.alive(box.beat)
    last = box.at - timedelta(seconds=30)
    box.passes(2700)  # the power is gone
    box.boot, box.booted = "b2", 10.0
    starts = SqliteStarts(box.database)
    await starts.started(box.beat)
    again = box.at
    await box.looks(3)
    box.wire.up = True
    await box.looks(1)
    told = {fact.text("cause"): fact for fact in await box.facts() if fact.text("cause") != "isp"}
    first, second = (fact for fact in await box.facts() if fact.text("cause") == "isp")
    assert (first.instant_of("begin"), first.instant_of("end")) == (BEGIN, last)
    assert (second.instant_of("begin"), second.instant_of("end")) == (again, again + timedelta(seconds=90))
    assert told["power"].instant_of("end") - told["power"].instant_of("begin") == timedelta(seconds=2700)
    assert set(told) == {"power", "gateway"}  # 20 s, the restart


async def test_rounds_and_starts_before_the_clock_was_set_are_shifted_once(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    right = box.at
    box.at, box.right = datetime(1970, 1, 1, 0, 0, 40, tzinfo=UTC), False  # no battery
    starts = SqliteStarts(box.database)
    await starts.started(box.beat)
    box.wire.up = False
    await box.looks(3)
    await starts.alive(box.beat)
    box.wire.up = True
    await box.looks(1)
    box.at = right + timedelta(minutes=2)  # NTP
    await starts.alive(box.beat)
    assert '"clock.stepped"' in capsys.readouterr().err
    box.right = True
    box.passes(30)
    await starts.alive(box.beat)
    (fact,) = await box.facts()
    (alive,) = await box.facts("heartbeat")
    assert fact.instant_of("begin") == right and fact.instant_of("end") == right + timedelta(seconds=90)
    assert (alive.instant_of("begin"), alive.instant_of("end")) == (right, box.at)
    box.at += timedelta(hours=1)  # somebody sets it wrong later: what is settled stays
    await starts.alive(box.beat)
    assert (await box.facts())[0].instant_of("begin") == right
    assert (await box.facts("heartbeat"))[0].instant_of("begin") == right
    with pytest.raises(Exception, match="append-only"):
        await box.database.run(lambda sql: sql.execute("UPDATE line_rounds SET at = at + 1"))


async def test_a_start_whose_clock_was_never_set_makes_no_power_cut_of_decades(box: Box) -> None:
    starts = SqliteStarts(box.database)
    right = box.at
    await starts.started(box.beat)
    box.boot, box.at, box.right = "b2", datetime(1970, 1, 1, 0, 5, tzinfo=UTC), False
    await SqliteStarts(box.database).started(box.beat)
    box.boot, box.at, box.right = "b3", right + timedelta(hours=1), True
    await SqliteStarts(box.database).started(box.beat)
    (cut,) = await box.facts()
    assert (cut.text("cause"), cut.instant_of("begin"), cut.instant_of("end")) == ("power", right, box.at)


async def test_the_night_stores_what_is_over_and_deletes_rounds_after_400_days(box: Box) -> None:
    box.wire.up = False
    await box.looks(4)
    box.wire.up = True
    await box.looks(1)
    (before,) = await box.facts()

    async def night(days: int) -> None:
        box.at = BEGIN + timedelta(days=days)
        await box.night()

    await night(1)
    assert await box.rows("SELECT * FROM line_spells") == []
    for days in (2, 3, 399):
        await night(days)
        assert await box.facts() == [before]
        assert len(await box.rows("SELECT * FROM line_spells")) == 1
        assert await SqliteLine(box.database).log(BEGIN)
    await night(401)
    assert await box.rows("SELECT * FROM line_rounds") == [] and await box.facts() == [before]
    assert await SqliteLine(box.database).log(BEGIN) is None
    box.wire.up = False
    await box.looks(3)
    assert len(await box.facts()) == 2
    await night(3600)
    assert len(await box.rows("SELECT * FROM line_spells")) == 2
    await night(3670)
    assert len(await box.rows("SELECT * FROM line_spells")) == 1


async def test_an_outage_over_midnight_is_not_cut_by_the_night(box: Box) -> None:
    box.wire.up = False
    await box.looks(10)
    box.at = BEGIN + timedelta(days=1, seconds=150)  # a day after its fifth round, which others follow
    await box.night()
    assert await box.rows("SELECT * FROM line_spells") == []


async def test_true_sockets_answer_or_not() -> None:
    loop = asyncio.get_running_loop()
    transport, resolver = await loop.create_datagram_endpoint(Resolver, local_addr=("127.0.0.1", 0))
    udp = Target("127.0.0.1", transport.get_extra_info("sockname")[1])
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    tcp = Target("127.0.0.1", server.sockets[0].getsockname()[1], by_tcp=True)
    closed = Target("127.0.0.1", free_port(), by_tcp=True)
    prober = LineProber("lo", "127.0.0.1", (udp, closed), (tcp,))
    seen = await prober.look(BEGIN)
    # a first hop that refuses is there; a target that refuses is not: the modem may refuse in its place
    assert (seen.at, seen.carrier, seen.first_hop, seen.at_home, seen.abroad) == (
        BEGIN,
        True,
        True,
        (True, False),
        (True,),
    )
    server.close()
    resolver.answers = False
    transport.close()
    seen = await LineProber("cong-none0", None, (udp,), (tcp,)).look(BEGIN)
    assert (seen.carrier, seen.first_hop, seen.at_home, seen.abroad) == (False, False, (False,), (False,))
    assert has_carrier("lo") and default_router("cong-none0") is None


def _failed(desk: CommandDesk, begin: datetime, rounds: int, *, then_up: bool) -> None:
    desk.cong("facts", "list", "pc")  # makes the database
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        for n in range(rounds + then_up):
            answers = ("1111", "11", 0) if n == rounds else ("0000", "00", 1)
            sql.execute(
                """INSERT INTO line_rounds (at, boot_id, provisional, carrier, first_hop, at_home, abroad, failed)
                   VALUES (?, 'b1', 0, 1, 1, ?, ?, ?)""",
                (epoch_s(begin + timedelta(seconds=30 * n)), *answers),
            )


def test_staff_add_a_ticket_to_a_live_outage_and_begin_end_and_evidence_stay(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    _failed(desk, BEGIN, 72, then_up=True)
    (live,) = desk.told("line", "outages", "2027-03")
    assert (live["rev"], live["begin"], live["end"]) == (0, "2027-03-31T07:00:00Z", "2027-03-31T07:36:00Z")
    desk.cong("line", "told", live["id"], "--at", "2027-03-31 14:10", "--ticket", "SC-123", "--by", "Lan")
    desk.cong("line", "told", live["id"], "--at", "2027-03-31 14:10", "--ticket", "SC-124", "--by", "Lan")
    (told,) = desk.told("line", "outages", "2027-03")
    assert told == {**live, "rev": 2, "reported_at": "2027-03-31T07:10:00Z", "ticket": "SC-124"}
    (row,) = desk.told("report", "month", "2027-03")["sites"][0]["incidents"]
    assert (row["lasted_s"], row["within_hours_s"], row["cause"]) == (36 * 60, 36 * 60, "isp")
    log = desk.cong("line", "evidence", live["id"])
    assert hashlib.sha256(log.encode()).hexdigest() == live["evidence_sha256"] and log.count("\n") == 73
    desk.cong("line", "cause", live["id"], "planned", "--note", "nhà mạng báo trước", "--by", "Lan")
    (planned,) = desk.told("line", "outages", "2027-03", "--cause", "planned")
    assert planned["ticket"] == "SC-124" and planned["end"] == live["end"]
    assert "is no outage the gateway saw" in desk.refused("line", "evidence", "H1")
    assert desk.told("line", "abroad", "2027-03") == []


def test_a_ticket_told_while_the_outage_goes_on_does_not_keep_it_open(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    begin = SystemClock().now().replace(microsecond=0) - timedelta(seconds=120)
    _failed(desk, begin, 5, then_up=False)
    (live,) = desk.told("line", "outages")
    assert "end" not in live
    desk.cong("line", "told", live["id"], "--ticket", "SC-9")
    _failed(desk, begin + timedelta(seconds=150), 1, then_up=True)
    (told,) = desk.told("line", "outages")
    assert told["ticket"] == "SC-9" and told["end"] and told["failed_rounds"] == 6 and told["evidence_sha256"]
    exported = desk.cong("facts", "export")
    assert exported.count('"kind":"outage"') == 1 and "SC-9" in exported
