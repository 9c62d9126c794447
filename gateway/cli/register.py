"""What the commands of facts share: the register, opened; who signs; JSON, printed."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

import click

from gateway.cli.rules import signer
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.daemon.entries import hand_entries
from gateway.facts.fact import Fact
from gateway.flows.all_facts import AllFacts
from gateway.flows.hand_entries import HandEntries
from gateway.ports_facts import Telling
from gateway.store.db import Database
from gateway.store.month_counts import SqliteCounts
from gateway.store.register import SqliteRegister
from gateway.store.signed_reports import SqliteReports

T = TypeVar("T")

site_option = click.option("--site", default="", help="Short name of the site; else site.code of the configuration.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command of facts works on."""

    config: Config
    database: Database
    now: datetime
    register: SqliteRegister
    counts: SqliteCounts
    reports: SqliteReports
    entries: HandEntries

    @classmethod
    def over(cls, config: Config, database: Database, now: datetime) -> Self:
        """The one of an open database."""
        stores = SqliteRegister(database), SqliteCounts(database), SqliteReports(database)
        return cls(config, database, now, *stores, hand_entries(config, database))

    def all_facts(self) -> AllFacts:
        """What was told, what the gateway has counted, and what the configuration says of its site."""
        return self.entries.source

    def site(self, said: str) -> str:
        """The site that is meant."""
        return said or self.entries.site

    async def amend(self, facts: Sequence[Fact], by: str, command: str) -> int:
        """Tell facts by hand; how many said anything new."""
        return await self.entries.amend(facts, self.telling(by, command))

    def telling(self, by: str, command: str) -> Telling:
        """Who tells by which command."""
        return Telling(self.now, signer(by), command)


def at_register(config_path: Path, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do `work` with the register open."""
    config = load_config(config_path)

    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            return await work(Desk.over(config, database, SystemClock().now()))

    return asyncio.run(run())


def show(value: object) -> None:
    """Print JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
