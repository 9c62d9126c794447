"""cong requests: what patrons ask to be opened, for the desk."""

import json
from collections.abc import Sequence

import click

from filters.categories import about
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import Desk, at_desk, by_option, signer
from gateway.config.fields import Path
from gateway.flows.requests import refuse_request
from gateway.ports_rules import UnblockRequest


@click.group(invoke_without_command=True)
@click.option("--all", "all_states", is_flag=True, help="Answered ones too; they are deleted after 30 days.")
@json_option
@config_option
@click.pass_context
def requests(context: click.Context, all_states: bool, as_json: bool, config_path: Path) -> None:
    """Names patrons ask to be opened; answer with `cong allow --request CODE --for 1h`, or refuse."""
    if context.invoked_subcommand is not None:
        return

    async def work(desk: Desk) -> tuple[Sequence[UnblockRequest], Desk]:
        return await desk.requests.requests(all_states=all_states), desk

    found, desk = at_desk(config_path, work)
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in found], indent=2, ensure_ascii=False))
        return
    zone = desk.config.site.zone
    for each in found:
        category = about(each.category)
        harm = " (harmful)" if category.is_harm else ""
        answer = "" if each.state == "open" else f"  {each.state} by {each.answered_by}"
        at = f"{each.last_asked_at.astimezone(zone):%Y-%m-%d %H:%M}"
        click.echo(
            f"{each.code}  {at}  {each.count:>3}x  {each.profile:8}  {each.name}  {category.words}{harm}{answer}"
        )
    click.echo(f"{len(found)} request{'s' if len(found) != 1 else ''}")


@requests.command("refuse")
@click.argument("code")
@by_option
@config_option
def refuse(code: str, by: str, config_path: Path) -> None:
    """Leave what was asked for closed."""

    async def work(desk: Desk) -> UnblockRequest:
        return await refuse_request(desk.requests, code, signer(by), desk.now)

    asked = at_desk(config_path, work)
    click.echo(f"request {asked.code} is refused: {asked.name} stays as the lists have it")


def _as_json(each: UnblockRequest) -> dict[str, str | int | bool | None]:
    return {
        "code": each.code,
        "name": each.name,
        "profile": each.profile,
        "category": each.category,
        "harm": about(each.category).is_harm,
        "count": each.count,
        "asked_at": each.asked_at.isoformat(timespec="seconds"),
        "last_asked_at": each.last_asked_at.isoformat(timespec="seconds"),
        "state": each.state,
        "answered_by": each.answered_by,
    }
