"""What each profile refuses, always and by the hour: read for the desk, changed through the settings."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.config.model import Config
from gateway.config.profiles import PAY, PLAY, Profile, SchoolHours
from gateway.flows.settings import Changed, Settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the week in which a profile differs."""

    name: str
    days: tuple[str, ...]
    begins: str
    ends: str
    """At or before the begin it is the next day's."""
    blocked: tuple[str, ...]
    opened: tuple[str, ...]
    holidays: str
    """as-usual, never, only."""


@dataclass(frozen=True, slots=True)
class ProfileState:
    """One way of filtering."""

    name: str
    always: tuple[str, ...]
    """Categories refused at all times."""
    games: str
    safe_search: bool
    youtube: str
    refusal: str
    hours: tuple[Hours, ...]

    def state(self, category: str) -> str:
        """always, hours, open."""
        if category in self.always:
            return "always"
        return "hours" if any(category in each.blocked for each in self.hours) else "open"


@dataclass(frozen=True, slots=True)
class FilterState:
    """All of it."""

    profiles: tuple[ProfileState, ...]
    categories: tuple[str, ...]
    """That a list has, beside the library's own."""
    school_hours: Hours
    holidays: int
    """Days off that are set."""

    def profile(self, name: str) -> ProfileState | None:
        """By its name."""
        return next((each for each in self.profiles if each.name == name), None)


@dataclass(frozen=True, slots=True)
class WantedHours:
    """A span that is to be added."""

    categories: tuple[str, ...]
    days: tuple[str, ...]
    begins: str
    ends: str
    on_holidays: bool
    only_then: bool
    """What is refused at all times is open outside the span from now on."""


class AlwaysRefusedError(Exception):
    """The span would change nothing: the category is refused at all times there."""

    def __init__(self, profile: str, category: str) -> None:
        super().__init__(profile, category)
        self.profile = profile
        self.category = category


class FilterProfiles:
    """Reads and changes them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._turn = asyncio.Lock()  # lists are read, changed and written whole

    async def read(self) -> FilterState:
        """As the files have it now; the filter follows within seconds."""
        return _state(await self.settings.config())

    async def set_profile(
        self, name: str, refused: Sequence[str], games: str, *, safe_search: bool, youtube: str, refusal: str
    ) -> Changed:
        """`refused`: categories refused at all times; those of games go by `games` alone."""
        of_games = (PLAY, PAY)
        return await self._set(
            name,
            block=[each for each in refused if each not in of_games],
            games=games,
            safe_search=safe_search,
            youtube=youtube,
            refusal=refusal,
        )

    async def add_hours(self, names: Sequence[str], wanted: WantedHours, harm: Sequence[str]) -> Changed:
        """For each of these profiles, all in one step; `harm`: categories that are never opened so.

        AlwaysRefusedError where it would change nothing.
        """
        async with self._turn:
            config, changes = await self.settings.config(), dict[str, object]()
            for name in names:
                if not _has_hours(config.dns.profiles[name], wanted):  # a double click
                    changes |= _with_hours(name, config.dns.profiles[name], wanted, harm)
            return await self.settings.change(changes)

    async def remove_hours(self, name: str, hours: str) -> Changed:
        """Take a span away; nothing when it is gone."""
        async with self._turn:
            profile = (await self.settings.config()).dns.profiles[name]
            left = [_row(each) for each in profile.schedules if each.name != hours]
            return await self._set(name, schedules=left)

    async def set_school_hours(self, days: Sequence[str], begins: str, ends: str, *, on_holidays: bool) -> Changed:
        """The hours games = "school-hours" speaks of."""
        wanted: dict[str, object] = {"days": list(days), "from": begins, "to": ends}
        wanted["holidays"] = "as-usual" if on_holidays else "never"
        return await self.settings.change({f"dns.school_hours.{key}": value for key, value in wanted.items()})

    async def _set(self, name: str, **keys: object) -> Changed:
        return await self.settings.change({f"dns.profiles.{name}.{key}": value for key, value in keys.items()})


def _state(config: Config) -> FilterState:
    dns = config.dns
    known = {each.category: None for each in dns.all_lists if each.kind == "names" and each.category != "own"}
    return FilterState(
        tuple(_profile(name, each, dns.school_hours) for name, each in dns.profiles.items()),
        tuple(known),
        _school(dns.school_hours),
        len(config.site.holiday_dates),
    )


def _profile(name: str, profile: Profile, school_hours: SchoolHours) -> ProfileState:
    hours = [
        Hours(each.name, each.days, each.start, each.end, each.block, each.open, each.holidays)
        for each in profile.schedules
    ]
    if profile.games == "school-hours":
        hours.append(_school(school_hours))
    return ProfileState(
        name,
        tuple(sorted(profile.always())),
        profile.games,
        profile.safe_search,
        profile.youtube,
        profile.refusal,
        tuple(hours),
    )


def _school(hours: SchoolHours) -> Hours:
    return Hours("school-hours", hours.days, hours.start, hours.end, (PLAY,), (), hours.holidays)


def _has_hours(profile: Profile, wanted: WantedHours) -> bool:
    """Whether this very span is there, and what it is about is refused by it alone."""
    holidays = "as-usual" if wanted.on_holidays else "never"
    return not set(wanted.categories) & profile.always() and any(
        set(wanted.categories) <= set(each.block)
        and (each.days, each.start, each.end, each.holidays) == (wanted.days, wanted.begins, wanted.ends, holidays)
        for each in profile.schedules
    )


def _with_hours(name: str, profile: Profile, wanted: WantedHours, harm: Sequence[str]) -> dict[str, object]:
    block, games, refused = list(profile.block), profile.games, list(wanted.categories)
    for category in wanted.categories:
        if category not in profile.always():
            continue
        if not wanted.only_then or category in harm:
            raise AlwaysRefusedError(name, category)
        block = [each for each in block if each != category]
        if category == PLAY and games == "all":
            games = "top-up"
        elif category == PAY and games != "open":
            raise AlwaysRefusedError(name, category)  # paying in is refused by `games` as a whole
    if PLAY in refused and PAY not in refused and games == "open":
        refused.append(PAY)  # where play is refused, nobody pays in
    row: dict[str, object] = {
        "name": _free_name(profile, wanted),
        "days": list(wanted.days),
        "from": wanted.begins,
        "to": wanted.ends,
        "holidays": "as-usual" if wanted.on_holidays else "never",
        "block": refused,
    }
    changes: dict[str, object] = {"schedules": [*map(_row, profile.schedules), row], "block": block, "games": games}
    return {f"dns.profiles.{name}.{key}": value for key, value in changes.items()}


def _free_name(profile: Profile, wanted: WantedHours) -> str:
    taken = {each.name for each in profile.schedules} | {"school-hours"}
    stem = f"h{wanted.begins}-{wanted.ends}".replace(":", "")
    return next(name for n in range(1000) if (name := stem if n == 0 else f"{stem}-{n}") not in taken)


def _row(each: Any) -> dict[str, object]:
    """A schedule as the file has it; what may be left out and is none is."""
    row: dict[str, object] = each.model_dump(by_alias=True, mode="json", exclude_none=True)
    return row
