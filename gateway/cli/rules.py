"""cong block, allow, unblock: the library's own word on a name, effective at once, with its audit trail."""

import asyncio
import getpass
import os

import click

from filters.names import normal_form
from gateway.cli.options import config_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.flows.rules import set_rule
from gateway.ports import LocalRule
from gateway.store.db import Database
from gateway.store.overlay import OverlayFile
from gateway.store.rules import SqliteRules

_reason = click.option("--reason", default="", help="Why; it stands in the audit trail.")


@click.command()
@click.argument("name")
@_reason
@config_option
def block(name: str, reason: str, config_path: Path) -> None:
    """Refuse NAME and all below it, in every profile."""
    _set(config_path, name, "block", reason)
    click.echo(f"{normal_form(name)} and all below it is refused")


@click.command()
@click.argument("name")
@_reason
@config_option
def allow(name: str, reason: str, config_path: Path) -> None:
    """Keep NAME and all below it open, whatever the lists say."""
    _set(config_path, name, "allow", reason)
    click.echo(f"{normal_form(name)} and all below it is open")


@click.command()
@click.argument("name")
@_reason
@config_option
def unblock(name: str, reason: str, config_path: Path) -> None:
    """Take back what `cong block` or `cong allow` said of NAME; the lists decide again."""
    _set(config_path, name, "none", reason)
    click.echo(f"{normal_form(name)} has no rule of its own any more")


def _set(config_path: Path, name: str, action: str, reason: str) -> None:
    author = os.environ.get("SUDO_USER") or getpass.getuser()
    rule = LocalRule(normal_form(name), action, author, reason, SystemClock().now())
    asyncio.run(_store(load_config(config_path), rule))


async def _store(config: Config, rule: LocalRule) -> None:
    database = await Database.open(config.state.database)
    try:
        await set_rule(SqliteRules(database), OverlayFile(config.state.local_rules), rule)
    finally:
        await database.close()
