"""A profile's view follows the hour, the rules that hold, and knows how long it is right."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filters.blockset import Blockset
from filters.compile import compile_in_memory
from filters.policy import Step, decide
from filters.rules import LocalRules, Rule
from filters.settings import Action, FilterSettings, Profile, Refusal, SafeSearch, Schedule, Source
from filters.views import view_of

SCHOOL = Schedule(
    "school-hours",
    frozenset(range(5)),
    7 * 60,
    17 * 60,
    block=frozenset({"games"}),
    safe_search=SafeSearch.STRICT,
)
CHILD = Profile(
    "child", 5303, frozenset({"gambling"}), schedules=(SCHOOL,), youtube=SafeSearch.MODERATE, refusal=Refusal.PAGE
)
WEDNESDAY = datetime(2027, 3, 31, tzinfo=UTC)
OFFSET_S = 7 * 3600


@pytest.fixture(scope="module")
def lists() -> Blockset:
    return compile_in_memory((Source("games-vn", "games", "package:games-vn"),)).blockset


def _settings(profile: Profile) -> FilterSettings:
    nowhere = Path("/nowhere")
    records = (("wifi.internal", ("10.77.0.1",)),)
    return FilterSettings((profile,), (), (), nowhere, nowhere, nowhere, local_records=records, utc_offset_s=OFFSET_S)


def _at(local: str) -> float:
    hour, minute = map(int, local.split(":"))
    return (WEDNESDAY + timedelta(hours=hour, minutes=minute)).timestamp() - OFFSET_S


@pytest.mark.parametrize(
    ("local", "closed", "until"),
    [("06:59", False, "07:00"), ("07:00", True, "17:00"), ("16:59", True, "17:00"), ("17:00", False, "31:00")],
)
def test_the_hour_of_the_site_decides(lists: Blockset, local: str, closed: bool, until: str) -> None:
    view, until_s = view_of(CHILD, _settings(CHILD), lists, LocalRules(), _at(local))
    assert ("games" in view.refused, until_s) == (closed, _at(until))
    assert view.refused["gambling"] == ""
    assert decide("www.garena.vn", 1, view).step is (Step.SCHEDULE if closed else Step.NOTHING)
    assert ("www.bing.com" in view.safe) == closed
    assert "www.youtube.com" in view.safe
    assert view.refusal is Refusal.PAGE
    assert view.records["wifi.internal"] == ("10.77.0.1",)


def _rules(*rules: Rule) -> LocalRules:
    return LocalRules(rules, 4)


@pytest.mark.parametrize(
    ("profiles", "local", "is_open"),
    [(("child",), "10:00", True), (("adult",), "10:00", False), (None, "10:29", True), (None, "10:30", False)],
)
def test_a_grant_holds_for_its_profiles_and_ends_by_itself(
    lists: Blockset, profiles: Sequence[str] | None, local: str, is_open: bool
) -> None:
    scope = None if profiles is None else frozenset(profiles)
    grant = Rule("garena.vn", Action.ALLOW, "", scope, int(_at("10:30")), "hoa")
    view, until_s = view_of(CHILD, _settings(CHILD), lists, _rules(grant), _at(local))
    assert (decide("garena.vn", 1, view).allowed_here) == is_open
    assert until_s == (_at("17:00") if local == "10:30" else _at("10:30"))
