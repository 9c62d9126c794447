"""cong mail: the nightly summary by mail: sent by a timer, looked at, tried."""

import asyncio
import secrets
from datetime import date, datetime, timedelta

import click

from gateway.cli.mail_told import lines_of, mails_of, tree_of
from gateway.cli.nightly import book, told_at
from gateway.cli.options import config_option, json_option
from gateway.cli.register import show
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.mail import mail_address
from gateway.config.model import Config
from gateway.daemon.secret_file import secret_of
from gateway.errors import GatewayError, NoFiguresError, UsageError
from gateway.flows.mail import Sent, combine_many, deliver_due, due_day, night_to_mail, passes, put_night
from gateway.mail.letter import Stationery, combined_letter, night_letter, trial_letter
from gateway.mail.message import message_id
from gateway.mail.smtp import Server, Smtp
from gateway.pages import Pages
from gateway.ports_mail import Answer, Delivery, DeliveryState, Letter, MailId, MailKind, PostError, Trouble
from gateway.ports_mail import Mail as QueuedMail
from gateway.reports.day import Language
from gateway.reports.nightly import tell
from gateway.store.db import Database, require_file
from gateway.store.mails import SqliteMails


@click.group()
def mail() -> None:
    """The nightly summary by mail: send what is due, see what became of it, try the server."""


@mail.command("send")
@click.option("--now", "hurry", is_flag=True, help="Try all that waits, whenever its next try would be.")
@config_option
def send(hurry: bool, config_path: Path) -> None:
    """Put the night's mail into the queue when it is due, and send what is due; what the timer calls.

    As often as you like: each night is mailed once. Exit code 1 when something was not taken; it stays in the queue.
    """
    config = load_config(config_path)
    if not config.mail.server:
        click.echo("no mail is sent: mail.server is not given")
        return
    require_file(config.state.database)
    sent = asyncio.run(send_due(config, SystemClock().now(), hurry=hurry))
    click.echo(f"sent {sent.sent}, refused {sent.refused}, waiting {sent.waiting}")
    if sent.trouble:
        raise GatewayError(sent.trouble.message, hint=_HINTS[sent.trouble.trouble])
    if sent.refused:
        raise click.exceptions.Exit(1)


@mail.command("list")
@json_option
@config_option
def list_mails(as_json: bool, config_path: Path) -> None:
    """The latest mails: to whom, whether they went, when they are tried next, what the server said."""
    config = load_config(config_path)
    require_file(config.state.database)
    mails = asyncio.run(mails_of(config.state.database))
    if as_json:
        show([tree_of(one) for one in mails])
        return
    if not mails:
        click.echo("no mail yet")
    for one in mails:
        for line in lines_of(one, config):
            click.echo(line)


@mail.command("test")
@click.argument("address")
@json_option
@config_option
def test(address: str, as_json: bool, config_path: Path) -> None:
    """Send a test mail to ADDRESS now, and say what failed and what to do; with --json it never fails."""
    config = load_config(config_path)
    if not config.mail.server:
        raise UsageError("mail.server is not given", where="[mail]", hint="cong example-config explains each key")
    try:
        to = mail_address(address)
    except ValueError as error:
        raise UsageError(str(error)) from None
    answer, trouble = asyncio.run(_trial(config, to, SystemClock().now()))
    if as_json:
        show({"address": to, "state": answer.state.value, "trouble": trouble, "said": answer.said})
        return
    if trouble:
        raise GatewayError(answer.said, hint=_HINTS[trouble])
    where = f"{config.mail.server} port {config.mail.port}"
    if answer.state is not DeliveryState.SENT:
        again = "the server may take it later" if answer.state is DeliveryState.WAITING else "is the address right"
        raise GatewayError(f"{where} does not take mail for {to}: {answer.said}", hint=f"{again}; ask whoever runs it")
    as_whom = f"signed in as {config.mail.user}" if config.mail.user else "without signing in"
    click.echo(f"{where} took it ({config.mail.tls}, {as_whom}): {answer.said}")
    click.echo("look into the mailbox, and among what it takes for junk")


@mail.command("drop")
@config_option
def drop(config_path: Path) -> None:
    """Take out mails of nights to come: a wrong clock made them, and keeps this night's from being made."""
    config = load_config(config_path)
    require_file(config.state.database)
    today = local_day(SystemClock().now(), config.site.zone)
    click.echo(f"taken out: {asyncio.run(_drop(config.state.database, today))}, all of after {today}")


async def send_due(config: Config, now: datetime, *, hurry: bool = False) -> Sent:
    """Make the night's mail if it is due, then send what is due, or with `hurry` all that waits."""
    settings = config.mail
    async with Database.opened(config.state.database) as database:
        queue = SqliteMails(database)
        await queue.keep_only(settings.recipients)
        not_made: GatewayError | None = None
        try:
            await _put_due(config, database, queue, now)
        except GatewayError as error:
            not_made = error  # what waits is sent all the same, then it is told
        if hurry:
            await queue.hurry(now)
        post = Smtp(_server(config))
        try:
            longest = timedelta(seconds=settings.retry_s)
            sent = await deliver_due(queue, post, now, longest_wait=longest, chance=secrets.SystemRandom().random())
        finally:
            await post.close()
    if not_made:
        raise not_made
    return sent


async def _put_due(config: Config, database: Database, queue: SqliteMails, now: datetime) -> None:
    site, settings = config.site, config.mail
    day = due_day(now, site.zone, settings.time_of_day, site.code, settings.spread)
    if await night_to_mail(queue, site.code, day, local_day(now, site.zone)):
        letter = await _letter(config, database, now, day)
        await put_night(queue, site.code, day, letter, settings.recipients, _message_id(config, str(day)), now)
    pages, paper = Pages(), _paper(config)
    days = f"to-{day}"
    await combine_many(
        queue, site.code, lambda mails: combined_letter(pages, mails, paper), _message_id(config, days), now
    )


async def _letter(config: Config, database: Database, now: datetime, day: date) -> Letter | None:
    await asyncio.to_thread(book, config)
    try:
        made = await told_at(database, config, config.site.code, day, now)
    except NoFiguresError:
        return None
    if passes(made):
        return None
    told = tell(made.figures, made.name, _language(config), made.state)
    return night_letter(Pages(), told, _paper(config, made.name))


async def _trial(config: Config, to: str, now: datetime) -> tuple[Answer, Trouble | None]:
    """What the server said of the address, and why it took nothing at all."""
    letter = trial_letter(Pages(), _paper(config))
    day, code = local_day(now, config.site.zone), config.site.code
    number = _message_id(config, f"test-{day}")
    delivery = Delivery(to, DeliveryState.WAITING, 1, now, now, "")
    message = QueuedMail(MailId(0), code, MailKind.NIGHT, day, day, number, letter, now, (delivery,))
    post = Smtp(_server(config))
    try:
        return (await post.deliver(message, [to]))[to], None
    except PostError as error:
        return Answer(DeliveryState.WAITING, error.message), error.trouble
    finally:
        await post.close()


async def _drop(database_path: Path, today: date) -> int:
    async with Database.opened(database_path) as database:
        return await SqliteMails(database).drop_after(today)


def _server(config: Config) -> Server:
    settings = config.mail
    password = b""
    if settings.user and settings.password_file:
        password = secret_of(settings.password_file, "password of the mail server", "mail.password_file")
    return Server(
        host=settings.server,
        port=settings.port,
        tls=settings.tls,
        authority=str(settings.authority) if settings.authority else None,
        user=settings.user,
        password=password.decode("utf-8", "replace"),
        sender=settings.sender,
        sender_name=config.site.name,
        reply_to=_reply_to(config),
        zone=config.site.zone,
    )


def _paper(config: Config, name: str = "") -> Stationery:
    return Stationery(name or config.site.name, _language(config), _reply_to(config), config.mail.link)


def _reply_to(config: Config) -> str:
    """The library's own mailbox; site.mail is text for patrons, which need not be an address."""
    try:
        return mail_address(config.site.mail)
    except ValueError:
        return config.mail.sender


def _language(config: Config) -> Language:
    return config.mail.language or config.site.language


def _message_id(config: Config, days: str) -> str:
    return message_id(config.site.code, days, secrets.token_hex(6), config.mail.sender)


_HINTS = {
    Trouble.NAME: "is mail.server right, and is the line up: getent hosts NAME",
    Trouble.UNREACHABLE: "is the line up, and mail.port right (587 with starttls, 465 with tls)",
    Trouble.SILENT: 'port and tls must go together: 587 is "starttls", 465 is "tls"; or a firewall on the way drops it',
    Trouble.TLS: 'port and tls must go together: 587 is "starttls", 465 is "tls"',
    Trouble.CERTIFICATE: "mail.server must be the name in its certificate and the box's time right (timedatectl); "
    "for a server of your own give mail.authority",
    Trouble.LOGIN: "mail.user is often the whole address; many providers want an app password in mail.password_file",
    Trouble.SENDER: "most servers want mail.sender to be the address of mail.user",
    Trouble.LOST: "try again; if it goes on, ask whoever runs the server whether it shuts this box out",
    Trouble.REFUSED: "ask whoever runs the server, with this line",
}
