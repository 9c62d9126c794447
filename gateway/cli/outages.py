"""cong line: outages of the ISP's line as they are kept for reports and the credit claim."""

from datetime import UTC, datetime, time, timedelta

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, amend, at_register, made, moment, one, show, site_option, tree
from gateway.cli.rules import by_option
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.reports.spans import parse_span

_CAUSES = ("isp", "power", "gateway", "planned", "unknown")


@click.group()
def line() -> None:
    """The ISP's line: outages by cause, when the ISP was told, its tickets."""


@line.command("outages")
@click.argument("month", default="")
@click.option("--cause", type=click.Choice(_CAUSES), help="Only of this cause.")
@site_option
@json_option
@config_option
def outages(month: str, cause: str | None, site: str, as_json: bool, config_path: Path) -> None:
    """List outages, of a MONTH such as 2027-03, or all."""
    try:
        dates = parse_span("month", month) if month else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    span = None
    if dates:
        begin, end = (datetime.combine(day, time.min, UTC) for day in dates)
        span = begin - timedelta(days=1), end + timedelta(days=2)
    told = at_register(config_path, lambda desk: desk.register.standing(["outage"], span, site or None))
    chosen = [each for each in told if cause in (None, each.text("cause"))]
    chosen.sort(key=lambda each: (each.text("begin"), each.site))
    if as_json:
        show([tree(each) for each in chosen])
        return
    for each in chosen:
        click.echo(_line(each))


@line.command("outage")
@click.argument("begin")
@click.argument("end", default="")
@click.option("--cause", type=click.Choice(_CAUSES), required=True, help="Whose it is; the ISP's alone are claimed.")
@click.option("--note", default="", help="What else is known.")
@site_option
@by_option
@json_option
@config_option
def outage(begin: str, end: str, cause: str, note: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Enter an outage by hand: cong line outage "2027-03-31 14:00" "2027-03-31 14:36" --cause isp."""

    async def work(desk: Desk) -> Fact:
        since = moment(begin, desk.config)
        until = moment(end, desk.config) if end else ""
        number = f"H{datetime.fromisoformat(since).astimezone(UTC):%Y%m%dT%H%M%S}"
        values = {"id": number, "begin": since, "end": until, "cause": cause, "note": note}
        fact = made("outage", desk.site(site), values)
        await amend(desk, [fact], by, "cong line outage")
        return fact

    _said(at_register(config_path, work), as_json)


@line.command("told")
@click.argument("number")
@click.option("--at", "at", default="", help="When the ISP was told; now if left out.")
@click.option("--ticket", default="", help="The ISP's number of the incident.")
@site_option
@by_option
@json_option
@config_option
def told(number: str, at: str, ticket: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Note that the ISP was told of outage NUMBER: its time to repair runs from there."""

    async def work(desk: Desk) -> Fact:
        known = await one(desk, "outage", desk.site(site), number, listed_by="cong line outages")
        reported = moment(at, desk.config) if at else desk.now.isoformat()
        values = {**known.values, "reported_at": reported, "ticket": ticket or known.text("ticket")}
        fact = made("outage", known.site, values)
        await amend(desk, [fact], by, "cong line told")
        return fact

    _said(at_register(config_path, work), as_json)


def _said(fact: Fact, as_json: bool) -> None:
    if as_json:
        show(tree(fact))
        return
    click.echo(_line(fact))


def _line(fact: Fact) -> str:
    reported = f"  told {fact.text('reported_at')} {fact.text('ticket')}".rstrip() if fact.has("reported_at") else ""
    span = f"{fact.text('begin')} .. {fact.text('end') or 'goes on':20}"
    return f"{fact.key:18} {fact.site:12} {span}  {fact.text('cause'):8}{reported}  {fact.text('note')}".rstrip()
