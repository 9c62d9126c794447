"""cong desk: users of the desk from the box itself, for the first one and for a lost password."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.control.client import ask
from gateway.errors import UsageError
from gateway.flows.staff import Staff, StaffError
from gateway.local_accounts.hashing import OneThread
from gateway.pages import text
from gateway.ports_staff import Deed
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.staff import SqliteStaff
from gateway.store.trail import SqliteTrail

T = TypeVar("T")
_ROLES = [role.value for role in Role if role is not Role.METRICS]


@click.group()
def desk() -> None:
    """Users of the desk: the first one, a lost password, a lost phone."""


@desk.command("code")
@config_option
def code(config_path: Path) -> None:
    """Print the set-up code of the first run: it makes the first administrator, within an hour."""
    config = load_config(config_path)
    told = ask(config.state.control_socket, "POST", "/desk/code")["code"]
    if told is None:
        raise UsageError("there are users already", hint="cong desk users lists them; cong desk add makes another")
    click.echo(told)
    click.echo(f"open the desk (port {config.desk.port}) and type it under /start", err=True)


@desk.command("rights")
@json_option
@config_option
def rights(as_json: bool, config_path: Path) -> None:
    """Show every page, act and view of the desk with the roles that may use it."""
    told = ask(load_config(config_path).state.control_socket, "GET", "/desk/rights")
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for each in told:
        click.echo(f"{each['kind']:5} {each['name']:28} {each['right']:13} {', '.join(each['roles'])}")
    click.echo(f"{len(told)} ways in")


@desk.command("users")
@json_option
@config_option
def users(as_json: bool, config_path: Path) -> None:
    """Show the users."""
    found = _with_staff(config_path, lambda staff: staff.store.users())
    if as_json:
        lines = [
            {
                "name": each.name,
                "shown": each.shown,
                "role": each.role,
                "second_factor": each.has_totp,
                "disabled": each.disabled_at is not None,
            }
            for each in found
        ]
        click.echo(json.dumps(lines, indent=2, ensure_ascii=False))
        return
    for each in found:
        marks = (" second factor" if each.has_totp else "") + (" disabled" if each.disabled_at else "")
        click.echo(f"{each.name:20} {each.role:14} {each.shown}{marks}")
    click.echo(f"{len(found)} user{'s' if len(found) != 1 else ''}")


@desk.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), default=Role.DESK.value, show_default=True, help="What they may do.")
@click.option("--shown", default="", help="The person's name, as the trail says it.")
@click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False), help="Take its first line instead.")
@by_option
@config_option
def add(name: str, role: str, shown: str, password_file: Path | None, by: str, config_path: Path) -> None:
    """Make a user; the first password is printed and must be changed at the first sign-in."""
    who, given = signer(by), _first_line(password_file) if password_file else ""

    def make(staff: Staff) -> Awaitable[str]:
        return staff.make_user(name, shown, Role(role), who, given)

    made = _acting(config_path, "user.create", name, who, make)
    click.echo(f"{name} is a user now" if given else made)


@desk.command("password")
@click.argument("name")
@by_option
@config_option
def password(name: str, by: str, config_path: Path) -> None:
    """Print a new first password for somebody who forgot theirs."""
    click.echo(_acting(config_path, "user.password", name, signer(by), lambda to: to.reset_password(name)))


@desk.command("forget-phone")
@click.argument("name")
@by_option
@config_option
def forget_phone(name: str, by: str, config_path: Path) -> None:
    """Take a user's second factor away: the phone and the recovery codes are lost."""
    _acting(config_path, "user.totp_reset", name, signer(by), lambda to: to.end_totp(name))
    click.echo(f"{name} signs in with the password alone now")


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the password can't be read: {error}", where=str(path)) from error


def _acting(config_path: Path, act: str, name: str, who: str, work: Callable[[Staff], Awaitable[T]]) -> T:
    """Do it, with its rows in the trail."""
    config = load_config(config_path)

    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            trail = SqliteTrail(database)
            now = SystemClock().now()
            number = await trail.begin(Deed(now, who, "command", "command", "", act, json.dumps({"name": name})))
            try:
                with _staff(database, config.site.name) as staff:
                    done = await work(staff)
            except StaffError as error:
                await trail.end(number, "refused", name, "{}", "{}", error.key)
                raise UsageError(text("en", f"refused.{error.key}")) from None
            await trail.end(number, "done", name, "{}", "{}", "")
            return done

    return asyncio.run(run())


def _with_staff(config_path: Path, work: Callable[[Staff], Awaitable[T]]) -> T:
    config = load_config(config_path)

    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            with _staff(database, config.site.name) as staff:
                return await work(staff)

    return asyncio.run(run())


@contextlib.contextmanager
def _staff(database: Database, site: str) -> Iterator[Staff]:
    passwords = OneThread()
    try:
        yield Staff(SqliteStaff(database), passwords, SystemClock(), site)
    finally:
        passwords.close()
