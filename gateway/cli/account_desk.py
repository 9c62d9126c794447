"""What the commands of accounts work on, and how they hand out what they made."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from gateway.cli.private_file import write_private
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import FaultError, UsageError
from gateway.flows.account_office import AccountOffice
from gateway.local_accounts.csv_file import read_accounts
from gateway.local_accounts.first import first_password
from gateway.local_accounts.handout import handout_page
from gateway.local_accounts.hashing import OneThread
from gateway.store.db import Database
from gateway.store.local_accounts import SqliteAccounts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """The configuration and the accounts."""

    config: Config
    office: AccountOffice

    @property
    def now(self) -> datetime:
        """Now."""
        return self.office.clock.now()


def at_desk(config_path: Path, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do work on the database; the daemon may run or not."""

    async def run() -> T:
        async with _opened(load_config(config_path)) as desk:
            try:
                return await work(desk)
            except FaultError as error:
                raise UsageError(str(error)) from error

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Desk]:
    passwords = OneThread()
    async with Database.opened(config.state.database) as database:
        try:
            yield Desk(config, _office(config, database, passwords))
        finally:
            passwords.close()


def _office(config: Config, database: Database, passwords: OneThread) -> AccountOffice:
    return AccountOffice(
        SqliteAccounts(database),
        passwords,
        SystemClock(),
        config.site.zone,
        tuple(config.dns.profiles),
        config.session.profile,
        lambda: first_password(secrets.randbelow),
        read_accounts,
    )


def hand_out(
    desk: Desk, passwords: Sequence[tuple[str, str]], sheet: Path | None, *, as_json: bool, given: Collection[str] = ()
) -> None:
    """Print names with the passwords made for them, or the page of slips; those staff gave are on that page alone."""
    config = desk.config
    if "account" not in config.login.methods:
        click.echo('note: the portal takes no accounts yet; add "account" to [login] methods', err=True)
    if sheet:
        page = handout_page(config.site.name, config.portal.hostname, config.site.language, passwords)
        write_private(sheet, page, hint="cong account passwd NAME --sheet FILE makes a new password and its slip")
    if as_json:
        told = [{"name": name, "password": None if name in given else password} for name, password in passwords]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not sheet:
        for name, password in passwords:
            click.echo(f"{name}  {'(as given)' if name in given else password}")


def end_shut(config: Config) -> str:
    """Have the running gateway end the sessions of accounts that let nobody in any more, and tell how many."""
    try:
        ended = ask(config.state.control_socket, "POST", "/accounts/end-shut")["ended"]
    except NotRunningError:
        return "; the gateway is not running: sessions by them end when it starts"
    return f", {ended} session{'s' if ended != 1 else ''} ended"
