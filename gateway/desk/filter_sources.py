"""Desk: the lists the filter is made of: how they stand, one more, one less, fetched now."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.desk.aside import Aside
from gateway.desk.filter_asked import ListInput, ListName, RefreshInput, TryInput
from gateway.desk.filter_words import refuse_wrong
from gateway.desk.table import Area, Caller, Live, Nothing, Outcome, Page, RefusedError, act, view
from gateway.errors import GatewayError
from gateway.flows.filter_lists import FilterLists, ListsState, Refreshing, Tried
from gateway.flows.filter_profiles import FilterProfiles
from gateway.staff.roles import Right


@dataclass(frozen=True, slots=True)
class Sources:
    """All lists, and the fetch that runs."""

    lists: ListsState
    refreshing: Refreshing | None


class SourceDesk:
    """What the rows of the table do."""

    def __init__(self, lists: FilterLists, profiles: FilterProfiles, tried: Aside[Tried]) -> None:
        self._lists = lists
        self._profiles = profiles
        self._tried = tried

    async def sources(self, asked: Nothing, caller: Caller) -> Sources:
        """View."""
        return Sources(await self._states(), self._lists.refreshing)

    async def refresh(self, asked: RefreshInput, caller: Caller) -> Outcome:
        """Act: begins it; the page tells how it goes."""
        known = {each.name for each in (await self._states()).lists}
        if unknown := set(asked.names) - known:
            raise RefusedError("filter_list_gone", missing=True, name=min(unknown))
        self._lists.refresh(asked.names)
        return Outcome(await self.sources(Nothing(), caller), ", ".join(asked.names))

    async def try_out(self, asked: TryInput, caller: Caller) -> Outcome:
        """Act: changes nothing; what came of it stands on the page for its asker."""
        await self._require_public(asked.location)
        try:
            tried = await self._lists.try_out(asked.location, asked.match)
        except GatewayError as error:
            raise RefusedError(error.key or "filter_list_bad", says=error.message[:300]) from error
        name = self._tried.put(caller.name, tried)
        return Outcome(tried, asked.location, goto=f"/filter/sources?tried={name}#try", values={"names": tried.names})

    async def add(self, asked: ListInput, caller: Caller) -> Outcome:
        """Act."""
        if asked.name in {each.name for each in (await self._states()).lists}:
            raise RefusedError("filter_list_taken", name=asked.name)
        await self._require_public(asked.location)
        row = {"name": asked.name, "category": asked.category, "location": asked.location}
        extra = {"action": asked.action, "match": asked.match}
        usual = {"action": "block", "match": "auto"}
        changed = await self._lists.add(row | {key: extra[key] for key in extra if extra[key] != usual[key]})
        refuse_wrong(changed)
        sources = await self.sources(Nothing(), caller)
        return Outcome(sources, asked.name, changed.before, changed.after, values={"name": asked.name})

    async def remove(self, asked: ListName, caller: Caller) -> Outcome:
        """Act."""
        found = next((each for each in (await self._states()).lists if each.name == asked.name), None)
        if found is None or not found.is_own:
            raise RefusedError("filter_list_not_own", missing=found is None, name=asked.name)
        changed = refuse_wrong(await self._lists.remove(asked.name))
        sources = await self.sources(Nothing(), caller)
        return Outcome(sources, asked.name, changed.before, changed.after, values={"name": asked.name})

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """All lists, and one that is tried."""
        state = await self._profiles.read()
        tried = self._tried.get(caller.name, query.get("tried", ""))
        return {"sources": await self.sources(Nothing(), caller), "tried": tried, "categories": state.categories}

    async def live(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """How the fetch goes."""
        return {"refreshing": self._lists.refreshing}

    async def _require_public(self, location: str) -> None:
        """The box fetches nothing of the house for whoever types its address here; see filters.public."""
        if not await self._lists.may_name(location):
            refusal = RefusedError("filter_list_near")
            refusal.fields = {"location": "not_public"}
            raise refusal

    async def _states(self) -> ListsState:
        try:
            return await self._lists.states()
        except GatewayError as error:
            return ListsState(0, None, True, (), (error.message,))


def filter_sources(desk: SourceDesk) -> Area:
    """The page of lists."""
    return Area(
        views=[view("filter.lists", "/filter/lists", Right.SEE, Nothing, Sources, desk.sources, "How lists stand")],
        acts=[
            act(
                "filter.refresh", "POST", "/filter/lists/refresh", Right.FILTER, RefreshInput, Sources, desk.refresh,
                "Fetch lists now, compile what has changed",
            ),
            act(
                "filter.list_try", "POST", "/filter/lists/try", Right.FILTER, TryInput, Tried, desk.try_out,
                "What a list would do; nothing is kept",
            ),
            act(
                "filter.list_add", "POST", "/filter/lists", Right.FILTER, ListInput, Sources, desk.add,
                "Take a list in and fetch it",
            ),
            act(
                "filter.list_remove", "DELETE", "/filter/lists/{name}", Right.FILTER, ListName, Sources, desk.remove,
                "Take a list out that was added",
            ),
        ],
        pages=[Page("/filter/sources", Right.SEE, "filter_sources.html", desk.page, "filter")],
        live=[Live("/filter/sources", Right.SEE, "filter_refreshing.html", desk.live)],
    )  # fmt: skip
