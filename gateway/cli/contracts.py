"""cong contract: lines rented from an ISP, their prices and what was promised, all with dates."""

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.config.fields import Path
from gateway.facts.fact import Fact
from gateway.flows.bill_entries import add_contract, add_price, add_promise, end_contract
from gateway.flows.hand_entries import tree

_PARTS = ("contract", "price", "rule")


@click.group()
def contract() -> None:
    """Contracts with the ISP: prices, commitments, how outages are credited."""


@contract.command("add")
@click.argument("code")
@click.option("--isp", required=True, help="Name of the ISP.")
@click.option("--from", "first", required=True, help="First day in force.")
@click.option("--to", "last", help="Last day in force; until further notice if left out.")
@click.option("--price", "price_vnd", required=True, type=int, help="List price a month in đồng, without VAT.")
@click.option("--with-vat", is_flag=True, help="VAT is in the price.")
@click.option("--credit", type=click.Choice(("phut", "ngay", "khong")), default="phut", show_default=True)
@click.option("--customer", help="The ISP's customer code (MKHang); finds the contract of an invoice.")
@click.option("--seller", "seller_tax_code", help="The ISP's tax code.")
@click.option("--package", help="Name of the package.")
@click.option("--speed", "speed_mbit_s", type=int, help="Contracted speed in Mbit/s.")
@click.option("--document", help="Number of the document.")
@site_option
@by_option
@json_option
@config_option
def add(
    code: str,
    price_vnd: int,
    with_vat: bool,
    speed_mbit_s: int | None,
    site: str,
    by: str,
    as_json: bool,
    config_path: Path,
    **values: object,
) -> None:
    """Enter a contract with its price. For tiers of credit see: cong facts describe contract."""
    values |= {"code": code, "speed_kbit_s": speed_mbit_s * 1000 if speed_mbit_s else None}

    async def work(desk: Desk) -> list[Fact]:
        telling = desk.telling(by, "cong contract add")
        return await add_contract(desk.entries, desk.site(site), values, price_vnd, holds_vat=with_vat, telling=telling)

    _told(at_register(config_path, work), as_json)


@contract.command("price")
@click.argument("code")
@click.argument("month_vnd", type=int)
@click.option("--from", "first", required=True, help="First day of the price.")
@click.option("--with-vat", "holds_vat", is_flag=True, help="VAT is in it.")
@site_option
@by_option
@json_option
@config_option
def price(code: str, site: str, by: str, as_json: bool, config_path: Path, **values: object) -> None:
    """Enter a new list price a month in đồng, from a day on."""

    async def work(desk: Desk) -> list[Fact]:
        told = {"contract": code, **values}
        return await add_price(desk.entries, desk.site(site), told, desk.telling(by, "cong contract price"))

    _told(at_register(config_path, work), as_json)


@contract.command("promise")
@click.argument("number")
@click.option("--percent", help='Off the list price, such as "30".')
@click.option("--fixed", "fixed_vnd", type=int, help="Đồng off a month.")
@click.option("--subsidy", "subsidy_vnd", type=int, help="Đồng a month that a fund pays.")
@click.option("--package-price", "package_vnd", type=int, help="Đồng a month instead of the list price.")
@click.option("--from", "first", required=True, help="First day.")
@click.option("--to", "last", help="Last day.")
@click.option("--contract", "contracts", multiple=True, help="Only for this contract; may be given again.")
@click.option("--document", help="Number of the paper. Without one it is shown, not counted.")
@site_option
@by_option
@json_option
@config_option
def promise(
    number: str,
    percent: str | None,
    fixed_vnd: int | None,
    subsidy_vnd: int | None,
    package_vnd: int | None,
    contracts: tuple[str, ...],
    site: str,
    by: str,
    as_json: bool,
    config_path: Path,
    **values: object,
) -> None:
    """Enter a commitment under a NUMBER of yours. Other forms: cong facts describe rule."""
    forms: dict[str, str | int | None] = {
        "percent": percent,
        "fixed": fixed_vnd,
        "subsidy": subsidy_vnd,
        "package": package_vnd,
    }
    said: list[tuple[str, str | int]] = [(what, value) for what, value in forms.items() if value is not None]
    if len(said) != 1:
        raise click.UsageError("Give one of --percent, --fixed, --subsidy, --package-price.")
    what, value = said[0]
    values |= {"id": number, "contracts": list(contracts) or None}

    async def work(desk: Desk) -> list[Fact]:
        telling = desk.telling(by, "cong contract promise")
        return await add_promise(desk.entries, desk.site(site), what, value, values, telling)

    _told(at_register(config_path, work), as_json)


@contract.command("end")
@click.argument("code")
@click.argument("last")
@site_option
@by_option
@json_option
@config_option
def end(code: str, last: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Say the last day a contract is in force."""

    async def work(desk: Desk) -> list[Fact]:
        telling = desk.telling(by, "cong contract end")
        return [(await end_contract(desk.entries, desk.site(site), code, last, telling))[1]]

    _told(at_register(config_path, work), as_json)


@contract.command("list")
@json_option
@config_option
def list_(as_json: bool, config_path: Path) -> None:
    """Show contracts, prices and commitments that stand."""
    _told(at_register(config_path, lambda desk: desk.register.standing(_PARTS)), as_json)


def _told(facts: list[Fact], as_json: bool) -> None:
    if as_json:
        show([tree(each) for each in facts])
        return
    for each in facts:
        last = each.text("last") or "until further notice"
        head = f"{each.kind.name:9} {each.site:12} {each.key:24} {each.text('first')} .. {last}"
        click.echo(f"{head}  {_said(each)}".rstrip())


def _said(fact: Fact) -> str:
    match fact.kind.name:
        case "contract":
            return f"{fact.text('isp')}  {fact.text('package')}  credit {fact.text('credit')}"
        case "price":
            return f"{fact.number('month_vnd'):,} đ a month" + (", VAT in it" if fact.flag("holds_vat") else "")
        case _:
            value = f"{fact.text('percent')} %" if fact.has("percent") else f"{fact.number('month_vnd'):,} đ"
            paper = fact.text("document") or "no document: shown, not counted"
            return f"{fact.text('what')} {value}  ({paper})"
