"""Desk: which profile refuses what, always and by the hour."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.desk.filter_asked import HoursInput, HoursName, ProfileAsked, ProfileInput, SchoolHoursInput
from gateway.desk.filter_words import is_harm, refuse_wrong
from gateway.desk.table import Area, Caller, Nothing, Outcome, Page, RefusedError, act, view
from gateway.flows.filter_profiles import (
    DAYS,
    AlwaysRefusedError,
    FilterProfiles,
    FilterState,
    ProfileState,
    WantedHours,
)
from gateway.flows.settings import Changed
from gateway.staff.roles import Right


@dataclass(frozen=True, slots=True)
class Category:
    """One category."""

    name: str
    is_harm: bool
    """Refusing it guards from harm; else it is the library's policy."""
    states: dict[str, str]
    """By profile: always, hours, open."""


@dataclass(frozen=True, slots=True)
class FilterTold:
    """What the filter refuses, as it is set; it follows within seconds."""

    categories: tuple[Category, ...]
    state: FilterState


class ProfileDesk:
    """What the rows of the table do."""

    def __init__(self, profiles: FilterProfiles) -> None:
        self._profiles = profiles

    async def state(self, asked: Nothing, caller: Caller) -> FilterTold:
        """View."""
        state = await self._profiles.read()
        ordered = sorted(state.categories, key=lambda each: (not is_harm(each), state.categories.index(each)))
        rows = (
            Category(each, is_harm(each), {one.name: one.state(each) for one in state.profiles}) for each in ordered
        )
        return FilterTold(tuple(rows), state)

    async def set_profile(self, asked: ProfileInput, caller: Caller) -> Outcome:
        """Act."""
        await self._profile(asked.profile)
        changed = await self._profiles.set_profile(
            asked.profile,
            asked.refused,
            asked.games,
            safe_search=asked.safe_search,
            youtube=asked.youtube,
            refusal=asked.refusal,
        )
        return await self._outcome(changed, asked.profile)

    async def add_hours(self, asked: HoursInput, caller: Caller) -> Outcome:
        """Act."""
        state = await self._profiles.read()
        if unknown := set(asked.profiles) - {each.name for each in state.profiles}:
            raise RefusedError("filter_profile", missing=True, name=min(unknown))
        if unknown := set(asked.categories) - set(state.categories):
            raise RefusedError("filter_category", missing=True, name=min(unknown))
        if asked.begins == "24:00" or asked.begins == asked.ends:
            raise RefusedError("filter_span")
        days = tuple(day for day in DAYS if day in asked.days)
        wanted = WantedHours(
            asked.categories, days, asked.begins, asked.ends, asked.on_holidays, only_then=asked.only_then
        )
        harm = [each for each in asked.categories if is_harm(each)]
        try:
            changed = await self._profiles.add_hours(asked.profiles, wanted, harm)
        except AlwaysRefusedError as error:
            key = "filter_always_harm" if is_harm(error.category) else "filter_always"
            raise RefusedError(key, profile=error.profile, category=error.category) from error
        return await self._outcome(changed, ", ".join(asked.profiles), begins=asked.begins, ends=asked.ends)

    async def remove_hours(self, asked: HoursName, caller: Caller) -> Outcome:
        """Act."""
        profile = await self._profile(asked.profile)
        if asked.name not in {each.name for each in profile.hours}:
            raise RefusedError("filter_hours_gone", missing=True)
        return await self._outcome(await self._profiles.remove_hours(asked.profile, asked.name), asked.profile)

    async def set_school_hours(self, asked: SchoolHoursInput, caller: Caller) -> Outcome:
        """Act."""
        if asked.begins == "24:00":
            raise RefusedError("filter_span")
        days = [day for day in DAYS if day in asked.days]
        return await self._outcome(
            await self._profiles.set_school_hours(days, asked.begins, asked.ends, on_holidays=asked.on_holidays),
            "dns.school_hours",
        )

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The grid, and what is refused by the hour."""
        return {"told": await self.state(Nothing(), caller), "days": DAYS}

    async def profile_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """One profile's form."""
        profile = await self._profile(ProfileAsked.model_validate(dict(query)).profile)
        return {"profile": profile, "told": await self.state(Nothing(), caller), "days": DAYS}

    async def _profile(self, name: str) -> ProfileState:
        found = (await self._profiles.read()).profile(name)
        if found is None:
            raise RefusedError("filter_profile", missing=True, name=name)
        return found

    async def _outcome(self, changed: Changed, subject: str, **values: str | int) -> Outcome:
        refuse_wrong(changed)
        told = await self._profiles.read()
        return Outcome(told, subject, changed.before, changed.after, values=values)


def filter_profiles(profiles: FilterProfiles) -> Area:
    """The filter's first page and one for each profile."""
    desk = ProfileDesk(profiles)
    return Area(
        views=[
            view("filter.state", "/filter", Right.SEE, Nothing, FilterTold, desk.state, "What each profile refuses"),
        ],
        acts=[
            act(
                "filter.profile", "PUT", "/filter/profiles/{profile}", Right.FILTER, ProfileInput, FilterState,
                desk.set_profile, "Say what a profile refuses at all times",
            ),
            act(
                "filter.hours", "POST", "/filter/hours", Right.FILTER, HoursInput, FilterState, desk.add_hours,
                "Refuse categories in a span of the week",
            ),
            act(
                "filter.hours_end", "DELETE", "/filter/profiles/{profile}/hours/{name}", Right.FILTER, HoursName,
                FilterState, desk.remove_hours, "Take a span of the week away",
            ),
            act(
                "filter.school_hours", "PUT", "/filter/school-hours", Right.FILTER, SchoolHoursInput, FilterState,
                desk.set_school_hours, 'Set the hours games = "school-hours" speaks of',
            ),
        ],
        pages=[
            Page("/filter", Right.SEE, "filter.html", desk.page, "filter"),
            Page("/filter/profiles/{profile}", Right.SEE, "filter_profile.html", desk.profile_page, "filter"),
        ],
    )  # fmt: skip
