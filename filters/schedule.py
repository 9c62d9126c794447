"""What a profile refuses at a moment: its categories with its schedules laid over them. Pure: no clock.

In: a settings.Profile, the site's holidays, a moment of the site's time. Out: ProfileState, good until its `until`.

Several schedules may hold at once. What closes wins over what opens, and the strictest search of all wins: a school's
quiet hours are not undone by a longer "evening" that happens to overlap them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from filters.settings import Holidays, Profile, SafeSearch, Schedule

HORIZON = timedelta(days=7)
"""How far the next change is looked for; past it the state is simply asked for again."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProfileState:
    """What holds now."""

    refused: Mapping[str, str]
    """Categories refused: "" always, or the name of the schedule that closes them now."""
    opened: Mapping[str, str]
    """Categories the profile refuses at other times: the schedule that opens them now."""
    safe_search: SafeSearch
    youtube: SafeSearch
    until: datetime
    """The next moment anything may change, of the same kind (zone or none) as the moment asked for."""


def state_at(profile: Profile, holidays: frozenset[date], local: datetime) -> ProfileState:
    """The state at a moment of the site's time; a site keeps one offset from UTC, so its days have 24 hours."""
    active = [each for each in profile.schedules if _is_active(each, holidays, local)]
    closing = _first_named((each.name, each.block) for each in active)
    opening = _first_named((each.name, each.open) for each in active)
    opened = {
        category: name
        for category, name in opening.items()
        if category in profile.categories and category not in closing
    }
    always = dict.fromkeys(profile.categories - opening.keys(), "")
    return ProfileState(
        refused={**closing, **always},
        opened=opened,
        safe_search=_strictest(active, lambda each: each.safe_search, profile.safe_search),
        youtube=_strictest(active, lambda each: each.youtube, profile.youtube),
        until=_next_edge(profile.schedules, holidays, local),
    )


def _is_active(schedule: Schedule, holidays: frozenset[date], local: datetime) -> bool:
    begins = (local.date() - _DAY, local.date())
    return any(start <= local < end for start, end in _spans(schedule, holidays, begins, local))


def _next_edge(schedules: Iterable[Schedule], holidays: frozenset[date], local: datetime) -> datetime:
    days = [local.date() + timedelta(days=n) for n in range(-1, HORIZON.days + 1)]
    edges = (edge for each in schedules for span in _spans(each, holidays, days, local) for edge in span)
    return min((edge for edge in edges if local < edge < local + HORIZON), default=local + HORIZON)


def _spans(
    schedule: Schedule, holidays: frozenset[date], days: Iterable[date], local: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans that begin on some days, half-open; an overnight one belongs to the day it begins on."""
    length_min = (schedule.end_min - schedule.start_min) % 1440 or 1440
    for day in days:
        if day.weekday() in schedule.days and _holds_on(schedule.holidays, day in holidays):
            start = datetime.combine(day, time.min, local.tzinfo) + timedelta(minutes=schedule.start_min)
            yield start, start + timedelta(minutes=length_min)


def _holds_on(holidays: Holidays, is_holiday: bool) -> bool:
    return holidays is Holidays.AS_USUAL or (holidays is Holidays.ONLY) == is_holiday


def _first_named(schedules: Iterable[tuple[str, frozenset[str]]]) -> dict[str, str]:
    """Category -> the first schedule, in the order of the configuration, that names it."""
    named: dict[str, str] = {}
    for name, categories in schedules:
        for category in categories:
            named.setdefault(category, name)
    return named


def _strictest(
    active: Iterable[Schedule], chosen: Callable[[Schedule], SafeSearch | None], otherwise: SafeSearch
) -> SafeSearch:
    said = [value for each in active if (value := chosen(each)) is not None]
    return max(said, default=otherwise)
