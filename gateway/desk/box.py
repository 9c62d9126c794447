"""The box: what cong doctor finds, and which version runs."""

import asyncio
import json
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
    """What runs, and whether all of it is the newest that is here."""

    program: str
    installed: str
    """The program on the disk: another one than runs was installed, and waits for a restart."""
    python: str
    system: str
    schema: int
    """Number of the database's form."""
    newest_schema: int
    """That of the program that runs; the gateway brings the database to it when it starts."""
    is_current: bool
    """What is installed runs, over a database of its form."""


def box(commands: LookRunner, running: "Running", changes: str) -> Area:
    """`changes`: the changelog of this version, "" when it is not there."""
    own = _Box(commands, running, changes)
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


@dataclass(frozen=True, slots=True)
class Running:
    """What the house knows of its own version."""

    program: str
    installed: Callable[[], str]
    """Reads the disk."""
    schema: Callable[[], Awaitable[int]]
    """Of the database, as it stands."""
    newest_schema: int


class _Box:
    def __init__(self, commands: LookRunner, running: Running, changes: str) -> None:
        self._commands, self._running, self._changes = commands, running, changes
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
        running = self._running
        installed, schema = await asyncio.to_thread(running.installed), await running.schema()
        return Version(
            running.program,
            installed,
            platform.python_version(),
            platform.platform(terse=True),
            schema,
            running.newest_schema,
            installed == running.program and schema == running.newest_schema,
        )

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
