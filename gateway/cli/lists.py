"""cong lists: compile the block lists, see how they stand, ask why a name is refused."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from filters.blockset import Blockset
from filters.compile import Compiled, is_stale, update
from filters.errors import FilterError
from filters.explain import TRIED, Explanation, explain_fully
from filters.generations import load_current
from filters.settings import FilterSettings
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config


@click.group()
def lists() -> None:
    """Block lists: compile them, see how they stand, ask why a name is refused."""


@lists.command("update")
@config_option
@json_option
def update_lists(config_path: Path, as_json: bool) -> None:
    """Compile all lists anew; running workers take the result over within a second.

    A list that is junk changes nothing: the last good lists stay in use.
    """
    settings = filter_settings(load_config(config_path))
    compiled = _compile(settings, quiet=as_json)
    if as_json:
        _print_json({"generation": compiled.blockset.generation, "lists": _rows(compiled.blockset)})
        return
    names = sum(source.names for source in compiled.blockset.sources)
    click.echo(f"generation {compiled.blockset.generation}: {names} names of {len(settings.sources)} lists")
    _print_rows(compiled.blockset)


@lists.command()
@config_option
@json_option
def status(config_path: Path, as_json: bool) -> None:
    """Tell which generation is in use, how old it is, and what each list gave; exit code 1 when something is wrong."""
    settings = filter_settings(load_config(config_path))
    faults: list[FilterError] = []
    blockset = load_current(settings.blockset_directory, faults)
    if blockset is None:
        raise FilterError(
            "no list was compiled yet", where=str(settings.blockset_directory), hint="run: cong lists update"
        )
    skipped: list[tuple[str, str]] = [(where, message) for where, message in blockset.about["skipped"]]
    stale = is_stale(blockset, settings.sources)
    built = datetime.fromtimestamp(blockset.about["built_at"], UTC)
    age_s = max(0, int((SystemClock().now() - built).total_seconds()))
    if as_json:
        _print_json(
            {
                "generation": blockset.generation,
                "built_at": built.isoformat(),
                "age_s": age_s,
                "stale": stale,
                "lists": _rows(blockset),
                "not_used": [{"list": where, "why": message} for where, message in skipped],
                "faults": [str(fault) for fault in faults],
            }
        )
    else:
        click.echo(f"generation {blockset.generation}, made {_age(age_s)} ago ({built:%Y-%m-%d %H:%M} UTC)")
        _print_rows(blockset)
        for where, message in skipped:
            click.echo(f"not used: {where}: {message}")
        for fault in faults:
            click.echo(f"fault: {fault}")
        if stale:
            click.echo("lists or their settings have changed since: run cong lists update")
    if faults or skipped:
        sys.exit(1)


@lists.command()
@click.argument("name")
@click.option("--profile", help="Ask for this profile; without it, for one that refuses every category.")
@click.option(
    "--with",
    "tried",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try a list file beside the configured ones; may be given several times.",
)
@config_option
@json_option
def check(name: str, profile: str | None, tried: Sequence[Path], config_path: Path, as_json: bool) -> None:
    """Tell why NAME is refused or open: verdict, rule, list, line and category. Needs no running filter."""
    settings = filter_settings(load_config(config_path))
    if profile is not None and profile not in {each.name for each in settings.profiles}:
        known = ", ".join(each.name for each in settings.profiles)
        raise click.BadParameter(f'there is no profile "{profile}"; there are: {known}', param_hint="--profile")
    found = explain_fully(settings, name, profile, tried)
    if as_json:
        _print_json(_explained(found, profile))
    else:
        _print_explained(found, profile)


def _compile(settings: FilterSettings, *, quiet: bool) -> Compiled:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        return update(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("lists", total=len(settings.sources))
        begun = iter(range(len(settings.sources)))
        return update(settings, progress=lambda name: bar.update(task, description=name, completed=next(begun)))


def _rows(blockset: Blockset) -> list[dict[str, Any]]:
    return [
        {
            "name": source.name,
            "category": source.category,
            "action": source.action.value,
            "location": source.location,
            "format": source.format,
            "names": source.names,
            "rejected": {
                reason: {"lines": count, "first": [{"line": line, "text": text} for line, text in first]}
                for reason, count, first in source.rejects
            },
        }
        for source in blockset.sources
    ]


def _print_rows(blockset: Blockset) -> None:
    width = max((len(source.name) for source in blockset.sources), default=4)
    click.echo(f"  {'list':<{width}}  {'names':>9}  {'category':<12}  {'does':<5}  {'format':<6}")
    for source in blockset.sources:
        line = f"{source.names:>9}  {source.category:<12}  {source.action:<5}  {source.format:<6}"
        click.echo(f"  {source.name:<{width}}  {line}".rstrip())
        for reason, count, first in source.rejects:
            at, text = first[0]
            noun = "entry" if count == 1 else "entries"
            click.echo(f"  {'':<{width}}  {count:>9}  {noun} not used: {reason}; the first in line {at}: {text}")


def _explained(found: Explanation, profile: str | None) -> dict[str, Any]:
    verdict = found.verdict
    return {
        "name": found.name,
        "profile": profile,
        "verdict": verdict.word,
        "step": verdict.step.value,
        "category": verdict.category or None,
        "list": verdict.list_name or None,
        "line": verdict.line or None,
        "rule": found.rule_text or None,
        "why": verdict.why,
        "profiles": dict(found.by_profile),
        "generation": found.generation,
    }


def _print_explained(found: Explanation, profile: str | None) -> None:
    verdict = found.verdict
    click.echo(f"{found.name}: {verdict.word}" + (f" (profile {profile})" if profile else ""))
    click.echo(f"  why       {verdict.why}")
    click.echo(f"  step      {verdict.step}")
    if verdict.category:
        tried = " (list files only tried)" if verdict.category == TRIED else ""
        click.echo(f"  category  {verdict.category}{tried}")
    if verdict.list_name:
        click.echo(f"  list      {verdict.list_name}, line {verdict.line}")
    if found.rule_text:
        click.echo(f"  rule      {found.rule_text}")
    click.echo("  profiles  " + ", ".join(f"{name}: {word}" for name, word in found.by_profile))
    lists_of = f"generation {found.generation}" if found.generation else "read just now; run cong lists update"
    click.echo(f"  lists     {lists_of}")


def _age(age_s: int) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if age_s >= 2 * size:
            return f"{age_s // size} {unit}"
    return f"{age_s} seconds"


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
