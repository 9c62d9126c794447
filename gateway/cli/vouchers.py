"""cong voucher: batches of codes, made, printed, looked at and taken back."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import click

from gateway.access.voucher import MOST_VOUCHERS, Batch, Voucher, shown
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.cli.voucher_lines import batch_json, batch_line, heading, voucher_json, voucher_line
from gateway.cli.voucher_options import (
    ASKED,
    Asked,
    allowance_of,
    allowance_options,
    paper_of,
    paper_options,
    write_sheet,
)
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import FaultError, UsageError
from gateway.flows.voucher_office import Printed, VoucherOffice
from gateway.ports_vouchers import Now
from gateway.store.db import Database
from gateway.store.voucher_key import voucher_key
from gateway.store.vouchers import SqliteVouchers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Desk:
    config: Config
    office: VoucherOffice

    @property
    def now(self) -> Now:
        return self.office.now()


@click.group()
def voucher() -> None:
    """Printed codes that let their holders in: batches, slips, and what became of them."""


@voucher.command("create")
@click.option("--count", type=click.IntRange(1, MOST_VOUCHERS), default=1, show_default=True, help="How many.")
@click.option("--profile", help="The profile they give; else the site's own.")
@click.option("--label", default="", help="What they are for; printed on the slip. Name no patron.")
@allowance_options
@paper_options
@by_option
@json_option
@config_option
def create(count: int, profile: str | None, label: str, by: str, as_json: bool, config_path: Path, **said: Any) -> None:
    """Make a batch of vouchers, and with --sheet FILE the page to print them from."""

    async def work(desk: _Desk) -> tuple[_Desk, Batch, Printed]:
        asked = Asked(**{key: said[key] for key in ASKED})
        allowance = allowance_of(asked, desk.now.at, desk.config.site.zone)
        number = await desk.office.make(count, label, profile or "", signer(by), allowance)
        return (desk, *await desk.office.batch(number))

    desk, batch, made = _at_desk(config_path, work)
    paper = paper_of(desk.config, said)
    if "voucher" not in desk.config.login.methods:
        click.echo('note: the portal takes no vouchers yet; add "voucher" to [login] methods', err=True)
    if said["sheet"]:
        write_sheet(said["sheet"], paper, made)
    if as_json:
        click.echo(json.dumps(_batch_with(batch, made, desk.now), indent=2, ensure_ascii=False))
        return
    for _, code in made:
        click.echo(shown(code))
    where = f"; to print: {said['sheet']}" if said["sheet"] else f"; cong voucher sheet {batch.id} FILE prints them"
    click.echo(f"batch {batch.id}: {count} voucher{'s' if count != 1 else ''}{where}", err=True)


@voucher.command("list")
@json_option
@config_option
def list_batches(as_json: bool, config_path: Path) -> None:
    """The batches, the newest first, with what became of their vouchers."""

    async def work(desk: _Desk) -> tuple[_Desk, list[tuple[Batch, Sequence[Voucher]]]]:
        return desk, [(each, await desk.office.vouchers_of(each)) for each in await desk.office.batches()]

    desk, found = _at_desk(config_path, work)
    if as_json:
        lines = [batch_json(batch, vouchers, desk.now.at) for batch, vouchers in found]
        click.echo(json.dumps(lines, indent=2, ensure_ascii=False))
        return
    click.echo(heading())
    for batch, vouchers in found:
        click.echo(batch_line(batch, vouchers, desk.now.at, desk.config.site.zone))
    click.echo(f"{len(found)} batch{'es' if len(found) != 1 else ''}")


@voucher.command("show")
@click.argument("what", metavar="BATCH|CODE")
@json_option
@config_option
def show(what: str, as_json: bool, config_path: Path) -> None:
    """The vouchers of a batch, or one by its code: how they stand and what is left."""

    async def work(desk: _Desk) -> tuple[_Desk, Batch, Printed]:
        return (desk, *await desk.office.named(what))

    desk, batch, found = _at_desk(config_path, work)
    if as_json:
        click.echo(json.dumps(_batch_with(batch, found, desk.now), indent=2, ensure_ascii=False))
        return
    click.echo(f"batch {batch.id}  {batch.profile}  {batch.label}  made by {batch.author}")
    for each, code in found:
        click.echo(voucher_line(each, code, desk.now.at, desk.config.site.zone))


@voucher.command("sheet")
@click.argument("number", type=click.IntRange(1), metavar="BATCH")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@paper_options
@config_option
def sheet(number: int, file: Path, config_path: Path, **said: Any) -> None:
    """Write the page to print a batch from again: the vouchers of it that still let somebody in."""

    async def work(desk: _Desk) -> tuple[_Desk, Printed]:
        return desk, await desk.office.to_print(number)

    desk, found = _at_desk(config_path, work)
    write_sheet(file, paper_of(desk.config, said), found)
    click.echo(f"{len(found)} slip{'s' if len(found) != 1 else ''}: {file}", err=True)


@voucher.command("revoke")
@click.argument("what", metavar="BATCH|CODE")
@by_option
@json_option
@config_option
def revoke(what: str, by: str, as_json: bool, config_path: Path) -> None:
    """Take a voucher or a whole batch back; whoever is on by it is cut off."""

    async def work(desk: _Desk) -> tuple[_Desk, int]:
        _, found = await desk.office.named(what)
        return desk, await desk.office.revoke(found, signer(by))

    desk, revoked = _at_desk(config_path, work)
    ended: int | None = None
    try:
        ended = ask(desk.config.state.control_socket, "POST", "/vouchers/end-over")["ended"]
    except NotRunningError:
        click.echo("note: the gateway is not running; sessions by them end when it starts", err=True)
    if as_json:
        click.echo(json.dumps({"revoked": revoked, "sessions_ended": ended}, indent=2))
        return
    tail = "" if ended is None else f", {ended} session{'s' if ended != 1 else ''} ended"
    click.echo(f"{revoked} voucher{'s' if revoked != 1 else ''} revoked{tail}")


def _batch_with(batch: Batch, found: Printed, now: Now) -> dict[str, Any]:
    line = batch_json(batch, [each for each, _ in found], now.at)
    return {**line, "vouchers": [voucher_json(each, code, now.at) for each, code in found]}


def _at_desk(config_path: Path, work: Callable[[_Desk], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        async with _opened(load_config(config_path)) as desk:
            try:
                return await work(desk)
            except FaultError as fault:
                raise UsageError(str(fault)) from fault

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[_Desk]:
    async with Database.opened(config.state.database) as database:
        key, own = partial(voucher_key, config.state.voucher_key), config.session.profile
        store, profiles = SqliteVouchers(database), tuple(config.dns.profiles)
        zone = config.site.zone
        yield _Desk(
            config, VoucherOffice(store, key, SystemClock(), zone, profiles, own, lambda: secrets.token_hex(16))
        )
