"""cong account: the library's own accounts, one by one or a whole list at once."""

import json
from collections.abc import Sequence

import click

from gateway.access.account import Account, NewAccount
from gateway.cli.account_desk import Desk, at_desk, end_shut, hand_out
from gateway.cli.account_import import import_
from gateway.cli.account_options import (
    account_json,
    account_line,
    given_option,
    given_password,
    kind_option,
    profile_option,
    sheet_option,
    until_option,
)
from gateway.cli.options import config_option, json_option
from gateway.cli.private_file import write_private
from gateway.cli.rules import by_option, signer
from gateway.config.fields import Path
from gateway.local_accounts.csv_file import written_accounts

_HISTORY = 200
_names = click.argument("names", metavar="NAME...", nargs=-1, required=True)


@click.group()
def account() -> None:
    """Accounts the library keeps itself: a name and a password of its own for each patron."""


@account.command("add")
@click.argument("name")
@kind_option
@profile_option
@click.option("--note", default="", help="Whatever staff must know; patrons never see it.")
@until_option
@given_option
@sheet_option
@by_option
@json_option
@config_option
def add(
    name: str,
    kind: str,
    profile: str | None,
    note: str,
    until: str,
    password_file: Path | None,
    sheet: Path | None,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Add one account; its first password is printed, and stored as a hash alone."""

    async def work(desk: Desk) -> tuple[Desk, str, str]:
        new = NewAccount(name, profile or "", desk.office.end_of(until), kind, note)
        return (desk, *await desk.office.add(new, given_password(password_file), signer(by)))

    desk, clean, password = at_desk(config_path, work)
    hand_out(desk, [(clean, password)], sheet, as_json=as_json, given=[clean] if password_file else [])


@account.command("list")
@click.option("--csv", "file", type=click.Path(path_type=Path, allow_dash=True), help="Write it for a spreadsheet.")
@json_option
@config_option
def list_accounts(file: Path | None, as_json: bool, config_path: Path) -> None:
    """The accounts by name; passwords nobody can list."""

    async def work(desk: Desk) -> tuple[Desk, Sequence[Account]]:
        return desk, await desk.office.accounts()

    desk, found = at_desk(config_path, work)
    now, zone = desk.now, desk.config.site.zone
    if file is not None:
        text = written_accounts(found, lambda at: f"{at.astimezone(zone):%Y-%m-%d}", now)
        write_private(file, text, hint="choose a directory you may write to")
        return
    if as_json:
        click.echo(json.dumps([account_json(each, now) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        click.echo(account_line(each, now, zone))
    click.echo(f"{len(found)} account{'s' if len(found) != 1 else ''}")


@account.command("history")
@config_option
def history(config_path: Path) -> None:
    """Who did what to which account, the newest first; kept 90 days."""

    async def work(desk: Desk) -> None:
        for each in await desk.office.history(_HISTORY):
            what = each.name or f"(account {each.account}, gone)"
            click.echo(
                f"{each.at.astimezone(desk.config.site.zone):%Y-%m-%d %H:%M}  {each.author}  {each.deed}  {what}"
            )

    at_desk(config_path, work)


@account.command("disable")
@_names
@by_option
@config_option
def disable(names: Sequence[str], by: str, config_path: Path) -> None:
    """Let them in no more; who is on by them is cut off."""

    async def work(desk: Desk) -> tuple[Desk, int]:
        return desk, await desk.office.disable(await desk.office.named(names), signer(by))

    desk, changed = at_desk(config_path, work)
    click.echo(f"{changed} disabled{end_shut(desk.config)}")


@account.command("enable")
@_names
@click.option("--until", metavar="DAY|SPAN", help="With a new end; else the old one stays.")
@by_option
@config_option
def enable(names: Sequence[str], until: str | None, by: str, config_path: Path) -> None:
    """Let them in again, or longer."""

    async def work(desk: Desk) -> int:
        end = None if until is None else desk.office.end_of(until)
        return await desk.office.enable(await desk.office.named(names), end, signer(by))

    click.echo(f"{at_desk(config_path, work)} enabled")


@account.command("passwd")
@click.argument("name")
@given_option
@sheet_option
@by_option
@json_option
@config_option
def passwd(
    name: str, password_file: Path | None, sheet: Path | None, by: str, as_json: bool, config_path: Path
) -> None:
    """Give an account a new password; the old one is void at once."""

    async def work(desk: Desk) -> tuple[Desk, str, str]:
        (found,) = await desk.office.named([name])
        return (desk, *await desk.office.give_password(found, given_password(password_file), signer(by)))

    desk, clean, password = at_desk(config_path, work)
    hand_out(desk, [(clean, password)], sheet, as_json=as_json, given=[clean] if password_file else [])


@account.command("remove")
@_names
@by_option
@config_option
def remove(names: Sequence[str], by: str, config_path: Path) -> None:
    """Delete accounts with all that is kept of them; who is on by them is cut off."""

    async def work(desk: Desk) -> tuple[Desk, int]:
        return desk, await desk.office.remove(await desk.office.named(names), signer(by))

    desk, gone = at_desk(config_path, work)
    click.echo(f"{gone} removed{end_shut(desk.config)}")


account.add_command(import_)
