"""cong nightly: close a day and tell it."""

import asyncio
import contextlib
import json
from datetime import date, datetime, time, timedelta, timezone

import click

from gateway.cli.noticed import noticed
from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import NoFiguresError, UsageError
from gateway.flows.counted_months import count_all
from gateway.flows.keeping import SESSION_TERM
from gateway.flows.night_told import NightTold, night_told
from gateway.flows.nightly import close_night
from gateway.flows.noted_attempts import note_attempts
from gateway.flows.pc_photos import PcPhotos
from gateway.flows.signed_reports import lock_months
from gateway.log import event
from gateway.photos.folder import PhotoFolder
from gateway.ports_facts import Telling
from gateway.reports.day import DayFigures, Language
from gateway.reports.nightly import tell
from gateway.reports.nightly_json import figures_tree
from gateway.store.db import Database, require_file
from gateway.store.facts import Facts
from gateway.store.pcs import SqlitePhotos

_NOON = 12

_FIRST_DAY = date(2020, 1, 1)
"""Before it there is nothing to tell; dates near year 1 would also overflow."""


@click.command()
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help="The day; else yesterday before noon, today after it.")
@click.option("--site", default="", help="Short name of another site, whose facts were imported.")
@click.option("--short", is_flag=True, help="One paragraph of at most 500 characters, to paste into a chat.")
@json_option
@click.option("--english", is_flag=True, help="In English, whatever site.language says.")
@config_option
def nightly(day_text: str | None, site: str, short: bool, as_json: bool, english: bool, config_path: Path) -> None:
    """Close a day and print its summary: what needs action, visits, PCs, hours, line, refusals, goal, data quality.

    Days that were missed are made up. A day that is not over is told so far and stays open. Run for today or
    yesterday it also deletes what is past its term (7 days: device addresses; 90 days: sessions) and, from day
    site.lock_day on, locks the month before. Works with the gateway running or not, and as often as you like: a past
    day gives the same figures again.
    """
    config = load_config(config_path)
    now = SystemClock().now()
    day = _asked_day(day_text, now, config.site.zone)
    require_file(config.state.database)
    book(config)
    language: Language = "en" if english else config.site.language
    made = asyncio.run(_told(config, site or config.site.code, day, now))
    if as_json:
        tree = figures_tree(made.figures, made.site, made.name, language, made.state)
        click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
        return
    told = tell(made.figures, made.name, language, made.state)
    click.echo(told.short if short else f"{told.subject}\n\n{told.text}", nl=short)


def book(config: Config) -> None:
    """A gateway that runs books what it has counted since the last minute."""
    with contextlib.suppress(NotRunningError):
        ask(config.state.control_socket, "POST", "/book")


async def told_at(database: Database, config: Config, site: str, day: date, now: datetime) -> NightTold:
    """Close the day, if it is one of the gateway's own, and tell it with how the site stood."""
    desk = Desk.over(config, database, now)
    if site != config.site.code:
        return await night_told(desk.all_facts(), site, day, now=now)
    figures: DayFigures | None = None
    # told from elsewhere, it may have figures all the same
    with contextlib.suppress(NoFiguresError):
        figures = await _close(database, day, config, now)
    if day >= local_day(now, config.site.zone) - timedelta(days=1):
        await count_all(desk.all_facts())  # so that the next report is quick
    of_today = noticed(config, now) if day >= local_day(now, config.site.zone) - timedelta(days=1) else ()
    return await night_told(desk.all_facts(), site, day, now=now, figures=figures, noticed=of_today)


async def _told(config: Config, site: str, day: date, now: datetime) -> NightTold:
    async with Database.opened(config.state.database) as database:
        return await told_at(database, config, site, day, now)


def _asked_day(text: str | None, now: datetime, zone: timezone) -> date:
    today = local_day(now, zone)
    if text is None:
        return today if now.astimezone(zone).hour >= _NOON else today - timedelta(days=1)
    try:
        # strptime, not fromisoformat: the latter also takes week dates and "20270331"
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        hint = f"write it as year, month, day: --date {today}"
        raise UsageError(f'"{text}" is no date', where="--date", hint=hint) from None
    if day > today:
        hint = f"today is {today} here; a day can be told from its first minute on"
        raise UsageError(f"{day} is in the future", where="--date", hint=hint)
    if day < _FIRST_DAY:
        hint = f"figures begin with the gateway's first day; today is {today}"
        raise UsageError(f"{day} lies before any gateway", where="--date", hint=hint)
    return day


async def _close(database: Database, day: date, config: Config, now: datetime) -> DayFigures:
    site, zone = config.site, config.site.zone
    if day >= local_day(now, zone) - timedelta(days=1):
        await _before_deletion(Desk.over(config, database, now), local_day(now, zone))
    try:
        return (await close_night(Facts(database), day, zone=site.zone, now=now)).figures
    finally:  # a night without figures deletes all the same
        await PcPhotos(PhotoFolder(config.state.pc_photos), SqlitePhotos(database), site.code).sweep(now)


async def _before_deletion(desk: Desk, today: date) -> None:
    """What views and sessions count stays, without whose they were; so do figures of a month that is past its lock."""
    source, site = desk.all_facts(), desk.config.site
    telling = Telling(desk.now, "cong nightly", "terms")
    await note_attempts(source, desk.register, today, telling)
    before = datetime.combine(today - SESSION_TERM, time.min, site.zone)
    await desk.register.forget(site.code, before, site.zone, telling)
    locked = await lock_months(source, desk.now, site.zone, site.lock_day)
    for month in sorted({one.month for one in locked}):
        event("month.locked", month=f"{month:%Y-%m}", sites=sum(one.month == month for one in locked))
