"""cong device, cong devices: what staff say of single devices, effective at once."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from gateway.access.client import Mac, parse_mac
from gateway.access.device import Device, Standing
from gateway.access.login import Refused
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.cli.until import end_of, end_options
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import UsageError
from gateway.flows.devices import enter
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices

F = TypeVar("F", bound=Callable[..., Any])


def _mac(context: click.Context, parameter: click.Parameter, value: str) -> Mac:
    try:
        return parse_mac(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _entry_options(command: F) -> F:
    for option in (
        config_option,
        by_option,
        click.option("--reason", default="", help="Why; staff see it, patrons never."),
        end_options,
        click.option("--name", default="", metavar="NAME", help='What staff call it, such as "PC07".'),
        click.argument("mac", callback=_mac),
    ):
        command = option(command)
    return command


_profile = click.option("--profile", help="Its profile, whoever signs in; else the site's own.")


@click.group()
def device() -> None:
    """One device of the library, or one that is shut out."""


@device.command()
@_entry_options
@_profile
def exempt(**said: Any) -> None:
    """Online without a page, not counted: printers, staff, catalogue PCs."""
    _put(Standing.EXEMPT, **said)


@device.command()
@_entry_options
def bar(**said: Any) -> None:
    """Never let in; a session it has ends at once."""
    _put(Standing.BARRED, profile=None, **said)


@device.command()
@_entry_options
@_profile
def kiosk(**said: Any) -> None:
    """A public PC: counted as one, short idle limit, the terms at each session."""
    _put(Standing.KIOSK, **said)


@device.command()
@click.argument("mac", callback=_mac)
@config_option
def forget(mac: Mac, config_path: Path) -> None:
    """Take a device's entry out; from then on it is a patron's."""
    config = load_config(config_path)

    async def work() -> bool:
        async with _opened(config) as store:
            return await store.forget(mac)

    if not asyncio.run(work()):
        raise UsageError(f"there is no entry of {mac}", hint="cong devices lists them")
    click.echo(f"{mac} is forgotten{_tell(config)}")


@click.command()
@json_option
@config_option
def devices(as_json: bool, config_path: Path) -> None:
    """The devices staff have said something of."""
    config = load_config(config_path)

    async def work() -> list[Device]:
        async with _opened(config) as store:
            return list(await store.devices())

    found, now = asyncio.run(work()), SystemClock().now()
    if as_json:
        click.echo(json.dumps([_as_json(each, now) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        until = "" if each.until is None else f"  until {each.until.astimezone(config.site.zone):%Y-%m-%d %H:%M}"
        over = "" if each.holds(now) else " (over)"
        reason = f"  {each.reason}" if each.reason else ""
        click.echo(f"{each.mac}  {each.standing:6}  {each.name:12}  {each.profile or '-':8}{until}{over}{reason}")
    click.echo(f"{len(found)} device{'s' if len(found) != 1 else ''}")


def _put(
    standing: Standing,
    *,
    mac: Mac,
    name: str,
    profile: str | None,
    reason: str,
    by: str,
    config_path: Path,
    lasts: str | None,
    until: str | None,
    today: bool,
) -> None:
    config, now = load_config(config_path), SystemClock().now()
    end = end_of(now, config.site.zone, lasts, until, today)
    entry = Device(mac, standing, name.strip(), profile, signer(by), reason, now, end)

    async def work() -> Refused | None:
        async with _opened(config) as store:
            return await enter(store, entry, config.dns.profiles)

    if asyncio.run(work()):
        raise UsageError(f"there is no profile {profile}", hint=f"known: {', '.join(config.dns.profiles)}")
    ends = f" until {end:%Y-%m-%d %H:%M}" if end else ""
    click.echo(f"{mac} {name} is {standing}{ends}{_tell(config)}".replace("  ", " "))


def _tell(config: Config) -> str:
    """Say it to the running gateway; without one, its start does it."""
    try:
        ask(config.state.control_socket, "POST", "/devices/changed")
    except NotRunningError:
        return "; the gateway is not running: in effect when it starts"
    return ""


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[SqliteDevices]:
    async with Database.opened(config.state.database) as database:
        yield SqliteDevices(database)


def _as_json(each: Device, now: datetime) -> dict[str, str | bool | None]:
    return {
        "mac": each.mac,
        "standing": each.standing,
        "name": each.name,
        "profile": each.profile,
        "author": each.author,
        "reason": each.reason,
        "since": each.since.isoformat(timespec="seconds"),
        "until": each.until.isoformat(timespec="seconds") if each.until else None,
        "in_force": each.holds(now),
    }
