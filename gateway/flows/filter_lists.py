"""The filter's lists from the desk: how they stand, tried out, fetched anew; and why a name is refused.

The work is our own commands' in processes of their own: fetching and compiling never hold the gateway up. A fetch that
a restart cuts off is noted in a small file and begun again.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filters.public import NOT_PUBLIC, places
from gateway.clock import Clock
from gateway.config.filtering import filter_settings
from gateway.errors import GatewayError
from gateway.flows.settings import Changed, Settings
from gateway.ports_staff import LookRunner

_FRESH_S = 10.0


@dataclass(frozen=True, slots=True)
class NotUsed:
    """Lines of a list that are not used, for one reason."""

    why: str
    lines: int
    line: int
    """The first of them."""
    text: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list."""

    name: str
    category: str
    action: str
    kind: str
    location: str
    state: str
    """good, old, kept, unused, new: as `cong lists status` has it."""
    why: str
    since: datetime | None
    format: str
    names: int
    size_bytes: int
    changed_at: datetime | None
    checked_at: datetime | None
    is_due: bool
    not_used: tuple[NotUsed, ...]
    is_shipped: bool
    is_own: bool
    """Stands in dns.lists, so it can be taken out."""
    is_near: bool
    """Its server is in the house, and dns.list_networks does not name it: it is not fetched."""


@dataclass(frozen=True, slots=True)
class ListsState:
    """All lists, and the generation that is in use."""

    generation: int
    """0: nothing was compiled yet."""
    built_at: datetime | None
    is_stale: bool
    lists: tuple[ListRow, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refreshing:
    """The fetch that runs, or the last one that has."""

    names: tuple[str, ...]
    """(): all that are due."""
    began_at: datetime
    ended_at: datetime | None = None
    says: str = ""
    """What went wrong."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a list would do."""

    location: str
    format: str
    names: int
    size_bytes: int
    sample: tuple[str, ...]
    sampled: int
    known: int
    """Of those, refused already."""
    needed: tuple[str, ...]
    """Names a library can't do without that it would refuse."""
    not_used: tuple[NotUsed, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a name is refused or open."""

    name: str
    profile: str
    at: str
    """Local: "2027-03-12T15:30"."""
    verdict: str
    """allow, block, safe, none."""
    step: str
    category: str
    list_name: str
    line: int
    rule: str
    schedule: str
    why: str
    """In English, as the command tells it."""
    profiles: Mapping[str, str]


class FilterLists:
    """One of these in the gateway."""

    def __init__(self, settings: Settings, quick: LookRunner, slow: LookRunner, clock: Clock, noted: Path) -> None:
        """`slow` may take hours, `quick` seconds. `noted`: where the running fetch is written down."""
        self.settings = settings
        self._quick = quick
        self._slow = slow
        self._clock = clock
        self._noted = noted
        self._wake, self._turn = asyncio.Event(), asyncio.Lock()
        self.refreshing: Refreshing | None = None
        self._waiting = _cut_off(noted)
        if self._waiting:
            self._wake.set()
        self._seen: tuple[float, ListsState] | None = None

    async def states(self) -> ListsState:
        """As `cong lists status` tells it, at most ten seconds old."""
        if self._seen is None or self._clock.boot_s() - self._seen[0] > _FRESH_S:
            told = await self._quick.told("lists", "status", "--json")
            own = {str(each.get("name")) for each in await self._own()}
            self._seen = self._clock.boot_s(), _states(json.loads(told), own)
        return self._seen[1]

    async def why(self, name: str, profile: str, at: datetime | None) -> Verdict:
        """As `cong lists check` tells it; `at` in the site's time, None is now. GatewayError with its complaint."""
        moment = ("--at", f"{at:%Y-%m-%d %H:%M}") if at else ()
        told = json.loads(await self._quick.run("lists", "check", name, "--profile", profile, *moment, "--json"))
        return Verdict(
            told["name"], profile, told["at"], told["verdict"], told["step"], told["category"] or "",
            told["list"] or "", told["line"] or 0, told["rule"] or "", told["schedule"] or "", told["why"],
            told["profiles"],
        )  # fmt: skip

    async def try_out(self, location: str, match: str) -> Tried:
        """As `cong lists try` tells it; GatewayError when it can't be had or read."""
        told = json.loads(await self._slow.run("lists", "try", location, "--match", match, "--json"))
        return Tried(
            told["location"], told["format"], told["names"], told["bytes"], tuple(told["sample"]), told["sampled"],
            told["known"], tuple(told["needed"]), tuple(_not_used(each) for each in told["rejected"]),
        )  # fmt: skip

    async def may_name(self, location: str) -> bool:
        """Whether a web address is on the public Internet, or permitted by the administrator, as far as it tells."""
        config = await self.settings.config()
        return await asyncio.to_thread(places(filter_settings(config)).may_name, location)

    async def add(self, row: Mapping[str, object]) -> Changed:
        """One more of dns.lists, which is then fetched."""
        async with self._turn:
            changed = await self.settings.change({"dns.lists": [*await self._own(), dict(row)]})
        if not changed.wrong:
            self.refresh((str(row["name"]),))
        return changed

    async def remove(self, name: str) -> Changed:
        """One less; the next generation is without it."""
        async with self._turn:
            left = [each for each in await self._own() if each.get("name") != name]
            changed = await self.settings.change({"dns.lists": left})
        if not changed.wrong:
            self.refresh(("--no-fetch",))
        return changed

    def refresh(self, names: Sequence[str]) -> None:
        """Fetch these (none: all that are due) and compile; while a fetch runs, it comes after."""
        self._waiting.append(tuple(names))
        with contextlib.suppress(OSError):
            self._noted.write_text(json.dumps(self._waiting), encoding="utf-8")
        self._wake.set()

    async def run(self) -> None:
        """Do what is asked for, one after another, as long as the gateway runs."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._refresh(self._waiting[0])
                self._waiting.pop(0)
            self._noted.unlink(missing_ok=True)

    async def _refresh(self, words: Sequence[str]) -> None:
        says = ""
        self.refreshing = Refreshing(_names(words), self._clock.now())
        try:
            await self._slow.told("lists", "update", *words, "--json")
        except GatewayError as error:
            says = error.message
        self.refreshing = replace(self.refreshing, ended_at=self._clock.now(), says=says)
        self._seen = None

    async def _own(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = (await self.settings.values())["dns.lists"].value
        return found


def _cut_off(noted: Path) -> list[tuple[str, ...]]:
    """What the process before had not done."""
    try:
        return [tuple(map(str, words)) for words in json.loads(noted.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _names(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not word.startswith("--"))


def _states(told: Mapping[str, Any], own: set[str]) -> ListsState:
    return ListsState(
        told["generation"],
        datetime.fromisoformat(told["built_at"]),
        told["stale"],
        tuple(_row(each, own) for each in told["lists"]),
        tuple(told["faults"]),
    )


def _row(told: Mapping[str, Any], own: set[str]) -> ListRow:
    return ListRow(
        told["name"], told["category"], told["action"], told["kind"], told["location"], told["state"],
        told["why"] or "", _moment(told["since"]), told["format"], told["names"], told["bytes"],
        _moment(told["changed_at"]), _moment(told["checked_at"]), told["due"],
        tuple(
            NotUsed(why, each["lines"], each["first"][0]["line"], each["first"][0]["text"])
            for why, each in told["rejected"].items()
            if each["first"]
        ),
        told["location"].startswith("package:"), told["name"] in own, NOT_PUBLIC in (told["why"] or ""),
    )  # fmt: skip


def _not_used(told: Mapping[str, Any]) -> NotUsed:
    return NotUsed(told["why"], told["lines"], told["line"], told["text"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
