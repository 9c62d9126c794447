"""cong pc: the public PCs of a site: inventory, faults, repairs, state."""

from datetime import date

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.config.fields import Path
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import day_of, moment, tree
from gateway.flows.pcs import PcBook

_asset_options = (
    click.option("--place", help="Where it stands."),
    click.option("--model", help="Make and model."),
    click.option("--serial", help="Serial number."),
    click.option("--asset", "asset_code", help="Number in the asset register."),
    click.option("--cost", "cost_vnd", type=int, help="What it cost, in đồng."),
    click.option("--source", help="Who paid: budget, project, gift."),
    click.option("--warranty", "warranty_until", help="Last day of the warranty."),
    click.option("--proposal", help="What you propose: repair, replace."),
)


@click.group()
def pc() -> None:
    """Public PCs: inventory with asset data, faults and repairs, state."""


@pc.command("add")
@click.argument("code")
@click.option("--bought", "bought_on", required=True, help="In service from this day on.")
@site_option
@by_option
@json_option
@config_option
def add(code: str, site: str, by: str, as_json: bool, config_path: Path, **values: object) -> None:
    """Enter a PC, or put right what stands of it."""

    async def work(desk: Desk) -> Fact:
        told = {name: value for name, value in values.items() if value is not None}
        return await PcBook(desk.entries).enter(desk.site(site), code, told, desk.telling(by, "cong pc add"))

    _said(at_register(config_path, work), as_json, "is in the inventory")


for _option in reversed(_asset_options):
    add = _option(add)


@pc.command("retire")
@click.argument("code")
@click.argument("day")
@site_option
@by_option
@json_option
@config_option
def retire(code: str, day: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Take a PC out of service; DAY is the first without it."""

    async def work(desk: Desk) -> Fact:
        first = date.fromisoformat(day_of(day))
        return await PcBook(desk.entries).retire(desk.site(site), code, first, desk.telling(by, "cong pc retire"))

    _said(at_register(config_path, work), as_json, f"is out of service from {day} on")


@pc.command("fault")
@click.argument("code")
@click.argument("what")
@click.option("--since", default="", help='When it began: "2027-03-12 08:00"; now if left out.')
@click.option("--reported", is_flag=True, help="Somebody was asked to repair it.")
@site_option
@by_option
@json_option
@config_option
def fault(
    code: str, what: str, since: str, reported: bool, site: str, by: str, as_json: bool, config_path: Path
) -> None:
    """Open a fault ticket: the PC counts as out of order from then on."""

    async def work(desk: Desk) -> Fact:
        begin = moment(since, desk.entries.zone) if since else desk.now.isoformat()
        telling = desk.telling(by, "cong pc fault")
        return await PcBook(desk.entries).fault(desk.site(site), code, what, begin, telling, reported=reported)

    _said(at_register(config_path, work), as_json, "is out of order")


@pc.command("report")
@click.argument("code")
@click.argument("to")
@click.option("--at", "at", default="", help='When: "2027-03-12 09:00"; now if left out.')
@site_option
@by_option
@json_option
@config_option
def report(code: str, to: str, at: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Note that somebody (TO) was asked to repair the open fault of a PC."""

    async def work(desk: Desk) -> Fact:
        asked = moment(at, desk.entries.zone) if at else desk.now.isoformat()
        telling = desk.telling(by, "cong pc report")
        return await PcBook(desk.entries).report(desk.site(site), code, to, asked, telling)

    _said(at_register(config_path, work), as_json, f"is reported to {to}")


@pc.command("repair")
@click.argument("code")
@click.argument("done")
@click.option("--at", "at", default="", help='When it worked again: "2027-03-15 10:00"; now if left out.')
@click.option("--cost", "cost_vnd", type=int, help="What it cost, in đồng.")
@site_option
@by_option
@json_option
@config_option
def repair(
    code: str, done: str, at: str, cost_vnd: int | None, site: str, by: str, as_json: bool, config_path: Path
) -> None:
    """Close the open fault of a PC, and say what was DONE."""

    async def work(desk: Desk) -> Fact:
        end = moment(at, desk.entries.zone) if at else desk.now.isoformat()
        telling = desk.telling(by, "cong pc repair")
        return await PcBook(desk.entries).repair(desk.site(site), code, done, end, cost_vnd, telling)

    _said(at_register(config_path, work), as_json, "works again")


@pc.command("list")
@site_option
@json_option
@config_option
def list_(site: str, as_json: bool, config_path: Path) -> None:
    """Show the inventory with open faults."""
    told = at_register(config_path, lambda desk: PcBook(desk.entries).listed(site or None))
    if as_json:
        show([{**tree(each.pc), "open_fault": tree(each.fault) if each.fault else None} for each in told])
        return
    for each in told:
        state = f"FAULT since {each.fault.text('begin')}: {each.fault.text('what')}" if each.fault else ""
        retired = f"retired {each.pc.text('retired_on')}" if each.pc.has("retired_on") else ""
        about = f"{each.pc.text('bought_on')}  {each.pc.text('place')}"
        click.echo(f"{each.pc.site:12} {each.pc.key:10} {about}  {retired}{state}".rstrip())


@pc.command("state")
@click.option("--month", default="", help="The month, such as 2027-03; the present one if left out.")
@site_option
@json_option
@config_option
def state(month: str, site: str, as_json: bool, config_path: Path) -> None:
    """Show each PC's state at the end of a month, and its days out of order."""
    first = date.fromisoformat(day_of(f"{month}-01")) if month else None
    told = at_register(config_path, lambda desk: PcBook(desk.entries).state(desk.site(site), first, desk.now))
    rows = [
        {"pc": row.pc, "state": str(row.state), "since": str(row.since or ""), "days_out": row.days_out}
        for row in told.pcs
    ]
    if as_json:
        show(rows)
        return
    for row in rows:
        click.echo(f"{row['pc']:10} {row['state']:8} {row['since']:10} {row['days_out']:3} service days out")


def _said(fact: Fact, as_json: bool, what: str) -> None:
    if as_json:
        show(tree(fact))
        return
    click.echo(f"{fact.text('code') or fact.text('pc')} {what}")
