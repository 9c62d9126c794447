"""cong door: staff say when they opened and closed; what was held of promised hours rests on it (counting 2.4 F)."""

from collections.abc import Sequence
from datetime import date

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.clock import local_day
from gateway.config.fields import Path
from gateway.facts.fact import Fact
from gateway.flows.doors import doors_on, tell_door
from gateway.flows.hand_entries import day_of, moment, tree

_at = click.option("--at", "at", default="", help='When: "2027-03-31 07:42"; now if left out.')


@click.group()
def door() -> None:
    """Opening and closing of the site, as staff tell it."""


@door.command("open")
@_at
@site_option
@by_option
@json_option
@config_option
def open_(at: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """The site is open from now on."""
    _tell(at, site, by, config_path, opens=True, as_json=as_json)


@door.command("close")
@_at
@site_option
@by_option
@json_option
@config_option
def close(at: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """The site is closed from now on; a close that was forgotten is taken to be at the day's last sign of use."""
    _tell(at, site, by, config_path, opens=False, as_json=as_json)


@door.command("list")
@click.argument("day", default="")
@site_option
@json_option
@config_option
def list_(day: str, site: str, as_json: bool, config_path: Path) -> None:
    """What was told on a DAY; on today if left out."""
    wanted = day_of(day) if day else ""

    async def work(desk: Desk) -> Sequence[Fact]:
        on = date.fromisoformat(wanted) if wanted else local_day(desk.now, desk.entries.zone)
        return await doors_on(desk.entries, desk.site(site), on)

    told = at_register(config_path, work)
    if as_json:
        show([tree(each) for each in told])
        return
    for each in told:
        click.echo(_line(each))


def _tell(at: str, site: str, by: str, config_path: Path, *, opens: bool, as_json: bool) -> None:
    async def work(desk: Desk) -> tuple[Fact, bool]:
        told_at = moment(at, desk.entries.zone) if at else desk.now.replace(microsecond=0).isoformat()
        telling = desk.telling(by, "cong door")
        fact = await tell_door(desk.entries, desk.site(site), told_at, telling, opens=opens)
        return fact, desk.config.hours.opened_by == "staff"

    fact, counts = at_register(config_path, work)
    if as_json:
        show(tree(fact))
        return
    click.echo(_line(fact))
    if not counts:
        click.echo('note: hours.opened_by is "evidence": reports go by signs of use, not by this', err=True)


def _line(fact: Fact) -> str:
    return f"{fact.text('at')}  {fact.site}  {'open' if fact.flag('opens') else 'closed'}"
