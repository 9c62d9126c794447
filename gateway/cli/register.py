"""What the commands of facts share: the register, who signs, and what is printed of a fact."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self, TypeVar

import click

from gateway.cli.rules import signer
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.facts.fields import Type
from gateway.facts.kinds import KINDS
from gateway.facts.lines import fact_of, field_type
from gateway.flows.all_facts import AllFacts, configured
from gateway.ports_facts import Telling
from gateway.store.db import Database
from gateway.store.live_facts import LiveFacts
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
    live: LiveFacts
    counts: SqliteCounts
    reports: SqliteReports

    @classmethod
    def over(cls, config: Config, database: Database, now: datetime) -> Self:
        """The one of an open database."""
        site, wan = config.site, config.wan
        no_carrier = wan.probes.cause_without_carrier(wan.interface)
        live = LiveFacts(database, site.code, site.zone, no_carrier=no_carrier)
        return cls(
            config, database, now, SqliteRegister(database), live, SqliteCounts(database), SqliteReports(database)
        )

    def all_facts(self) -> AllFacts:
        """What was told, what the gateway has counted, and what the configuration says of its site."""
        return AllFacts(self.register, self.live, configured(self.config), self.counts, self.reports)

    def site(self, said: str) -> str:
        """The site that is meant."""
        return said or self.config.site.code


def at_register(config_path: Path, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do `work` with the register open."""
    config = load_config(config_path)

    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            return await work(Desk.over(config, database, SystemClock().now()))

    return asyncio.run(run())


async def amend(desk: Desk, facts: Sequence[Fact], by: str, command: str) -> int:
    """Tell facts by hand, each as the next revision of its key; how many said anything new."""
    return (await desk.register.amend(facts, Telling(desk.now, signer(by), command))).fresh


def made(kind: str, site: str, values: Mapping[str, object], *, void: bool = False) -> Fact:
    """A fact out of what was typed in; None and "" are not told. UsageError names the field."""
    told = {name: value for name, value in values.items() if value is not None and value != ""}
    envelope: dict[str, object] = {"kind": kind, "void": void}
    if not KINDS[kind].of_office:
        envelope["site"] = site
    try:
        return fact_of({**envelope, **told})
    except ValueError as error:
        raise UsageError(str(error), hint=f"cong facts describe {kind} tells its fields") from error


async def one(desk: Desk, kind: str, site: str, key: str, *, listed_by: str) -> Fact:
    """The standing fact of a key, told or the gateway's own; UsageError when there is none."""
    told = [
        each for each in await desk.all_facts().standing([kind], site=site) if each.key == key and each.site == site
    ]
    if not told:
        raise UsageError(f"there is no {kind.replace('_', ' ')} {key} at {site}", hint=f"{listed_by} lists them")
    return told[0]


def typed(kind: str, name: str, text: str) -> object:
    """The JSON value of a field that was typed as text: 350000, true, ["a"]; text where the field is text."""
    try:
        match field_type(KINDS[kind], name):
            case Type.COUNT | Type.VND | Type.BYTES | Type.KBIT_S | Type.SECONDS:
                return int(text.replace("_", ""))
            case Type.FLAG:
                return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
            case Type.HOURS | Type.TOKENS:
                return [part.strip() for part in text.split(",") if part.strip()]
            case Type.TIERS | Type.LINES:
                return json.loads(text)
            case _:
                return text
    except KeyError:
        raise UsageError(f'{name}: "{text}" is neither true nor false') from None
    except ValueError as error:
        raise UsageError(f'{name}: "{text}" can\'t be read: {error}') from None


def moment(text: str, config: Config) -> str:
    """An instant as it is typed: "2027-03-12 08:00" or "2027-03-12T08:00" of the site, or ISO 8601 with its offset."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'"{text}" is no moment', hint='write it as "2027-03-12 08:00"') from None
    return (at if at.tzinfo else at.replace(tzinfo=config.site.zone)).isoformat()


def day_of(text: str) -> str:
    """A day as it is typed."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f'"{text}" is no day', hint='write it as "2027-03-12"') from None


def tree(fact: Fact) -> dict[str, object]:
    """A fact for --json."""
    return {"kind": fact.kind.name, "site": fact.site, "rev": fact.rev, "void": fact.void, **fact.values}


def show(value: object) -> None:
    """Print JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
