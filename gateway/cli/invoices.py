"""cong invoice: what the ISP has invoiced: from its XML, or typed in."""

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.config.fields import Path
from gateway.einvoice.read import read_invoice
from gateway.einvoice.xml import MOST_BYTES
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.flows.bill_entries import add_invoice, invoice_of_file
from gateway.flows.hand_entries import tree
from gateway.flows.invoice_table import FIELDS, Reading, table_invoices
from gateway.flows.office_file import MOST_BYTES as TABLE_BYTES


@click.group()
def invoice() -> None:
    """Invoices of the ISP."""


@invoice.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--contract", default="", help="The contract they are for; else found by customer code or seller.")
@click.option("--month", default="", help="The month they are for, such as 2027-03; else as they say.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=HEADING",
    help=f"Of a CSV: which column holds what; fields: {', '.join(FIELDS)}.",
)
@click.option("--date-format", default="%d/%m/%Y", show_default=True, help="Of days in a CSV.")
@by_option
@json_option
@config_option
def import_(
    files: tuple[Path, ...],
    contract: str,
    month: str,
    columns: tuple[str, ...],
    date_format: str,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Read electronic invoices (XML, at most 5 MB each), or the office's own table (CSV); all or none.

    cong invoice import so-cuoc.csv --column "series=Ký hiệu" --column "number=Số" --column "dated=Ngày"
    --column "month=Kỳ" --column "total_vnd=Tổng tiền" --contract HD-12
    """

    async def work(desk: Desk) -> tuple[list[Fact], int]:
        contracts = await desk.register.standing(["contract"])
        reading = Reading({}, date_format, contract, month)
        facts = [
            fact
            for file in files
            for fact in (
                table_invoices(_raw(file, TABLE_BYTES), file.name, columns, reading, contracts)
                if file.suffix.lower() == ".csv"
                else [invoice_of_file(_raw(file, MOST_BYTES), file.name, contracts, contract, month, read_invoice)]
            )
        ]
        return facts, await desk.amend(facts, by, f"cong invoice import {', '.join(file.name for file in files)}")

    facts, fresh = at_register(config_path, work)
    if as_json:
        show({"new": fresh, "invoices": [tree(each) for each in facts]})
        return
    for each in facts:
        click.echo(_line(each))
    click.echo(f"{fresh} of {len(facts)} new")


@invoice.command("add")
@click.option("--seller", required=True, help="The seller's tax code (MST).")
@click.option("--form", default="1", show_default=True, help="KHMSHDon.")
@click.option("--series", required=True, help="KHHDon.")
@click.option("--number", required=True, help="SHDon.")
@click.option("--dated", required=True, help="Its date.")
@click.option("--contract", required=True, help="The contract it is for.")
@click.option("--month", required=True, help="The month it is for, such as 2027-03.")
@click.option("--total", "total_vnd", required=True, type=int, help="To be paid, with VAT and fees, in đồng.")
@click.option("--list", "list_vnd", type=int, help="Before reductions, without VAT.")
@click.option("--discount", "discount_vnd", type=int, help="Reductions, positive.")
@click.option("--credit", "credit_vnd", type=int, help="Given back for outages, positive.")
@click.option("--vat", "vat_vnd", type=int, help="VAT.")
@click.option("--vat-percent", help='Its rate, such as "10".')
@click.option("--replaces", help="seller|form|series|number of the one it replaces.")
@click.option("--adjusts", help="The same of the one it adjusts; amounts are then signed differences.")
@site_option
@by_option
@json_option
@config_option
def add(
    vat_percent: str | None,
    replaces: str | None,
    adjusts: str | None,
    site: str,
    by: str,
    as_json: bool,
    config_path: Path,
    **values: object,
) -> None:
    """Type an invoice in."""
    if replaces and adjusts:
        raise UsageError("--replaces or --adjusts, not both")
    if vat_percent:
        values["vat_percents"] = [vat_percent]
    if replaces or adjusts:
        values |= {"link": "replaces" if replaces else "adjusts", "refers_to": replaces or adjusts}

    async def work(desk: Desk) -> tuple[Fact, int]:
        return await add_invoice(desk.entries, desk.site(site), values, desk.telling(by, "cong invoice add"))

    fact, fresh = at_register(config_path, work)
    if as_json:
        show({"new": fresh, "invoices": [tree(fact)]})
        return
    click.echo(_line(fact) + ("" if fresh else "  (stands so already)"))


@invoice.command("list")
@click.option("--month", default="", help="Only those of a month.")
@json_option
@config_option
def list_(month: str, as_json: bool, config_path: Path) -> None:
    """Show the invoices that stand."""
    told = at_register(config_path, lambda desk: desk.register.standing(["invoice"]))
    chosen = [each for each in told if month in ("", each.text("month"))]
    if as_json:
        show([tree(each) for each in chosen])
        return
    for each in sorted(chosen, key=lambda each: (each.text("month"), each.key)):
        click.echo(_line(each))


def _raw(file: Path, most: int) -> bytes:
    """The file, or just so much of it that it is seen to be too large."""
    with file.open("rb") as opened:
        return opened.read(most + 1)


def _line(fact: Fact) -> str:
    flags = [str(flag) for flag in fact.rows("flags") if flag != "signature-not-checked"]
    said = f"  ! {', '.join(flags)}" if flags else ""
    head = f"{fact.text('month')}  {fact.text('contract'):16} {fact.number('total_vnd'):>12,} đ"
    return f"{head}  {fact.key}  {fact.text('dated')}{said}"
