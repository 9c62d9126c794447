"""gateway.flows.filter_profiles and filter_lists: what the desk does to the filter, over files in memory."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.flows.filter_lists import FilterLists
from gateway.flows.filter_profiles import AlwaysRefusedError, FilterProfiles, FilterState, WantedHours
from gateway.flows.settings import Changed, Settings
from tests.fakes import FakeClock
from tests.pure.test_settings import Files

SCHOOL = WantedHours(
    ("games",), ("mon", "tue", "wed", "thu", "fri"), "07:00", "17:00", on_holidays=False, only_then=True
)
HARM = ("adult", "gambling")


def add(files: Files, wanted: WantedHours, *names: str) -> Changed:
    return asyncio.run(FilterProfiles(Settings(files)).add_hours(names or ("child",), wanted, HARM))


def state(files: Files) -> FilterState:
    return asyncio.run(FilterProfiles(Settings(files)).read())


def test_a_span_is_one_row_however_often_it_is_sent() -> None:
    files = Files()
    assert set(add(files, SCHOOL).after) == {"dns.profiles.child.schedules", "dns.profiles.child.games"}
    assert add(files, SCHOOL) == Changed(), "a double click"
    child = state(files).profile("child")
    assert child
    assert (child.state("games"), child.state("topup"), child.state("adult")) == ("hours", "always", "always")
    assert [each.name for each in child.hours] == ["h0700-1700"]
    add(files, replace(SCHOOL, categories=("bypass",)))
    child = state(files).profile("child")
    assert child
    assert [each.name for each in child.hours] == ["h0700-1700", "h0700-1700-1"]
    asyncio.run(FilterProfiles(Settings(files)).remove_hours("child", "h0700-1700"))
    child = state(files).profile("child")
    assert child
    assert [each.blocked for each in child.hours] == [("bypass",)]


def test_several_profiles_in_one_step_or_none() -> None:
    files = Files()
    with pytest.raises(AlwaysRefusedError) as raised:
        add(files, replace(SCHOOL, only_then=False), "staff", "child")
    assert (raised.value.profile, raised.value.category) == ("child", "games")
    assert files.written == []
    add(files, SCHOOL, "staff", "adult")
    staff, adult = state(files).profile("staff"), state(files).profile("adult")
    assert staff
    assert adult
    assert staff.hours[0].blocked == ("games", "topup"), "where play is refused, nobody pays in"
    assert (adult.games, adult.hours[0].blocked) == ("top-up", ("games",))


@pytest.mark.parametrize("category", HARM)
def test_what_harms_is_never_opened_outside_a_span(category: str) -> None:
    files = Files()
    with pytest.raises(AlwaysRefusedError):
        add(files, replace(SCHOOL, categories=(category,)))
    assert files.written == []


@dataclass
class Runner:
    """`cong lists …`, as it is called."""

    called: list[tuple[str, ...]] = field(default_factory=list)
    fails: bool = False

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        return await self.told(*words)

    async def told(self, *words: str) -> bytes:
        self.called.append(words)
        await asyncio.sleep(0)
        if self.fails:
            raise GatewayError("another process fetches")
        return b"{}"


def work(lists: FilterLists, noted: Path, *wanted: Sequence[str]) -> None:
    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            going = tasks.create_task(lists.run())
            for names in wanted:
                lists.refresh(names)
            for _ in range(100):  # turns of the loop: nothing in it waits for anything else
                await asyncio.sleep(0)
            going.cancel()

    asyncio.run(run())
    assert not noted.exists()


def test_fetches_come_one_after_another_and_tell_what_went_wrong(tmp_path: Path) -> None:
    noted, runner = tmp_path / "wanted.json", Runner()
    lists = FilterLists(Settings(Files()), runner, runner, FakeClock(), noted)
    work(lists, noted, ("a",), (), ("--no-fetch",))
    assert runner.called == [
        ("lists", "update", "a", "--json"), ("lists", "update", "--json"), ("lists", "update", "--no-fetch", "--json"),
    ]  # fmt: skip
    assert lists.refreshing
    assert (lists.refreshing.names, lists.refreshing.says) == ((), "")
    runner.fails = True
    lists = FilterLists(Settings(Files()), runner, runner, FakeClock(), noted)
    work(lists, noted, ("b",))
    assert lists.refreshing
    assert (lists.refreshing.names, lists.refreshing.says) == (("b",), "another process fetches")


def test_a_fetch_that_a_restart_cut_off_is_begun_again(tmp_path: Path) -> None:
    noted, runner = tmp_path / "wanted.json", Runner()
    noted.write_text(json.dumps([["a"], []]), encoding="utf-8")
    work(FilterLists(Settings(Files()), runner, runner, FakeClock(), noted), noted)
    assert runner.called == [("lists", "update", "a", "--json"), ("lists", "update", "--json")]
    noted.write_text("broken", encoding="utf-8")
    work(FilterLists(Settings(Files()), runner, runner, FakeClock(), noted), noted, ("b",))
    assert runner.called[-1] == ("lists", "update", "b", "--json")
