"""cong nightly: close a day and tell it."""

import asyncio
import contextlib
import json
from datetime import date, datetime, time, timedelta, timezone

import click

from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import UsageError
from gateway.flows.all_facts import AllFacts, configured
from gateway.flows.counted_months import count_all
from gateway.flows.keeping import SESSION_TERM
from gateway.flows.nightly import Night, close_night
from gateway.flows.noted_attempts import note_attempts
from gateway.flows.signed_reports import lock_months
from gateway.log import event
from gateway.ports_facts import Telling
from gateway.reports.nightly import Language, tell
from gateway.reports.nightly_json import figures_tree
from gateway.store.db import Database, require_file
from gateway.store.facts import Facts
from gateway.store.live_facts import LiveFacts
from gateway.store.month_counts import SqliteCounts
from gateway.store.register import SqliteRegister
from gateway.store.signed_reports import SqliteReports

_NOON = 12

_FIRST_DAY = date(2020, 1, 1)
"""Before it there is nothing to tell; dates near year 1 would also overflow."""


@click.command()
@click.option("--date", "day_text", metavar="YYYY-MM-DD", help="The day; else yesterday before noon, today after it.")
@json_option
@click.option("--english", is_flag=True, help="In English, whatever site.language says.")
@config_option
def nightly(day_text: str | None, as_json: bool, english: bool, config_path: Path) -> None:
    """Close a day and print its summary: visits, use, volume, refusals, data quality.

    Days that were missed are made up. A day that is not over is told so far and stays open. Run for today or
    yesterday it also deletes what is past its term (7 days: device addresses; 90 days: sessions) and, from day
    site.lock_day on, locks the month before. Works with the gateway running or not, and as often as you like: a past
    day gives the same figures again.
    """
    config = load_config(config_path)
    site, now = config.site, SystemClock().now()
    day = _asked_day(day_text, now, site.zone)
    require_file(config.state.database)
    with contextlib.suppress(NotRunningError):  # a gateway that runs books what it has counted since the last minute
        ask(config.state.control_socket, "POST", "/book")
    figures = asyncio.run(_close(config, day, now)).figures
    language: Language = "en" if english else site.language
    if as_json:
        tree = figures_tree(figures, site.code, site.name, language)
        click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
    else:
        told = tell(figures, site.name, language)
        click.echo(f"{told.subject}\n\n{told.text}", nl=False)


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


async def _close(config: Config, day: date, now: datetime) -> Night:
    site = config.site
    async with Database.opened(config.state.database) as database:
        register, facts = SqliteRegister(database), Facts(database)
        today = local_day(now, site.zone)
        if day < today - timedelta(days=1):
            return await close_night(facts, day, zone=site.zone, now=now)
        live = LiveFacts(database, site.code, site.zone)
        counts, reports = SqliteCounts(database), SqliteReports(database)
        source = AllFacts(register, live, configured(config), counts, reports)
        # before the night deletes them: what views and sessions count stays, without whose they were
        telling = Telling(now, "cong nightly", "terms")
        await note_attempts(source, register, today, telling)
        await register.forget(
            site.code, datetime.combine(today - SESSION_TERM, time.min, site.zone), site.zone, telling
        )
        locked = await lock_months(source, now, site.zone, site.lock_day)
        for month in sorted({one.month for one in locked}):
            event("month.locked", month=f"{month:%Y-%m}", sites=sum(one.month == month for one in locked))
        night = await close_night(facts, day, zone=site.zone, now=now)
        await count_all(source)  # so that the next report is quick
        return night
