"""cong lists check: why a name is refused or open, for a profile, a type and a moment."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from filters.explain import TRIED, Explanation, explain_fully
from filters.formats.records import type_number
from filters.settings import FilterSettings
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config

_MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%H:%M")


@click.command()
@click.argument("name")
@click.option("--profile", help="Ask for this profile; without it, for one that refuses every category.")
@click.option("--type", "record_type", default="A", show_default=True, help="Ask for this record type.")
@click.option("--at", help='Ask for this moment of the site: "15:30" of today, or "2026-11-24 15:30"; without it, now.')
@click.option(
    "--with",
    "tried",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try a list file beside the configured ones; may be given several times.",
)
@config_option
@json_option
def check(
    name: str,
    profile: str | None,
    record_type: str,
    at: str | None,
    tried: Sequence[Path],
    config_path: Path,
    as_json: bool,
) -> None:
    """Tell why NAME is refused or open: verdict, rule, list, line and category. Needs no running filter."""
    settings = filter_settings(load_config(config_path))
    if profile is not None and profile not in {each.name for each in settings.profiles}:
        known = ", ".join(each.name for each in settings.profiles)
        raise click.BadParameter(f'there is no profile "{profile}"; there are: {known}', param_hint="--profile")
    try:
        qtype = type_number(record_type)
    except ValueError as error:
        raise click.BadParameter(f"{error}: give A, AAAA, HTTPS, TXT, TYPE99", param_hint="--type") from error
    at_s = None if at is None else _moment_s(at, settings)
    found = explain_fully(settings, name, profile, tried, qtype=qtype, at_s=at_s)
    local = datetime.fromtimestamp(found.at_s, UTC) + timedelta(seconds=settings.utc_offset_s)
    if as_json:
        click.echo(json.dumps(_explained(found, local), ensure_ascii=False, indent=2))
    else:
        _print_explained(found, local)


def _moment_s(text: str, settings: FilterSettings) -> float:
    """UTC seconds of a moment of the site's time."""
    offset = timedelta(seconds=settings.utc_offset_s)
    for form in _MOMENTS:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if form == "%H:%M":
            today = SystemClock().now() + offset
            moment = moment.replace(year=today.year, month=today.month, day=today.day)
        return (moment - offset).timestamp()
    raise click.BadParameter('give "15:30" or "2026-11-24 15:30"', param_hint="--at")


def _explained(found: Explanation, local: datetime) -> dict[str, Any]:
    verdict = found.verdict
    return {
        "name": found.name,
        "profile": found.profile or None,
        "at": f"{local:%Y-%m-%dT%H:%M}",
        "verdict": verdict.word,
        "step": verdict.step.value,
        "category": verdict.category or None,
        "list": verdict.list_name or None,
        "line": verdict.line or None,
        "rule": found.rule_text or None,
        "schedule": verdict.schedule or None,
        "why": verdict.why,
        "profiles": dict(found.by_profile),
        "generation": found.generation,
    }


def _print_explained(found: Explanation, local: datetime) -> None:
    verdict = found.verdict
    asked = f" (profile {found.profile}, {local:%Y-%m-%d %H:%M})" if found.profile else ""
    click.echo(f"{found.name}: {verdict.word}{asked}")
    click.echo(f"  why       {verdict.why}")
    click.echo(f"  step      {verdict.step}")
    if verdict.category:
        tried = " (list files only tried)" if verdict.category == TRIED else ""
        click.echo(f"  category  {verdict.category}{tried}")
    if verdict.list_name:
        click.echo(f"  list      {verdict.list_name}, line {verdict.line}")
    if found.rule_text:
        click.echo(f"  rule      {found.rule_text}")
    if verdict.schedule:
        click.echo(f"  schedule  {verdict.schedule}")
    click.echo("  profiles  " + ", ".join(f"{name}: {word}" for name, word in found.by_profile))
    lists_of = f"generation {found.generation}" if found.generation else "read just now; run cong lists update"
    click.echo(f"  lists     {lists_of}")
