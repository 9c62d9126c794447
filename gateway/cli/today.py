"""cong today: the day so far, as the desk's first page has it."""

import asyncio
import json
from dataclasses import asdict
from datetime import date, datetime

import click

from gateway.cli.nightly import book
from gateway.cli.noticed import noticed
from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import NoFiguresError
from gateway.flows.night_told import NightTold, night_told
from gateway.flows.nightly import day_so_far
from gateway.reports.nightly import tell
from gateway.reports.today import today_told
from gateway.store.db import Database, require_file
from gateway.store.facts import Facts


@click.command()
@json_option
@config_option
def today(as_json: bool, config_path: Path) -> None:
    """The day so far: the nightly summary's figures, counted now; nothing is closed, stored or deleted."""
    config, now = load_config(config_path), SystemClock().now()
    require_file(config.state.database)
    book(config)
    made = asyncio.run(_told(config, now))
    if as_json:
        tree = asdict(today_told(made.figures, made.state, made.site, made.name, now))
        click.echo(json.dumps(tree, ensure_ascii=False, indent=2, default=_text))
        return
    told = tell(made.figures, made.name, config.site.language, made.state)
    click.echo(f"{told.subject}\n\n{told.text}")


async def _told(config: Config, now: datetime) -> NightTold:
    async with Database.opened(config.state.database) as database:
        source, site = Desk.over(config, database, now).all_facts(), config.site
        day = local_day(now, site.zone)
        figures = await day_so_far(Facts(database), day, zone=site.zone, now=now)
        if figures is None:
            raise NoFiguresError(f"there are no figures of {day}")
        return await night_told(source, site.code, day, now=now, figures=figures, noticed=noticed(config, now))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    assert isinstance(value, date)
    return value.isoformat()
