"""The first page: its figures are the nightly summary's, what needs action is asked of the box, nothing blocks it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from filters.fetched import State, write_state
from filters.sources import fetched_copy, fetched_directory
from gateway.box import LocalBox
from gateway.clock import SystemClock
from gateway.config.filtering import filter_settings
from gateway.config.load import parse_config
from gateway.desk.counted import Counted
from gateway.desk.reckoned import Reckoning
from gateway.desk.today import Today
from gateway.errors import GatewayError
from gateway.flows.approvals import ask_staff
from gateway.flows.attention import Asked, Attention, Kind, Level, disk_level
from gateway.flows.meter import Watch, book_all
from gateway.ports_box import BoxState, CertificateState, Overdue, SelfCheckState
from gateway.reports.today import Action, GoalTold, TodayTold
from gateway.staff.roles import Role
from gateway.store.mails import SqliteMails
from gateway.store.requests import SqliteRequests
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.edge.command_line import done
from tests.edge.desk_house import DeskHouse
from tests.edge.desk_now import DeskNow, desk_served
from tests.edge.test_noticed import LISTS
from tests.fakes import FakeClock
from tests.reception import TERMS

GB = 1_000_000_000
FIGURES = b'{"day": "2027-03-31"}'


def with_house(directory: Path, work: Callable[[DeskNow, DeskHouse], Awaitable[None]], wall: datetime) -> None:
    async def run() -> None:
        async with desk_served(directory, wall=wall) as (desk, house):
            await work(desk, house)

    asyncio.run(run())


def test_the_page_says_what_the_nightly_summary_says(tmp_path: Path) -> None:
    now = SystemClock().now()

    async def work(desk: DeskNow, house: DeskHouse) -> None:
        await desk.on(PHONE)
        await desk.on(TABLET)
        desk.kernel.send(PHONE, 1000, 90_000)
        desk.clock.pass_s(1)
        await book_all(desk.reception.gate, Watch(60))
        first = await desk.see("today")
        assert isinstance(first, Today) and first.figures is None and first.is_counting, "shown at once, without them"
        assert (first.now.online, first.now.line_is_down) == (2, False)
        status, told = await house.ask("GET", "/today?fresh=true")
        assert status == 200
        figures: Any = told["figures"]
        day = figures["day"]
        told_by_night: Any = json.loads(
            (await asyncio.to_thread(done, tmp_path / "cong.toml", "nightly", "--json", "--date", day)).stdout
        )
        for name in ("visits", "sessions", "attempts", "up_bytes", "down_bytes"):
            assert figures[name] == told_by_night[name], name
        assert (figures["visits"], figures["up_bytes"], figures["down_bytes"]) == (2, 1000, 90_000)
        assert figures["month_visits"] == told_by_night["month_to_date"]["visits"]
        assert figures["refused"] == told_by_night["refusals"]["total"]
        assert {name: figures["goal"][name] for name in ("visits", "before", "still_needed", "change_percent")} == {
            name: told_by_night["goal"][name] for name in ("visits", "before", "still_needed", "change_percent")
        }
        service = told_by_night["service"]
        assert (figures["promised_s"], figures["held_s"]) == (service["promised_s"], service["held_s"])
        assert [(each["hour"], each["visits"]) for each in figures["hours"]] == [
            (int(each["hour_at"][11:13]), each["visits"]) for each in told_by_night["hours"]
        ]
        by_command: Any = json.loads((await asyncio.to_thread(done, tmp_path / "cong.toml", "today", "--json")).stdout)
        assert {**by_command, "counted_at": 0, "held_s": 0} == {**figures, "counted_at": 0, "held_s": 0}
        page = await (await house.browser(Role.DESK)).get("/")
        assert page.status == 200 and "Cần xử lý" in page.text and len(page.body) < 100_000
        assert desk.rows("SELECT count(*) FROM day_figures") == [(0,)], "a look at the day closes nothing"

    with_house(tmp_path, work, now)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class CountingCommands:
    """A CommandRunner that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.is_older = False
        """It prints what this program does not read."""

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise GatewayError("the disk is full")
        return b"?" if self.is_older else b"%d" % self.asked


def test_figures_are_counted_once_for_all_who_look_and_for_nobody(clock: FakeClock) -> None:
    async def work() -> None:
        commands = CountingCommands()
        counted = Counted(commands, clock, ("today", "--json"), int)
        await counted.look()
        assert commands.asked == 0, "nobody looked"
        assert counted.latest().figures is None and counted.latest().is_counting
        await counted.look()
        await counted.look()
        assert (commands.asked, counted.latest().figures, counted.latest().is_counting) == (1, 1, False)
        clock.pass_s(61)
        assert (counted.latest().figures, counted.latest().is_counting) == (1, True), "the old ones meanwhile"
        all_three = await asyncio.gather(counted.fresh(), counted.fresh(), counted.fresh())
        assert list(all_three) == [2, 3, 3], "each count begins after it was asked for; who waits shares it"
        commands.fails = True
        clock.pass_s(61)
        counted.latest()
        await counted.look()
        await counted.look()
        latest = counted.latest()
        assert (commands.asked, latest.figures, latest.failed) == (4, 3, True), "a failure is not tried at once again"
        with pytest.raises(GatewayError):
            await counted.fresh()
        commands.fails = False
        clock.pass_s(121)
        counted.latest()
        await counted.look()
        assert not counted.latest().failed
        commands.is_older = True
        clock.pass_s(61)
        counted.latest()
        await counted.look()
        assert counted.latest().failed and counted.latest().figures is not None, "the old ones stay"

    asyncio.run(work())


class GivenBox:
    """A box that is written by hand."""

    def __init__(self, state: BoxState) -> None:
        self.state = state

    async def look(self, now: datetime) -> BoxState:
        return self.state


class NoWorkers:
    """FilterReports of a filter that is written by hand."""

    def __init__(self, *ages: float) -> None:
        self.ages = ages

    async def store(self) -> None: ...

    def workers(self) -> list[dict[str, object]]:
        return [{"age_s": age} for age in self.ages]


GOOD = BoxState(20 * GB, clock_is_unset=False)


async def needs(
    desk: DeskNow, box: BoxState, *ages: float, down: bool = False, backups: bool = False
) -> dict[str, Any]:
    requests, mails = SqliteRequests(desk.database), SqliteMails(desk.database)
    asked = Asked(desk.clock, GivenBox(box), lambda: down, NoWorkers(*ages), desk.approvals, requests, mails, backups)
    attention = Attention(asked)
    assert Kind.FILTER not in {each.kind for each in await attention.needs()} or ages, "they have had no time yet"
    desk.clock.pass_s(31)
    return {each.kind: each for each in await attention.needs()}


def test_what_needs_action_is_told_by_what_hinders_patrons_first(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        now = desk.clock.now()
        assert await needs(desk, GOOD, 0.5) == {}
        assert list(await needs(desk, GOOD)) == [Kind.FILTER]
        assert list(await needs(desk, GOOD, 31.0, down=True)) == [Kind.LINE, Kind.FILTER]
        await ask_staff(desk.reception, desk.approvals, PHONE, TERMS, lambda letters: letters[7])
        await SqliteRequests(desk.database).ask("game.example", "adult", "games", "BCDFG", now)
        bad = BoxState(
            400_000_000,
            clock_is_unset=True,
            lists=Overdue(2, 9, ("daily",)),
            certificate=CertificateState(True, ends_at=now + timedelta(days=5, hours=1)),
            self_check=SelfCheckState(now, ("sheet",)),
        )
        found = await needs(desk, bad, 0.5, backups=True)
        levels = [each.level for each in found.values()]
        assert levels == sorted(levels, key=list(Level).index)
        assert set(found) == {
            Kind.CLOCK, Kind.DISK, Kind.SELF_CHECK, Kind.APPROVALS, Kind.REQUESTS, Kind.CERTIFICATE_ENDS, Kind.LISTS,
            Kind.BACKUP_NONE,
        }  # fmt: skip
        assert found[Kind.APPROVALS].values == {"count": 1} and found[Kind.CERTIFICATE_ENDS].values == {"days": 5}
        old = replace(GOOD, backup_at=now - timedelta(days=3))
        assert (await needs(desk, old, 1))[Kind.BACKUP].values == {"days": 3}
        gone = await needs(desk, BoxState(9 * GB, False, certificate=CertificateState(False, "expired", "x")), 1)
        assert gone[Kind.CERTIFICATE].values == {"fault": "expired", "why": "x"}
        for language in ("vi", "en"):
            browser = await house.browser(Role.DESK)
            await browser.send("/language", {"language": language, "back": "/"})
            page = re.sub(r"/static/\S+", "", (await browser.get("/")).text)
            assert not re.search(r"(desk|nav|act|refused)\.[a-z_]+", page), "each text is there"

    with_house(tmp_path, work, datetime(2027, 3, 31, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("free", "level"), [(2 * GB, None), (int(1.9 * GB), Level.SOON), (300_000_000, Level.FAULT), (0, Level.FAULT)]
)
def test_a_disk_that_gets_full_is_told_before_it_is(free: int, level: Level | None) -> None:
    assert disk_level(free) is level


def test_the_box_is_looked_at_as_it_is(tmp_path: Path) -> None:
    now = datetime(2027, 3, 31, 14, 30, tzinfo=UTC)
    settings = filter_settings(parse_config(LISTS.format(folder=tmp_path), where="test"))
    source = next(each for each in settings.sources if each.name == "daily")
    copy = fetched_copy(source, fetched_directory(settings))
    copy.parent.mkdir(parents=True, exist_ok=True)
    write_state(copy, State(checked_at=epoch_s(now) - 86400, error="HTTP 404", failing_since=epoch_s(now)))
    state = asyncio.run(LocalBox(tmp_path, settings, timesync=tmp_path / "none").look(now))
    assert state.free_bytes > 0 and not state.clock_is_unset
    assert state.lists == Overdue(0, 0, ("daily",)), "it failed, and is not overdue yet"


def test_bills_are_told_to_who_may_see_figures_alone(tmp_path: Path) -> None:
    async def work(desk: DeskNow, house: DeskHouse) -> None:
        made = await desk.see("today", Role.LIBRARIAN)
        assert isinstance(made, Today)
        assert desk.counted is not None
        goal = GoalTold(0, None, None, None, "no_base", 5, 7, None, None, None)
        actions = tuple(Action(kind, "", f"{kind} vi", f"{kind} en") for kind in ("pc", "bill", "lists", "clock"))
        day = desk.clock.now().astimezone(desk.reception.house.zone).date()
        empty = TodayTold(
            day, desk.clock.now(), "sa-thay", "Sa Thầy", 0, 0, 0, 0, 0, 0, (), (), False, 0, 0, None, None, (), 0,
            None, 0, 0, (), 0, goal, actions,
        )  # fmt: skip
        # what a count would have told
        desk.counted._reckoned._kept[desk.counted._words] = Reckoning(desk.clock.now(), empty, 1)
        for role, kinds in ((Role.LIBRARIAN, ["pc", "bill"]), (Role.DESK, ["pc"])):
            told = await desk.see("today", role)
            assert isinstance(told, Today)
            assert [each.kind for each in told.needs if each.kind != Kind.FILTER] == kinds, role
            assert not any(each.href == "/settings" for each in told.needs), "they have no such page"

    with_house(tmp_path, work, datetime(2027, 3, 31, 1, 0, tzinfo=UTC))
