"""cong block, allow, unblock, rules: the library's own word on a name, effective at once, with its audit trail."""

import asyncio
import contextlib
import getpass
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from filters.names import normal_form
from gateway.cli.options import config_option, json_option
from gateway.cli.until import end_of, end_options
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import UsageError
from gateway.flows.requests import grant_request, open_request
from gateway.flows.rules import set_rule, take_back
from gateway.ports_rules import LocalRule
from gateway.store.db import Database
from gateway.store.overlay import OverlayFile
from gateway.store.requests import SqliteRequests
from gateway.store.rules import SqliteRules

T = TypeVar("T")
_HISTORY = 200
_reason = click.option("--reason", default="", help="Why; it stands in the audit trail.")
_profiles = click.option("--profile", "profiles", multiple=True, help="Only there; may be given several times.")
by_option = click.option("--by", default="", help="Who signs it; else the user who called sudo.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands of rules and requests work on."""

    config: Config
    now: datetime
    rules: SqliteRules
    requests: SqliteRequests
    overlay: OverlayFile


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Desk]:
    async with Database.opened(config.state.database) as database:
        overlay = OverlayFile(config.state.local_rules)
        yield Desk(config, SystemClock().now(), SqliteRules(database), SqliteRequests(database), overlay)


def at_desk(config_path: Path, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do work on the database and the overlay; the daemon may run or not."""

    async def run() -> T:
        async with _opened(load_config(config_path)) as desk:
            return await work(desk)

    return asyncio.run(run())


def signer(by: str) -> str:
    """Who signs: as given, else who called sudo, else who runs the command."""
    return by.strip() or os.environ.get("SUDO_USER") or getpass.getuser()


@click.command()
@click.argument("name")
@_profiles
@end_options
@_reason
@by_option
@json_option
@config_option
def block(name: str, config_path: Path, **said: Any) -> None:
    """Refuse NAME and all below it, in every profile or those named."""
    _set(config_path, "block", name, **said)


@click.command()
@click.argument("name", required=False)
@click.option("--request", "code", help="What a patron asked for, by its code (cong requests).")
@_profiles
@end_options
@_reason
@by_option
@json_option
@config_option
def allow(name: str | None, code: str | None, config_path: Path, **said: Any) -> None:
    """Keep NAME and all below it open, whatever the lists say; for a time, it ends by itself."""
    if (name is None) == (code is None):
        raise click.UsageError("Give a NAME, or --request CODE.")
    _set(config_path, "allow", name, code, **said)


@click.command()
@click.argument("name")
@_profiles
@_reason
@by_option
@json_option
@config_option
def unblock(name: str, profiles: tuple[str, ...], reason: str, by: str, as_json: bool, config_path: Path) -> None:
    """Take back what `cong block` or `cong allow` said of NAME; the lists decide again."""

    async def work(desk: Desk) -> Sequence[LocalRule]:
        _check_profiles(desk.config, profiles)
        rule = LocalRule(normal_form(name), "none", signer(by), reason, desk.now)
        return await take_back(desk.rules, desk.overlay, rule, profiles or None, desk.now)

    gone = at_desk(config_path, work)
    if as_json:
        click.echo(json.dumps({"name": normal_form(name), "taken_back": [_as_json(rule) for rule in gone]}, indent=2))
        return
    for rule in gone:
        click.echo(f"taken back: {rule.action} {rule.name}{_scope(rule.profile)}")
    click.echo(f"{normal_form(name)} has no rule of its own{' there' if profiles else ''} any more")


@click.command()
@json_option
@config_option
def rules(config_path: Path, as_json: bool) -> None:
    """The rules that stand, and the trail of those that were set."""

    async def work(desk: Desk) -> tuple[Sequence[LocalRule], Sequence[LocalRule], Desk]:
        return await desk.rules.standing_rules(desk.now), await desk.rules.history(_HISTORY), desk

    standing, history, desk = at_desk(config_path, work)
    if as_json:
        told = {"standing": [_as_json(rule) for rule in standing], "history": [_as_json(rule) for rule in history]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    zone = desk.config.site.zone
    for title, shown in (("standing", standing), ("set, newest first", history)):
        click.echo(f"{title}: {len(shown) or 'none'}")
        for rule in shown:
            end = f" until {rule.until_at.astimezone(zone):%Y-%m-%d %H:%M}" if rule.until_at else ""
            reason = f": {rule.reason}" if rule.reason else ""
            said = f"{rule.set_at.astimezone(zone):%Y-%m-%d %H:%M} {rule.author}"
            click.echo(f"  {rule.action:5}  {rule.name}{_scope(rule.profile)}{end}  ({said}{reason})")


def _set(
    config_path: Path,
    action: str,
    name: str | None,
    code: str | None = None,
    *,
    profiles: tuple[str, ...],
    lasts: str | None,
    until: str | None,
    today: bool,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    async def work(desk: Desk) -> tuple[LocalRule, tuple[str, ...]]:
        _check_profiles(desk.config, profiles)
        end = end_of(desk.now, desk.config.site.zone, lasts, until, today)
        if code is None:
            rule = LocalRule(normal_form(name or ""), action, signer(by), reason, desk.now, until_at=end)
            await set_rule(desk.rules, desk.overlay, rule, profiles or (None,), desk.now)
            return rule, profiles
        asked = await open_request(desk.requests, code)
        told = reason or f"request {asked.code}"
        rule = LocalRule(asked.name, action, signer(by), told, desk.now, until_at=end)
        scopes = profiles or (asked.profile,)
        await grant_request(desk.requests, desk.rules, desk.overlay, rule, scopes, asked.code, desk.now)
        return rule, scopes

    rule, scopes = at_desk(config_path, work)
    if as_json:
        told = _as_json(rule)
        del told["profile"]
        click.echo(json.dumps({**told, "profiles": list(scopes) or None}, indent=2, ensure_ascii=False))
        return
    # in the site's time: end_of made it so
    until_words = f" until {rule.until_at:%Y-%m-%d %H:%M}" if rule.until_at else ""
    verb = "refused" if action == "block" else "open"
    click.echo(f"{rule.name} and all below it is {verb}{_scope(', '.join(scopes) or None)}{until_words}")


def _scope(profile: str | None) -> str:
    return f" for {profile}" if profile else ""


def _check_profiles(config: Config, profiles: Sequence[str]) -> None:
    for profile in profiles:
        if profile not in config.dns.profiles:
            raise UsageError(f'there is no profile "{profile}"', hint=f"profiles are: {', '.join(config.dns.profiles)}")


def _as_json(rule: LocalRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "action": rule.action,
        "profile": rule.profile,
        "until": None if rule.until_at is None else rule.until_at.isoformat(timespec="seconds"),
        "reason": rule.reason,
        "by": rule.author,
        "set_at": rule.set_at.isoformat(timespec="seconds"),
    }
