"""cong settings: the keys the desk may set, from a shell."""

import asyncio
import json
import tomllib
from collections.abc import Sequence
from typing import Any

import click

from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.flows.settings import Changed, Settings
from gateway.store.desk_settings import DeskSettingsFiles


@click.group()
def settings() -> None:
    """What the desk has set over the administrator's file; the file itself is never written."""


@settings.command("list")
@click.option("--all", "shows_all", is_flag=True, help="Those with their default too.")
@json_option
@config_option
def list_settings(shows_all: bool, as_json: bool, config_path: Path) -> None:
    """Every key the desk may set, its value and where that comes from: default, file or desk."""
    flow = Settings(DeskSettingsFiles(config_path))
    values, left_out = asyncio.run(flow.values()), asyncio.run(flow.left_out())
    if as_json:
        told = {key: {"value": each.value, "origin": each.origin} for key, each in values.items()}
        click.echo(json.dumps({"settings": told, "left_out": list(left_out)}, ensure_ascii=False, indent=2))
        return
    for key, each in values.items():
        if shows_all or each.origin != "default":
            click.echo(f"{each.origin:7}  {key} = {json.dumps(each.value, ensure_ascii=False)}")
    for problem in left_out:
        click.echo(f"left out: {problem}", err=True)


@settings.command("set")
@click.argument("given", nargs=-1, required=True, metavar="KEY=VALUE...")
@config_option
def set_settings(given: Sequence[str], config_path: Path) -> None:
    """Set keys in one step, all or none; the gateway and the filter take them up within seconds."""
    wanted: dict[str, object] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals:
            raise click.BadParameter(f'"{each}" is no KEY=VALUE', param_hint="KEY=VALUE")
        wanted[key.strip()] = _value(value.strip())
    _tell(asyncio.run(Settings(DeskSettingsFiles(config_path)).change(wanted)))


@settings.command("revert")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@config_option
def revert(keys: Sequence[str], config_path: Path) -> None:
    """Let keys be what the administrator's file, or the default, says."""
    _tell(asyncio.run(Settings(DeskSettingsFiles(config_path)).revert(keys)))


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text  # a text without quotes, as a shell hands it over


def _tell(changed: Changed) -> None:
    if changed.wrong:
        lines = "\n  ".join(f"{each.key}: {each.says}" if each.key else each.says for each in changed.wrong)
        raise UsageError(f"nothing was changed\n  {lines}", hint="cong settings list --all names the keys")
    for key, after in changed.after.items():
        before = json.dumps(changed.before[key], ensure_ascii=False)
        click.echo(f"{key}: {before} -> {json.dumps(after, ensure_ascii=False)}")
    if not changed.after:
        click.echo("nothing to change")
