"""What the commands of accounts work on, and how they hand out what they made."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from gateway.access.account import Account, key_of
from gateway.cli.private_file import write_private
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import UsageError
from gateway.local_accounts.handout import handout_page
from gateway.local_accounts.hashing import OneThread
from gateway.store.db import Database
from gateway.store.local_accounts import SqliteAccounts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """The configuration, the moment, the accounts."""

    config: Config
    now: datetime
    store: SqliteAccounts
    passwords: OneThread

    def profile(self, named: str | None) -> str:
        """The profile named, which there must be, or the site's own."""
        if named is not None and named not in self.config.dns.profiles:
            raise UsageError(f"there is no profile {named}", hint=f"known: {', '.join(self.config.dns.profiles)}")
        return named or self.config.session.profile

    async def named(self, names: Sequence[str]) -> list[Account]:
        """All of them; UsageError when there is one that is not there: then nothing is done."""
        found = [(name, await self.store.by_key(key_of(name))) for name in names]
        if missing := [name for name, each in found if each is None]:
            raise UsageError(f"there is no account {', '.join(missing)}", hint="cong account list shows them")
        return [each[0] for _, each in found if each]


def at_desk(config_path: Path, work: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Do work on the database; the daemon may run or not."""

    async def run() -> T:
        async with _opened(load_config(config_path)) as desk:
            return await work(desk)

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Desk]:
    database, passwords = await Database.open(config.state.database), OneThread()
    try:
        yield Desk(config, SystemClock().now(), SqliteAccounts(database), passwords)
    finally:
        passwords.close()
        await database.close()


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
