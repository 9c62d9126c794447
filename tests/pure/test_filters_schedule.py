"""What a profile refuses at a moment: held against an oracle that looks at every minute by itself."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.schedule import HORIZON, ProfileState, state_at
from filters.settings import Holidays, Profile, SafeSearch, Schedule

MONDAY = datetime(2026, 11, 23)
WORKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))


def _profile(*schedules: Schedule, categories: str = "gambling threats") -> Profile:
    return Profile("child", 5303, frozenset(categories.split()), schedules)


def _at(profile: Profile, local: datetime, *holidays: date) -> ProfileState:
    return state_at(profile, frozenset(holidays), local)


SCHOOL = Schedule("school-hours", WORKDAYS, 7 * 60, 17 * 60, block=frozenset({"games"}))
NIGHT = Schedule("night", frozenset({4}), 22 * 60, 6 * 60, block=frozenset({"video"}))


def test_categories_always_and_by_schedule_are_told_apart() -> None:
    state = _at(_profile(SCHOOL), MONDAY + timedelta(hours=8))
    assert state.refused == {"gambling": "", "threats": "", "games": "school-hours"}
    assert state.until == MONDAY + timedelta(hours=17)


def test_a_span_is_half_open() -> None:
    profile = _profile(SCHOOL)
    assert "games" not in _at(profile, MONDAY + timedelta(hours=7, seconds=-1)).refused
    assert "games" in _at(profile, MONDAY + timedelta(hours=7)).refused
    assert "games" in _at(profile, MONDAY + timedelta(hours=17, microseconds=-1)).refused
    assert "games" not in _at(profile, MONDAY + timedelta(hours=17)).refused


def test_an_overnight_span_belongs_to_the_day_it_begins_on() -> None:
    profile = _profile(NIGHT)
    saturday = MONDAY + timedelta(days=5)
    assert _at(profile, saturday + timedelta(hours=5)).refused["video"] == "night"
    assert "video" not in _at(profile, saturday + timedelta(hours=23)).refused
    # a holiday is looked up for the day it begins on, too
    holidays = {saturday.date()}
    quiet = Schedule("night", frozenset({4}), 22 * 60, 6 * 60, block=frozenset({"video"}), holidays=Holidays.NEVER)
    assert "video" in _at(_profile(quiet), saturday + timedelta(hours=5), *holidays).refused


def test_an_equal_start_and_end_is_the_whole_day() -> None:
    whole = Schedule("all day", frozenset({0}), 480, 480, block=frozenset({"video"}))
    assert "video" in _at(_profile(whole), MONDAY + timedelta(hours=31)).refused
    assert "video" not in _at(_profile(whole), MONDAY + timedelta(hours=32)).refused


@pytest.mark.parametrize(
    ("kind", "on_holiday", "otherwise"),
    [(Holidays.AS_USUAL, True, True), (Holidays.NEVER, False, True), (Holidays.ONLY, True, False)],
)
def test_holidays(kind: Holidays, on_holiday: bool, otherwise: bool) -> None:
    profile = _profile(Schedule("s", WORKDAYS, 420, 1020, block=frozenset({"games"}), holidays=kind))
    noon = MONDAY + timedelta(hours=12)
    assert ("games" in _at(profile, noon, MONDAY.date()).refused) is on_holiday
    assert ("games" in _at(profile, noon).refused) is otherwise


def test_an_open_hour_says_which_schedule_opened() -> None:
    evening = Schedule("evening", EVERY_DAY, 18 * 60, 20 * 60, open=frozenset({"gambling", "news"}))
    state = _at(_profile(evening), MONDAY + timedelta(hours=19))
    assert state.opened == {"gambling": "evening"}
    assert state.refused == {"threats": ""}


def test_what_closes_wins_over_what_opens() -> None:
    opening = Schedule("evening", EVERY_DAY, 0, 1440 - 1, open=frozenset({"gambling"}))
    closing = Schedule("exam week", EVERY_DAY, 0, 1440 - 1, block=frozenset({"gambling"}))
    state = _at(_profile(opening, closing), MONDAY + timedelta(hours=19))
    assert state.refused["gambling"] == "exam week"
    assert state.opened == {}


def test_a_category_refused_anyway_is_not_laid_at_a_schedules_door() -> None:
    closing = Schedule("exam week", EVERY_DAY, 0, 1439, block=frozenset({"gambling"}))
    assert _at(_profile(closing), MONDAY).refused["gambling"] == ""


def test_the_strictest_search_of_all_schedules_wins() -> None:
    loose = Schedule("a", EVERY_DAY, 0, 0, safe_search=SafeSearch.OFF, youtube=SafeSearch.MODERATE)
    strict = Schedule("b", EVERY_DAY, 0, 0, youtube=SafeSearch.STRICT)
    profile = Profile("p", 1, frozenset(), (loose, strict), safe_search=SafeSearch.STRICT)
    state = _at(profile, MONDAY)
    assert (state.safe_search, state.youtube) == (SafeSearch.OFF, SafeSearch.STRICT)


def test_without_schedules_nothing_changes_within_the_horizon() -> None:
    assert _at(_profile(), MONDAY).until == MONDAY + HORIZON


def test_the_zone_is_kept() -> None:
    local = datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=7)))
    assert _at(_profile(SCHOOL), local).until == local.replace(hour=17)


# --- the oracle: minute by minute, nothing shared with the code ------------------------------------------------------

CATEGORIES = ("a", "b", "c")
some = st.frozensets(st.sampled_from(CATEGORIES))
level = st.none() | st.sampled_from(SafeSearch)
schedules = st.builds(
    Schedule,
    name=st.sampled_from(["one", "two", "three"]),
    days=st.frozensets(st.integers(0, 6)),
    start_min=st.integers(0, 1439),
    end_min=st.integers(0, 1440),
    block=some,
    open=some,
    safe_search=level,
    youtube=level,
    holidays=st.sampled_from(Holidays),
)
moments = st.integers(0, 14 * 1440).map(lambda n: MONDAY + timedelta(minutes=n))
holiday_sets = st.frozensets(st.integers(-2, 16).map(lambda n: MONDAY.date() + timedelta(days=n)), max_size=6)


def _covers(schedule: Schedule, holidays: frozenset[date], minute: datetime) -> bool:
    for days_ago in (0, 1, 2):
        day = minute.date() - timedelta(days=days_ago)
        allowed = {Holidays.AS_USUAL: True, Holidays.NEVER: day not in holidays, Holidays.ONLY: day in holidays}
        end = schedule.end_min if schedule.end_min > schedule.start_min else schedule.end_min + 1440
        since = minute.hour * 60 + minute.minute + days_ago * 1440
        if day.weekday() in schedule.days and allowed[schedule.holidays] and schedule.start_min <= since < end:
            return True
    return False


def _oracle(profile: Profile, holidays: frozenset[date], minute: datetime) -> tuple[set[str], set[str], int, int]:
    now = [each for each in profile.schedules if _covers(each, holidays, minute)]
    blocked = {category for each in now for category in each.block}
    freed = {category for each in now for category in each.open} - blocked
    searches = [each.safe_search for each in now if each.safe_search is not None] or [profile.safe_search]
    videos = [each.youtube for each in now if each.youtube is not None] or [profile.youtube]
    refused = (set(profile.categories) - freed) | blocked
    return refused, freed & profile.categories, max(searches), max(videos)


@settings(max_examples=150)
@given(st.lists(schedules, max_size=4), some, holiday_sets, moments)
def test_every_minute_until_the_next_edge_is_as_the_oracle_says(
    given_schedules: list[Schedule], categories: frozenset[str], holidays: frozenset[date], local: datetime
) -> None:
    profile = Profile("p", 1, categories, tuple(given_schedules), SafeSearch.MODERATE, SafeSearch.OFF)
    state = state_at(profile, holidays, local)
    told = (set(state.refused), set(state.opened), state.safe_search, state.youtube)
    assert local < state.until <= local + HORIZON
    minutes = int((state.until - local).total_seconds()) // 60
    for n in range(0, minutes, 1 if minutes < 600 else 7):
        assert _oracle(profile, holidays, local + timedelta(minutes=n)) == told
    for category, name in state.refused.items():
        if not name:
            assert category in categories
