"""cong approvals, cong approve: patrons who ask the staff to be let in."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import click

from gateway.access.approval import Answer, Approval, ApprovalId
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.errors import UsageError
from gateway.flows.approvals import answer_request, is_open
from gateway.store.approvals import SqliteApprovals
from gateway.store.db import Database
from gateway.units import parse_duration_s


@click.command()
@click.option("--all", "all_states", is_flag=True, help="Those of the last week, with who answered.")
@json_option
@config_option
def approvals(all_states: bool, as_json: bool, config_path: Path) -> None:
    """Patrons who wait for the staff; answer with `cong approve CODE`."""
    config, now = load_config(config_path), SystemClock().now()

    async def work() -> list[Approval]:
        async with _opened(config) as store:
            return [
                each for each in await store.asked_since(now - timedelta(days=7)) if all_states or is_open(each, now)
            ]

    found = asyncio.run(work())
    if as_json:
        click.echo(json.dumps([_as_json(each, now) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        state = each.answer if each.answer is not Answer.OPEN or is_open(each, now) else "expired"
        by = f" by {each.answered_by}" if each.answered_by else ""
        click.echo(f"{each.code}  {each.asked_at.astimezone(config.site.zone):%Y-%m-%d %H:%M}  {state}{by}")
    click.echo(f"{len(found)} request{'s' if len(found) != 1 else ''}")


@click.command()
@click.argument("code")
@click.option("--for", "lasts", metavar="SPAN", help='How long, such as "1h"; else as the profile has it.')
@click.option("--profile", help="Its profile; else the site's own.")
@click.option("--refuse", is_flag=True, help="Leave the patron outside; the page says so.")
@by_option
@config_option
def approve(code: str, lasts: str | None, profile: str | None, refuse: bool, by: str, config_path: Path) -> None:
    """Let in the patron who said CODE."""
    config, now = load_config(config_path), SystemClock().now()
    if profile is not None and profile not in config.dns.profiles:
        raise UsageError(f"there is no profile {profile}", hint=f"known: {', '.join(config.dns.profiles)}")
    try:
        session_s = parse_duration_s(lasts) if lasts else None
    except ValueError as error:
        raise UsageError(f"--for: {error}") from error
    if session_s is not None and not 60 <= session_s <= 86400:
        raise UsageError("--for: between a minute and a day")
    said = Answer.REFUSED if refuse else Answer.APPROVED
    given = Approval(ApprovalId(0), code, None, now, said, now, signer(by), session_s, profile)

    async def work() -> Approval:
        async with _opened(config) as store:
            return await answer_request(store, code.strip(), given, now)

    answered = asyncio.run(work())
    if refuse:
        click.echo(f"request {answered.code} is refused")
        return
    try:
        opened = ask(config.state.control_socket, "POST", "/approvals/settle")["opened"]
    except NotRunningError as error:
        click.echo(f"request {answered.code} is approved; {error.message}: the session opens when it starts")
        return
    number = next((each["id"] for each in opened if each["mac"] == answered.mac), None)
    click.echo(f"request {answered.code} is approved" + (f": session {number}" if number else ""))


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[SqliteApprovals]:
    async with Database.opened(config.state.database) as database:
        yield SqliteApprovals(database)


def _as_json(each: Approval, now: datetime) -> dict[str, str | int | bool | None]:
    return {
        "code": each.code,
        "asked_at": each.asked_at.isoformat(timespec="seconds"),
        "state": each.answer if each.answer is not Answer.OPEN or is_open(each, now) else "expired",
        "answered_by": each.answered_by,
        "session_s": each.session_s,
        "profile": each.profile,
        "used": each.used,
    }
