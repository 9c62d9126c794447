"""Evidence and figures on a true SQLite file."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.rollup import LedgerRow, Sums
from gateway.ports_figures import Evidence, FactStore, Forgotten, StoredDay, Terms
from gateway.reports.quality import Start
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.units import epoch_s
from gateway.visits.visit import CountedSession

ZONE = timezone(timedelta(hours=7))
DAY = date(2027, 3, 31)
BEGIN = datetime(2027, 3, 31, tzinfo=ZONE)
END = BEGIN + timedelta(days=1)


def at(text: str, day: int = 31) -> datetime:
    return datetime.fromisoformat(f"2027-03-{day:02}T{text}:00+07:00")


class Rows:
    """Writes rows as the gateway's other parts do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.facts: FactStore = Facts(database, forget_at_once=20)

    async def add(self, sql: str, **values: object) -> None:
        await self.database.run(lambda connection: connection.execute(sql, values).fetchall())

    async def scalar(self, sql: str) -> object:
        return await self.database.read(lambda connection: connection.execute(sql).fetchone()[0])

    async def client(self, number: int, *, seen: datetime = BEGIN, staff_since: datetime | None = None) -> None:
        await self.add(
            "INSERT INTO clients VALUES (:id, :mac, :staff, :seen)",
            id=number,
            mac=f"02:00:5e:10:00:{number:02x}",
            staff=None if staff_since is None else epoch_s(staff_since),
            seen=epoch_s(seen),
        )

    async def session(
        self,
        number: int,
        client: int,
        start: datetime,
        stop: datetime | None,
        *,
        counted: int = 1,
        cause: str = "user-request",
    ) -> None:
        await self.add(
            """INSERT INTO sessions (id, client_id, kind, method, profile, counted, session_s, idle_s, opened_at,
                                     boot_id, opened_boot_s, active_boot_s, state, cause, stopped_at)
               VALUES (:id, :client, 'wifi', 'terms', 'public', :counted, 7200, 900, :start,
                       'b1', 0, 0, :state, :cause, :stop)""",
            id=number,
            client=client,
            counted=counted,
            start=epoch_s(start),
            state="open" if stop is None else "closed",
            cause=None if stop is None else cause,
            stop=None if stop is None else epoch_s(stop),
        )

    async def usage(self, session: int, reading: int, when: datetime, up: int = 1, down: int = 2) -> None:
        await self.add(
            "INSERT INTO usage VALUES (:at, :session, :reading, :up, :down, 0)",
            at=epoch_s(when),
            session=session,
            reading=reading,
            up=up,
            down=down,
        )

    async def attempt(self, client: int, when: datetime) -> None:
        await self.add(
            "INSERT INTO attempts (opened_at, client_id, admitted) VALUES (:at, :client, 0)",
            at=epoch_s(when),
            client=client,
        )

    async def refusals(self, when: datetime, category: str, count: int, profile: str = "public") -> None:
        await self.add(
            "INSERT INTO refusals VALUES (:at, :profile, :category, :count)",
            at=epoch_s(when),
            profile=profile,
            category=category,
            count=count,
        )

    async def start(self, when: datetime, alive: datetime, boot: str = "b1", *, stopped: int = 0) -> None:
        await self.add(
            "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:at, :boot, :alive, :stopped)",
            at=epoch_s(when),
            boot=boot,
            alive=epoch_s(alive),
            stopped=stopped,
        )


@pytest.fixture
async def rows(tmp_path: Path) -> AsyncIterator[Rows]:
    database = await Database.open(tmp_path / "cong.sqlite")
    yield Rows(database)
    await database.close()


async def evidence(rows: Rows) -> Evidence:
    return await rows.facts.evidence(BEGIN, END)


async def test_empty_database_has_no_evidence(rows: Rows) -> None:
    assert await evidence(rows) == Evidence(
        sessions=(), live=frozenset(), rebooted=frozenset(), ledger=(), attempts=0, refused=(), starts=(),
        sessions_kept=True, attempts_kept=True,
    )  # fmt: skip
    assert await rows.facts.last_closed() is None
    assert await rows.facts.stored_day(DAY, ZONE) is None


async def test_sessions_come_with_kind_staff_and_end(rows: Rows) -> None:
    await rows.client(1)
    await rows.client(2)
    await rows.session(1, 1, at("08:00"), at("08:25"))
    await rows.session(2, 2, at("08:00"), at("11:00"), counted=0, cause="nas-reboot")
    found = await evidence(rows)
    assert found.sessions == (
        CountedSession(SessionId(1), AccessKind.WIFI, ClientId(1), None, at("08:00"), at("08:25")),
        CountedSession(SessionId(2), AccessKind.WIFI, ClientId(2), None, at("08:00"), at("11:00"), staff=True),
    )
    assert not found.live
    assert found.rebooted == {2}


async def test_sessions_of_the_evening_and_night_before_are_read_and_the_next_days_are_not(rows: Rows) -> None:
    for number in range(1, 5):
        await rows.client(number)
    await rows.session(1, 1, BEGIN - timedelta(hours=25, minutes=31), BEGIN - timedelta(hours=2))
    await rows.session(2, 2, BEGIN - timedelta(hours=24, minutes=30), BEGIN - timedelta(minutes=30))
    await rows.session(3, 3, END - timedelta(seconds=1), None)
    await rows.session(4, 4, END, None)
    assert [session.id for session in (await evidence(rows)).sessions] == [2, 3]


async def test_open_session_ends_at_its_last_reading(rows: Rows) -> None:
    for number, start in ((1, "08:00"), (2, "08:00"), (3, "06:00")):
        await rows.client(number)
        await rows.session(number, number, at(start), None)
    await rows.usage(1, 1, at("08:10"))
    await rows.usage(1, 2, at("08:12"))
    await rows.usage(2, 1, at("07:00"))  # the clock stepped back: never before its start
    found = await evidence(rows)
    assert [session.stop for session in found.sessions] == [at("08:12"), at("08:00"), at("06:00")]
    assert found.live == {1, 2, 3}


async def test_ledger_rows_of_the_day_begin_after_midnight_and_hold_the_next(rows: Rows) -> None:
    await rows.client(1)
    await rows.client(2)
    await rows.session(1, 1, at("23:00", 30), END)
    await rows.session(2, 2, at("08:00"), at("09:00"), counted=0)
    for reading, when in enumerate((BEGIN, BEGIN + timedelta(seconds=1), END, END + timedelta(seconds=1)), start=1):
        await rows.usage(1, reading, when, reading, 10 * reading)
    await rows.usage(2, 1, at("08:30"), 999, 999)
    assert (await evidence(rows)).ledger == (
        LedgerRow(SessionId(1), 2, BEGIN + timedelta(seconds=1), 2, 20),
        LedgerRow(SessionId(1), 3, END, 3, 30),
    )


async def test_attempts_leave_out_staff_devices(rows: Rows) -> None:
    await rows.client(1)
    await rows.client(2, staff_since=at("09:00"))
    await rows.client(3)
    await rows.attempt(1, at("08:10"))
    await rows.attempt(1, END)
    await rows.attempt(2, at("08:59"))  # before its entry: counts
    await rows.attempt(2, at("09:00"))
    await rows.attempt(3, at("10:00"))
    await rows.session(1, 3, at("10:01"), at("10:30"), counted=0)
    assert (await evidence(rows)).attempts == 2


async def test_refusals_are_summed_by_category_most_first(rows: Rows) -> None:
    await rows.refusals(at("08:00"), "games", 100)
    await rows.refusals(at("09:00"), "games", 20)
    await rows.refusals(at("09:00"), "gambling", 61)
    await rows.refusals(at("09:00"), "threats", 61, "children")
    await rows.refusals(at("09:00"), "own", 0)
    await rows.refusals(END, "own", 5)
    assert (await evidence(rows)).refused == (("games", 120), ("gambling", 61), ("threats", 61))


async def test_starts_are_those_around_the_day(rows: Rows) -> None:
    for day, boot in ((28, "b0"), (30, "b1"), (31, "b2")):
        await rows.start(at("07:00", day), at("17:00", day), boot)
    after = END + timedelta(hours=7)
    await rows.start(after, after, "b3")
    await rows.start(after + timedelta(days=1), after + timedelta(days=1), "b4")
    found = (await evidence(rows)).starts
    assert [start.boot_id for start in found] == ["b1", "b2", "b3"]
    assert found[1] == Start(at("07:00"), "b2", at("17:00"), stopped=False)


async def test_unclosed_days_are_those_with_a_trace_and_no_figures(rows: Rows) -> None:
    await rows.client(1)
    await rows.session(1, 1, at("23:40", 10), at("00:20", 11))
    await rows.session(2, 1, at("08:00", 13), at("00:00", 14))  # half-open: nothing of it is on the 14th
    await rows.attempt(1, at("00:00", 16))
    await rows.refusals(at("23:00", 18), "games", 1)
    await rows.start(at("07:00", 1), at("08:00", 3))
    await rows.start(at("07:00", 20), at("08:00", 21))

    async def days() -> list[int]:
        return [day.day for day in await rows.facts.unclosed_days(ZONE, DAY, date(2027, 3, 20))]

    assert await days() == [10, 11, 13, 16, 18, 20, 21]
    await rows.facts.store_day(StoredDay(date(2027, 3, 13), Sums(), 0, 0, {}), ZONE, END)
    assert await days() == [10, 11, 16, 18, 20, 21]
    assert await rows.facts.unclosed_days(ZONE, date(2027, 3, 10), date(2027, 3, 20)) == []


STORED = StoredDay(
    DAY,
    Sums(3, 5, 7200, 10, 20),
    attempts=9,
    refusals=4,
    hours={BEGIN: Sums(1, 2, 3600, 4, 8), at("23:00"): Sums(2, 3, 3600, 6, 12)},
)


async def test_day_is_stored_again_in_place_and_keeps_when_it_was_closed(rows: Rows) -> None:
    await rows.facts.store_day(STORED, ZONE, END)
    assert await rows.facts.stored_day(DAY, ZONE) == STORED
    fewer = StoredDay(DAY, Sums(1, 1, 60, 1, 1), 1, 1, {at("12:00"): Sums(1, 1, 60, 1, 1)})
    await rows.facts.store_day(fewer, ZONE, END + timedelta(hours=1))
    assert await rows.facts.stored_day(DAY, ZONE) == fewer
    assert await rows.scalar("SELECT closed_at FROM day_figures") == epoch_s(END)


async def test_storing_a_day_leaves_the_days_beside_it_alone(rows: Rows) -> None:
    beside = [
        StoredDay(DAY + timedelta(days=n), Sums(1), 0, 0, {edge: Sums(1)})
        for n, edge in ((-1, at("23:00", 30)), (1, END))
    ]
    for day in (*beside, STORED):
        await rows.facts.store_day(day, ZONE, END)
    assert [await rows.facts.stored_day(day.day, ZONE) for day in beside] == beside
    assert await rows.facts.visits_by_day(DAY, DAY + timedelta(days=1)) == {DAY: 3, DAY + timedelta(days=1): 1}
    assert await rows.facts.last_closed() == DAY + timedelta(days=1)


def terms(macs: datetime = BEGIN, attempts: datetime = BEGIN, sessions: datetime = BEGIN) -> Terms:
    return Terms(macs, attempts, sessions, sessions, sessions, sessions.astimezone(ZONE))


async def test_mac_goes_unless_the_client_was_seen_or_is_online(rows: Rows) -> None:
    old = BEGIN - timedelta(seconds=1)
    await rows.client(1, seen=old)
    await rows.client(2, seen=BEGIN)
    await rows.client(3, seen=old)
    await rows.session(1, 3, old, None)
    assert await rows.facts.forget(terms()) == Forgotten(macs=1)
    assert await rows.scalar("SELECT group_concat(id) FROM clients WHERE mac IS NULL") == "1"
    assert await rows.facts.forget(terms()) == Forgotten()


async def test_sessions_go_with_their_ledger_and_consents_many_at_a_time(rows: Rows) -> None:
    await rows.client(1, seen=END)
    await rows.add("INSERT INTO terms VALUES ('v1', 'vi', 'text', 0)")
    for number in range(1, 46):  # more than one transaction takes
        await rows.session(number, 1, at("08:00", 30), at("09:00", 30))
        await rows.usage(number, 1, at("09:00", 30))
        await rows.add("INSERT INTO consents VALUES (:id, 'v1', 0)", id=number)
    await rows.session(99, 1, at("23:00", 30), BEGIN)
    await rows.usage(99, 1, BEGIN)
    await rows.client(2, seen=END)
    await rows.session(100, 2, at("08:00", 30), at("09:00", 30))
    await rows.add("UPDATE sessions SET state = 'closing' WHERE id = 100")  # its last bytes are not booked yet
    assert await rows.facts.forget(terms()) == Forgotten(sessions=45)
    assert await rows.scalar("SELECT COUNT(*) FROM pragma_foreign_key_check") == 0
    assert await rows.scalar("SELECT group_concat(id) FROM (SELECT id FROM sessions ORDER BY id)") == "99,100"
    assert await rows.scalar("SELECT group_concat(session_id) FROM usage") == "99"
    assert await rows.scalar("SELECT COUNT(*) FROM consents") == 0


async def test_nothing_else_refers_to_a_session(rows: Rows) -> None:
    """Facts deletes what refers to a session itself: a table that newly does must be added there."""
    sql = """SELECT group_concat(t.name) FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name) t
             JOIN pragma_foreign_key_list(t.name) f ON f."table" = 'sessions'"""
    assert await rows.scalar(sql) == "consents,radius_sessions,usage"


async def test_attempts_go_and_it_is_remembered_what_may_be_missing(rows: Rows) -> None:
    await rows.client(1, seen=END)
    await rows.attempt(1, at("23:59", 30))
    await rows.attempt(1, BEGIN)
    assert await rows.facts.forget(terms(sessions=BEGIN - timedelta(minutes=30))) == Forgotten(attempts=1)
    found = await evidence(rows)
    assert (found.attempts, found.attempts_kept, found.sessions_kept) == (1, True, True)
    before = await rows.facts.evidence(BEGIN - timedelta(seconds=1), BEGIN)
    assert not before.attempts_kept


async def test_day_is_whole_only_with_the_sessions_that_may_reach_into_it(rows: Rows) -> None:
    await rows.facts.forget(terms(sessions=BEGIN - timedelta(minutes=29)))
    assert not (await evidence(rows)).sessions_kept


async def test_marks_of_what_is_missing_never_go_back(rows: Rows) -> None:
    await rows.facts.forget(terms(sessions=END, attempts=END))
    await rows.facts.forget(terms(sessions=BEGIN - timedelta(days=9), attempts=BEGIN - timedelta(days=9)))
    found = await evidence(rows)
    assert not found.sessions_kept
    assert not found.attempts_kept
