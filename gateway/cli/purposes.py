"""cong purposes: what patrons said they came for; sums by day, nothing else is known."""

import asyncio
import json

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.until import day_of
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.errors import FaultError, UsageError
from gateway.flows.purposes import Purposes
from gateway.flows.purposes import purposes as counted
from gateway.store.board import SqlitePurposes
from gateway.store.db import Database


@click.command()
@click.option("--from", "first", metavar="DAY", help='First day, such as "2026-11-01"; 30 days back if left out.')
@click.option("--to", "last", metavar="DAY", help="Last day; today if left out.")
@json_option
@config_option
def purposes(first: str | None, last: str | None, as_json: bool, config_path: Path) -> None:
    """How often each purpose was named ([portal.purpose])."""
    config = load_config(config_path)
    today = local_day(SystemClock().now(), config.site.zone)

    async def work() -> Purposes:
        async with Database.opened(config.state.database) as database:
            since, until = (None if day is None else day_of(day) for day in (first, last))
            return await counted(SqlitePurposes(database), today, since, until)

    try:
        found = asyncio.run(work())
    except FaultError as error:
        raise UsageError(str(error)) from error
    begin, end, days, sums = found.first, found.last, found.days, found.sums
    if as_json:
        told = {day.isoformat(): dict(counts) for day, counts in days.items()}
        tree = {"from": begin.isoformat(), "to": end.isoformat(), "sums": dict(sums), "days": told}
        click.echo(json.dumps(tree, indent=2, ensure_ascii=False))
        return
    names = {each.key: each.vi for each in config.portal.purpose.choices}
    for key, count in sums.most_common():
        click.echo(f"{count:6}  {key:12}  {names.get(key, '')}".rstrip())
    click.echo(f"{sums.total()} answers from {begin} to {end}")
    if not config.portal.purpose.ask:
        click.echo("note: portal.purpose.ask is false: nobody is asked", err=True)
