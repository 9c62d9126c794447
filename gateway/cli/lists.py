"""cong lists: fetch and compile the block lists, see how they stand, ask why a name is refused."""

import json
import sys
from typing import Any

import click

from filters.blockset import Blockset
from filters.errors import FilterError
from filters.generations import is_stale, load_current
from filters.log import event
from filters.settings import FilterSettings
from filters.sources import where_of
from gateway.cli.check import check
from gateway.cli.list_progress import Begun, Had, shown
from gateway.cli.list_states import ListState, Standing, list_states, show_age, table
from gateway.cli.list_try import try_list
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config
from gateway.units import epoch_s, from_epoch_s


@click.group()
def lists() -> None:
    """Block lists: fetch and compile them, see how they stand, ask why a name is refused."""


lists.add_command(check)
lists.add_command(try_list)


@lists.command("update")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--force", is_flag=True, help="Fetch lists that are not due, too, and all of them whole.")
@click.option("--no-fetch", is_flag=True, help="Only compile what is there: needs no line and no wait.")
@click.option("--accept", multiple=True, metavar="NAME", help="Take this list though it has shrunk by half.")
@config_option
@json_option
def update_lists(
    names: tuple[str, ...], force: bool, no_fetch: bool, accept: tuple[str, ...], config_path: Path, as_json: bool
) -> None:
    """Fetch the lists that are due (of these NAMEs only, if any), then compile what has changed.

    Running workers take the result over within a second. A list that can't be fetched, is junk or has shrunk by half
    keeps its last good names; exit code 1 tells of it.
    """
    settings = filter_settings(load_config(config_path))
    known = [each.name for each in settings.sources]
    if unknown := sorted({*names, *accept} - set(known)):
        raise click.BadParameter(f'there is no list "{unknown[0]}"; there are: {", ".join(known)}')
    with shown(len(settings.sources), quiet=as_json) as (had, begun):
        if not no_fetch:
            _fetch(settings, names, had, force=force, accept=accept)
        blockset = _compile(settings, begun, force=force, accept=accept)
    _finish(settings, blockset, [], as_json=as_json)


@lists.command()
@config_option
@json_option
def status(config_path: Path, as_json: bool) -> None:
    """Tell which generation is in use, how old it is, and how each list stands; exit code 1 when something is wrong."""
    settings = filter_settings(load_config(config_path))
    faults: list[FilterError] = []
    blockset = load_current(settings.blockset_directory, faults)
    if blockset is None:
        raise FilterError(
            "no list was compiled yet", where=str(settings.blockset_directory), hint="run: cong lists update"
        )
    _finish(settings, blockset, faults, as_json=as_json)


def _fetch(
    settings: FilterSettings, names: tuple[str, ...], had: Had | None, *, force: bool, accept: tuple[str, ...]
) -> None:
    from filters.fetch import Outcome, fetch_lists  # loads aiohttp, which the other commands need not

    for each in fetch_lists(settings, names, force=force, accept=accept, progress=had):
        if each.outcome is Outcome.NEW:
            event("list.fetched", list=each.name, bytes=each.bytes)
        elif each.outcome is Outcome.FAILED:
            event("list.fetch_failed", "warning", list=each.name, error=each.error)


def _compile(settings: FilterSettings, begun: Begun | None, *, force: bool, accept: tuple[str, ...]) -> Blockset:
    from filters.compile import log, update  # loads numpy

    blockset = load_current(settings.blockset_directory)
    if blockset is not None and not (force or accept or is_stale(blockset, settings)):
        return blockset
    compiled = update(settings, accept=accept, progress=begun)
    log(compiled)
    return compiled.blockset


def _finish(settings: FilterSettings, blockset: Blockset, faults: list[FilterError], *, as_json: bool) -> None:
    """Print how all stands; exit code 1 when something is wrong."""
    now_s = epoch_s(SystemClock().now())
    states = list_states(settings, blockset, now_s)
    stale = is_stale(blockset, settings)
    if as_json:
        click.echo(json.dumps(_as_json(blockset, states, faults, stale, now_s), ensure_ascii=False, indent=2))
    else:
        built = from_epoch_s(blockset.about["built_at"])
        names = sum(source.names for source in blockset.sources)
        age = show_age(now_s - epoch_s(built))
        click.echo(f"generation {blockset.generation}, made {age} ago ({built:%Y-%m-%d %H:%M} UTC): {names} names")
        for line in (*table(states, now_s), *(f"fault: {fault}" for fault in faults)):
            click.echo(line)
        if stale:
            click.echo("lists or their settings have changed since: run cong lists update")
    if faults or any(each.standing not in (Standing.GOOD, Standing.NEW) for each in states):
        sys.exit(1)


def _as_json(
    blockset: Blockset, states: list[ListState], faults: list[FilterError], stale: bool, now_s: int
) -> dict[str, Any]:
    built_at = blockset.about["built_at"]
    return {
        "generation": blockset.generation,
        "built_at": from_epoch_s(built_at).isoformat(),
        "age_s": max(0, now_s - built_at),
        "stale": stale,
        "lists": [each.as_json(now_s) for each in states],
        "not_used": [
            {"list": where_of(each.source), "why": each.why} for each in states if each.standing is Standing.UNUSED
        ],
        "faults": [str(fault) for fault in faults],
    }
