"""The night on a true SQLite file: figures, what is stored, what is deleted, and running it again."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.accounting.rollup import Sums, total
from gateway.errors import GatewayError
from gateway.flows.nightly import Night, close_night
from gateway.ports_figures import Forgotten
from gateway.reports.nightly import tell
from gateway.reports.nightly_json import figures_tree
from gateway.reports.quality import GapKind
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.units import epoch_s

T = TypeVar("T")
ZONE = timezone(timedelta(hours=7))
DAY = date(2027, 3, 31)
NEXT = date(2027, 4, 1)
NEXT_MORNING = datetime(2027, 4, 1, 8, tzinfo=ZONE)
DEVICES = {"A": 1, "B": 2, "C": 3, "PC01": 4, "D": 5, "E": 6, "STAFF1": 7}


def at(text: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}:00+07:00")


class Library:
    """One library's database: rows as the gateway writes them, nights as the timer runs them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.facts = Facts(database)
        self.sessions = 0

    async def add(self, sql: str, **values: object) -> None:
        await self.database.run(lambda connection: connection.execute(sql, values).fetchall())

    async def table(self, name: str) -> list[tuple[object, ...]]:
        rows = await self.database.read(lambda connection: connection.execute(f"SELECT * FROM {name}").fetchall())
        return [tuple(row) for row in rows]

    async def session(
        self,
        device: str,
        start: datetime,
        stop: datetime | None,
        *,
        kind: str = "wifi",
        person: str | None = None,
        cause: str = "user-request",
        usage: tuple[tuple[datetime, int, int], ...] = (),
    ) -> int:
        self.sessions += 1
        client = DEVICES[device]
        await self.add(
            """INSERT INTO clients (id, mac, last_seen_at) VALUES (:id, :mac, :seen)
               ON CONFLICT (id) DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at)""",
            id=client, mac=f"02:00:5e:10:00:{client:02x}", seen=epoch_s(stop or start),
        )  # fmt: skip
        await self.add(
            """INSERT INTO sessions (id, client_id, kind, person, method, profile, counted, session_s, idle_s,
                                     opened_at, boot_id, opened_boot_s, active_boot_s, state, cause, stopped_at)
               VALUES (:id, :client, :kind, :person, 'terms', 'public', :counted, 7200, 900, :start,
                       'b1', 0, 0, :state, :cause, :stop)""",
            id=self.sessions, client=client, kind=kind, person=person, counted=int(device != "STAFF1"),
            start=epoch_s(start), state="open" if stop is None else "closed",
            cause=None if stop is None else cause, stop=None if stop is None else epoch_s(stop),
        )  # fmt: skip
        for reading, (when, up, down) in enumerate(usage, start=1):
            await self.add(
                "INSERT INTO usage VALUES (:at, :session, :reading, :up, :down, 0)",
                at=epoch_s(when), session=self.sessions, reading=reading, up=up, down=down,
            )  # fmt: skip
        return self.sessions

    async def attempt(self, device: str, when: datetime) -> None:
        await self.add(
            "INSERT INTO clients VALUES (:id, :mac, NULL, :at) ON CONFLICT DO NOTHING",
            id=DEVICES[device], mac=f"02:00:5e:10:00:{DEVICES[device]:02x}", at=epoch_s(when),
        )  # fmt: skip
        await self.add(
            "INSERT INTO attempts (opened_at, client_id, admitted) VALUES (:at, :id, 0)",
            at=epoch_s(when),
            id=DEVICES[device],
        )

    async def ran(self, begin: datetime, alive: datetime, *, stopped: int = 1) -> None:
        await self.add(
            "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (:begin, :boot, :alive, :stopped)",
            begin=epoch_s(begin), boot=f"boot of {begin}", alive=epoch_s(alive), stopped=stopped,
        )  # fmt: skip

    async def night(self, day: date, now: datetime = NEXT_MORNING) -> Night:
        return await close_night(self.facts, day, zone=ZONE, now=now)

    async def told(self, day: date, now: datetime = NEXT_MORNING) -> str:
        return str(figures_tree((await self.night(day, now)).figures, "sathay", "Thư viện Sa Thầy", "vi"))


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    database = await Database.open(tmp_path / "cong.sqlite")
    yield Library(database)
    await database.close()


async def golden(library: Library) -> None:
    """GV-B (counting 2.6), with some bytes, refusals and a power cut."""
    usage = ((at("08:10"), 1_000, 30_000), (at("08:25"), 500, 7_000))
    await library.session("A", at("08:00"), at("08:25"), usage=usage)
    await library.session("A", at("08:50"), at("09:10"))
    await library.session("A", at("09:41"), at("10:00"))
    await library.attempt("B", at("08:10"))
    await library.session("C", at("08:30"), at("08:31"))
    for start, stop in (("08:00", "08:30"), ("08:33", "09:00"), ("09:06", "09:40")):
        await library.session("PC01", at(start), at(stop), kind="kiosk")
    await library.session("PC01", at("09:41"), at("10:00"), kind="kiosk", person="u1")
    await library.session("D", at("10:05"), at("10:30"), person="u1")
    over = ((at("00:00", NEXT), 7, 70), (at("00:20", NEXT), 3, 30))
    await library.session("E", at("23:40"), at("00:20", NEXT), usage=over)
    await library.session("E", at("00:30", NEXT), at("00:40", NEXT))
    await library.session("STAFF1", at("08:00"), at("11:00"), usage=((at("11:00"), 10**9, 10**9),))
    for category, count in (("games", 120), ("gambling", 61)):
        await library.add(
            "INSERT INTO refusals VALUES (:at, 'public', :category, :count)",
            at=epoch_s(at("09:00")), category=category, count=count,
        )  # fmt: skip
    await library.ran(at("07:00"), at("10:40"), stopped=0)
    await library.ran(at("10:55"), at("08:00", NEXT), stopped=0)


async def test_golden_vector_through_the_store(library: Library) -> None:
    await golden(library)
    figures = (await library.night(DAY)).figures
    assert figures.sums == Sums(visits=7, sessions=10, use_s=220 * 60, up_bytes=1_507, down_bytes=37_070)
    assert (figures.attempts, figures.refusals) == (1, 181)
    assert [(gap.kind, gap.lasted_s) for gap in figures.quality.gaps] == [(GapKind.POWER, 900)]
    assert total(figures.hours) == figures.sums
    april = (await library.night(NEXT, at("23:00", NEXT))).figures
    assert april.sums == Sums(visits=0, sessions=1, use_s=30 * 60, up_bytes=3, down_bytes=30)
    text = tell(figures, "Thư viện Sa Thầy", "vi").text
    assert "Lượt sử dụng: 7\n" in text
    assert "Ngăn chặn: 181 lượt (game nạp tiền 120, cờ bạc 61)\n" in text
    assert "mất điện 1 lần, 15 phút (10:40–10:55)" in text


async def test_closed_day_and_its_hours_are_stored_and_their_sums_agree(library: Library) -> None:
    await golden(library)
    await library.night(DAY)
    stored = await library.facts.stored_day(DAY, ZONE)
    assert stored is not None
    assert total(stored.hours) == stored.sums == Sums(7, 10, 220 * 60, 1_507, 37_070)
    assert len(await library.table("day_figures")) == 1


async def test_running_again_gives_the_same_rows_and_the_same_bytes(library: Library) -> None:
    await golden(library)
    first = await library.told(DAY)
    tables = [await library.table(name) for name in ("day_figures", "hour_figures")]
    assert await library.told(DAY, NEXT_MORNING + timedelta(hours=3)) == first
    assert [await library.table(name) for name in ("day_figures", "hour_figures")] == tables
    assert await library.told(DAY, at("21:30", date(2027, 5, 1))) == first


async def test_unfinished_day_is_told_so_far_and_not_stored(library: Library) -> None:
    await golden(library)
    figures = (await library.night(DAY, at("21:30"))).figures
    assert figures.counted_until == at("21:30")
    assert figures.sums.visits == 7
    assert await library.table("day_figures") == await library.table("hour_figures") == []


async def test_visit_that_began_the_evening_before_is_not_counted_twice(library: Library) -> None:
    await library.session("A", at("23:00"), at("23:50"))
    await library.session("A", at("00:15", NEXT), at("01:00", NEXT))
    await library.session("A", at("01:20", NEXT), at("02:00", NEXT))
    await library.session("A", at("02:31", NEXT), at("03:00", NEXT))
    later = at("12:00", NEXT + timedelta(days=1))
    assert (await library.night(DAY, later)).figures.sums.visits == 1
    assert (await library.night(NEXT, later)).figures.sums == Sums(visits=1, sessions=3, use_s=(45 + 40 + 29) * 60)


async def test_session_as_long_as_one_may_be_still_carries_its_visit_on(library: Library) -> None:
    await library.session("A", at("00:10"), at("00:10", NEXT))
    await library.session("A", at("00:40", NEXT), at("00:50", NEXT))
    later = at("12:00", NEXT + timedelta(days=1))
    assert (await library.night(NEXT, later)).figures.sums.visits == 0


async def test_open_session_counts_to_its_last_reading_with_a_remark(library: Library) -> None:
    await library.session("A", at("08:00"), None, usage=((at("08:30"), 10, 20),))
    figures = (await library.night(DAY, at("08:31"))).figures
    assert figures.sums == Sums(1, 1, 1800, 10, 20)
    assert figures.quality.open_sessions == 1
    assert "1 phiên chưa kết thúc" in tell(figures, "x", "vi").text


async def test_session_ended_after_its_day_was_closed_is_settled_the_next_night(library: Library) -> None:
    number = await library.session("A", at("23:30"), None, usage=((at("23:45"), 10, 20),))
    assert (await library.night(DAY)).figures.sums.use_s == 15 * 60
    await library.add(
        "UPDATE sessions SET state = 'closed', cause = 'idle-timeout', stopped_at = :stop WHERE id = :id",
        stop=epoch_s(at("23:50")), id=number,
    )  # fmt: skip
    await library.ran(at("07:00"), at("17:00"))
    await library.night(NEXT, at("08:00", NEXT + timedelta(days=1)))
    stored = await library.facts.stored_day(DAY, ZONE)
    assert stored is not None
    assert stored.sums.use_s == 20 * 60


async def test_sessions_a_power_cut_ended_are_told(library: Library) -> None:
    await library.session("A", at("08:00"), at("08:30"), cause="nas-reboot")
    await library.session("A", at("23:50", date(2027, 3, 30)), at("23:55", date(2027, 3, 30)), cause="nas-reboot")
    figures = (await library.night(DAY)).figures
    assert figures.quality.rebooted_sessions == 1


async def test_nights_lost_to_power_cuts_are_made_up(library: Library) -> None:
    for day in (28, 29, 30):
        await library.session("A", at("08:00", date(2027, 3, day)), at("09:00", date(2027, 3, day)))
    figures = (await library.night(DAY, at("21:30"))).figures
    assert [row[0] for row in await library.table("day_figures")] == ["2027-03-28", "2027-03-29", "2027-03-30"]
    assert (figures.month_visits, figures.month_days) == (3, 4)


async def test_day_on_which_the_gateway_ran_and_nobody_came_is_closed_with_zeros(library: Library) -> None:
    await library.ran(at("07:00"), at("17:00"))
    assert (await library.night(DAY)).figures.sums == Sums()
    assert len(await library.table("day_figures")) == 1


async def test_day_without_any_trace_has_no_figures(library: Library) -> None:
    with pytest.raises(GatewayError, match="no figures of 2027-03-30") as caught:
        await library.night(date(2027, 3, 30))
    assert caught.value.hint
    assert await library.table("day_figures") == []


async def test_day_on_which_the_gateway_was_off_is_told_so_and_not_stored(library: Library) -> None:
    await library.ran(at("07:00"), at("17:00"))
    await library.session("A", at("08:00"), at("09:00"))
    night = await library.night(NEXT, at("07:30", NEXT + timedelta(days=1)))
    assert night.figures.sums == Sums()
    assert (night.figures.month_visits, night.figures.month_days) == (0, 0)
    assert night.forgotten == Forgotten(), "the term of deletion is kept after a day off, too"
    assert "cổng không hoạt động cả ngày" in tell(night.figures, "x", "vi").text
    assert [row[0] for row in await library.table("day_figures")] == ["2027-03-31"]


async def test_mean_of_the_same_weekday_takes_only_days_with_figures(library: Library) -> None:
    for weeks, visits in ((1, 2), (3, 1), (5, 1)):
        day = DAY - timedelta(weeks=weeks)
        for number in range(visits):
            await library.session("A", at(f"{8 + 2 * number:02}:00", day), at(f"{8 + 2 * number:02}:30", day))
    await library.session("A", at("08:00"), at("09:00"))
    figures = (await library.night(DAY)).figures
    assert figures.weekday_visits == ((DAY - timedelta(weeks=1), 2), (DAY - timedelta(weeks=3), 1))
    assert "(trung bình 2 thứ Tư gần đây: 2; -33,3%)" in tell(figures, "x", "vi").text
    assert (figures.month_visits, figures.month_days) == (4, 3)  # 24, 10 and 31 March


async def test_mac_attempts_and_sessions_go_at_their_terms(library: Library) -> None:
    await golden(library)
    await library.session("B", at("08:00", date(2027, 4, 7)), at("08:10", date(2027, 4, 7)))
    assert (await library.night(DAY)).forgotten == Forgotten()
    week_later = at("21:30", date(2027, 4, 7))
    assert (await library.night(date(2027, 4, 7), week_later)).forgotten == Forgotten(macs=5)  # E came on 1 April
    assert (await library.night(date(2027, 4, 8), at("21:30", date(2027, 4, 8)))).forgotten == Forgotten(1, 1)
    quarter_later = at("21:30", date(2027, 6, 30))
    assert (await library.night(date(2027, 6, 30), quarter_later)).forgotten == Forgotten(macs=1, sessions=10)
    assert len(await library.table("sessions")) == 3
    assert len(await library.table("clients")) == 7, "the rows stay as anonymous numbers"


async def test_deleted_sessions_never_turn_figures_to_zero(library: Library) -> None:
    await golden(library)
    before = (await library.night(DAY)).figures
    months_later = date(2027, 8, 1)
    assert (await library.night(months_later, at("21:30", months_later))).forgotten == Forgotten(7, 1, 12)
    tables = [await library.table(name) for name in ("day_figures", "hour_figures")]
    for again in (DAY, DAY):
        after = (await library.night(again, at("22:00", months_later))).figures
        assert (after.sums, after.hours, after.attempts, after.refusals) == (
            before.sums, before.hours, before.attempts, before.refusals,
        )  # fmt: skip
        assert after.refused == before.refused
        assert not after.quality.sessions_kept
    assert [await library.table(name) for name in ("day_figures", "hour_figures")] == tables


async def test_attempts_stay_told_after_their_week(library: Library) -> None:
    await golden(library)
    await library.night(DAY)
    await library.night(date(2027, 4, 20), at("21:30", date(2027, 4, 20)))
    assert await library.table("attempts") == []
    again = (await library.night(DAY, at("22:00", date(2027, 4, 20)))).figures
    assert (again.attempts, again.sums.visits) == (1, 7)


async def test_running_a_past_night_again_deletes_nothing(library: Library) -> None:
    await golden(library)
    assert (await library.night(DAY, at("21:30", date(2028, 1, 1)))).forgotten is None
    assert len(await library.table("sessions")) == 12


async def test_unclosed_days_are_closed_before_their_sessions_go(library: Library) -> None:
    await golden(library)
    new_year = date(2028, 1, 1)
    night = await library.night(new_year, at("21:30", new_year))
    assert night.forgotten == Forgotten(macs=7, attempts=1, sessions=12)
    assert (await library.night(DAY, at("21:30", new_year))).figures.sums.visits == 7


async def test_client_online_across_its_term_keeps_its_mac(library: Library) -> None:
    await library.session("A", at("08:00"), None)
    night = await library.night(date(2027, 4, 20), at("21:30", date(2027, 4, 20)))
    assert night.forgotten == Forgotten()


async def test_clock_before_a_closed_day_closes_and_deletes_nothing(library: Library) -> None:
    await golden(library)
    await library.night(DAY)
    for wrong in (datetime(1970, 1, 1, 0, 5, tzinfo=ZONE), at("21:30")):
        with pytest.raises(GatewayError, match="the clock is wrong"):
            await library.night(wrong.date(), wrong)


class PowerCutError(Exception):
    """Stands for the moment the power fails."""


class FailingDatabase(Database):
    """Writes that many transactions and no more."""

    writes_left = 0

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self.spend()
        return await super().run(work)

    async def run_without_cascades(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self.spend()
        return await super().run_without_cascades(work)

    def spend(self) -> None:
        if self.writes_left == 0:
            raise PowerCutError
        self.writes_left -= 1


async def test_power_cut_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    new_year = date(2028, 1, 1)
    for writes in range(20):
        database = await FailingDatabase.open(tmp_path / f"{writes}.sqlite")
        database.writes_left = 1000
        library = Library(database)
        await golden(library)
        database.writes_left = writes
        try:
            await library.night(new_year, at("21:30", new_year))
            break
        except PowerCutError:
            database.writes_left = 1000
            await library.night(new_year, at("21:31", new_year))
            figures = (await library.night(DAY, at("21:32", new_year))).figures
            assert (figures.sums.visits, figures.attempts, figures.sums.down_bytes) == (7, 1, 37_070)
            assert await library.table("sessions") == await library.table("usage") == []
        finally:
            await database.close()
    assert writes > 3, "closing, marks, deletions: each was cut"
