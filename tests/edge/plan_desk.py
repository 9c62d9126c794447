"""The desk's calendar and PCs over a configuration of their own: pages by HTTP, commands beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gateway.child import Commands
from gateway.clock import Clock
from gateway.config.load import load_config
from gateway.daemon.desk_plan import areas_of_plan
from gateway.desk.table import Area
from gateway.flows.hours import Hours
from gateway.flows.settings import Settings
from gateway.store.calendar import SqliteCalendar
from gateway.store.db import Database
from gateway.store.desk_settings import DeskSettingsFiles
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import DeskHouse, desk_house
from tests.fakes import FakeClock


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """The house, and commands over the same database."""

    house: DeskHouse
    commands: CommandDesk
    hours: Hours
    """What holds at the door."""

    async def told(self, *words: str) -> Any:
        """The JSON a command prints meanwhile."""
        return await asyncio.to_thread(self.commands.told, *words)

    async def cong(self, *words: str) -> str:
        """What a command prints meanwhile."""
        return await asyncio.to_thread(self.commands.cong, *words)


@contextlib.asynccontextmanager
async def plan_desk(folder: Path, clock: FakeClock | None = None) -> AsyncIterator[PlanDesk]:
    """All of it, until this is left."""
    commands = CommandDesk.at(folder)
    path = folder / "cong.toml"
    config = load_config(path)
    async with Database.opened(config.state.database) as database:
        clock = clock or FakeClock()
        plan = config.hours.calendar(config.site.zone, config.site.holiday_dates)
        hours = Hours(clock, plan, SqliteCalendar(database), enforced=True, warn_s=600)
        made = partial(_areas, path, hours)
        async with desk_house(folder, made, clock=clock, database=database) as house:
            yield PlanDesk(house, commands, hours)


def _areas(path: Path, hours: Hours, database: Database, clock: Clock) -> Sequence[Area]:
    settings = Settings(DeskSettingsFiles(path))
    return areas_of_plan(load_config(path), database, clock, hours, Commands(path), settings)
