"""The box: what cong doctor finds, and which version runs."""

import asyncio
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.desk.table import Area, Caller, Language, Nothing, Page, view
from gateway.ports_staff import LookRunner
from gateway.staff.roles import Right

Grade = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at."""

    key: str
    thing: str
    outcome: Grade
    said: str
    hint: str
    """What to do; empty where all is good."""


@dataclass(frozen=True, slots=True)
class CheckUp:
    """All of them, what is worst first."""

    at: datetime
    findings: Sequence[Looked]
    faults: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Version:
    """What runs."""

    program: str
    python: str
    system: str


def box(commands: LookRunner, version: str, changes: str) -> Area:
    """`changes`: the changelog of this version, "" when it is not there."""
    own = _Box(commands, version, changes)
    see = Right.SEE_SETTINGS
    return Area(
        views=[
            view("box.doctor", "/box/doctor", see, Nothing, CheckUp, own.look, "Look at box and gateway: cong doctor"),
            view("box.version", "/box/version", see, Nothing, Version, own.version, "Which version runs"),
        ],
        pages=[
            Page("/settings/box", see, "box.html", own.page, "settings"),
            Page("/settings/update", see, "update.html", own.update, "settings"),
        ],
    )


class _Box:
    def __init__(self, commands: LookRunner, version: str, changes: str) -> None:
        self._commands, self._version, self._changes = commands, version, changes
        self._last: dict[Language, CheckUp] = {}
        self._turn = asyncio.Lock()

    async def look(self, asked: Nothing, caller: Caller) -> CheckUp:
        """Some seconds: the line, the filter and the library system are asked."""
        async with self._turn:
            told = json.loads(await self._commands.told("doctor", "--json", "--language", caller.language))
        order = {"fault": 0, "warning": 1, "ok": 2}
        found = [Looked(one["key"], one["thing"], one["outcome"], one["said"], one["hint"]) for one in told]
        found.sort(key=lambda one: order[one.outcome])
        counts = [sum(one.outcome == grade for one in found) for grade in ("fault", "warning")]
        self._last[caller.language] = CheckUp(caller.at, found, *counts)
        return self._last[caller.language]

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What was found last; with `look` it looks anew."""
        if "look" in query:
            return {"found": await self.look(Nothing(), caller)}
        return {"found": self._last.get(caller.language)}

    async def version(self, asked: Nothing, caller: Caller) -> Version:
        return Version(self._version, platform.python_version(), platform.platform(terse=True))

    async def update(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        return {"version": await self.version(Nothing(), caller), "changes": _parts(self._changes)}


def _parts(changes: str) -> Sequence[tuple[str, Sequence[str]]]:
    """Headings of the changelog's newest version with their points."""
    parts: list[tuple[str, list[str]]] = []
    for line in changes.splitlines():
        if line.startswith("### "):
            parts.append((line[4:].strip(), []))
        elif line.startswith("- ") and parts:
            parts[-1][1].append(line[2:].strip().replace("`", ""))
        elif line.startswith("  ") and parts and parts[-1][1]:
            parts[-1][1][-1] += f" {line.strip()}".replace("`", "")
        elif line.startswith("## ") and parts:
            break
    return parts
