"""cong reconcile: what the ISP should have charged for a month, against what it did."""

from collections.abc import Sequence

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.paper_files import checked, paper_options, say_what_lacks, write_paper
from gateway.cli.register import Desk, at_register, show
from gateway.config.fields import Path
from gateway.errors import GatewayError, UsageError
from gateway.flows.reconciling import minutes, reconciled
from gateway.papers.office import Office
from gateway.papers.paper import Language
from gateway.papers.tongue import Tongue
from gateway.reports import vietnamese as vi
from gateway.reports.bill_report import Reconciliation, Row
from gateway.reports.exact_json import json_tree
from gateway.reports.spans import parse_span
from gateway.visits.comparison import Dates

VAT_HINT = "cong facts add vat first=2000-01-01 percent=10 sets it"


@click.command()
@click.argument("period")
@click.option("--site", default=None, help="Only this site's contracts; all of them if left out.")
@click.option("--isp", default=None, help="Only the contracts of this ISP: minutes are signed with one.")
@paper_options
@json_option
@config_option
def reconcile(
    period: str,
    site: str | None,
    isp: str | None,
    files: tuple[Path, ...],
    language: Language,
    as_json: bool,
    config_path: Path,
) -> None:
    """Reconcile the ISP's bills of a month or quarter, such as 2027-03: expected, invoiced, difference, status.

    With --to the minutes are written that both parties sign.
    """
    checked(files)
    dates = _dates(period)

    async def work(desk: Desk) -> tuple[list[Reconciliation], Office]:
        return await reconciled(desk.all_facts(), dates, site, isp)

    try:
        bills, office = at_register(config_path, work)
    except ValueError as error:
        raise GatewayError(str(error), hint=VAT_HINT) from error
    if files:
        _write(bills, dates, office, Tongue(language), files)
    if as_json or not files:
        _show(bills, site, as_json)


def _dates(period: str) -> Dates:
    try:
        return parse_span("quarter" if "q" in period.lower() else "month", period)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _write(bills: Sequence[Reconciliation], dates: Dates, office: Office, say: Tongue, files: Sequence[Path]) -> None:
    say_what_lacks(office)
    write_paper(minutes(bills, dates, office, say), files)


def _show(bills: Sequence[Reconciliation], site: str | None, as_json: bool) -> None:
    for made in bills if not as_json else ():
        for line in _lines(made):
            click.echo(line)
    if as_json:
        trees = [tree for tree in map(json_tree, bills) if isinstance(tree, dict)]
        told = trees[0] if len(trees) == 1 else {"months": list(trees)}
        show({"report": "reconciliation", "site": site, **told})


def _lines(made: Reconciliation) -> list[str]:
    if not made.rows:
        return [f"{made.month:%Y-%m}: no contract is in force, and nothing was invoiced"]
    lines = [line for row in made.rows for line in _row(row)]
    total = f"Phải thanh toán: {made.expected_text}"
    return [
        *lines,
        total,
        f"Hóa đơn: {vi.number(made.invoiced_vnd)} đồng; chênh lệch {vi.number(made.variance_vnd)} đồng",
    ]


def _row(row: Row) -> list[str]:
    wanted, asked = row.expected, row.invoiced
    promise = "" if wanted.has_commitment else "; chưa có cam kết bằng văn bản"
    told = f"hóa đơn {vi.number(asked.total_vnd)}" if asked else "chưa có hóa đơn"
    return [
        f"{row.contract} ({row.site_name}): {row.status.value}",
        f"  giá {vi.number(wanted.list_vnd)}, giảm {vi.number(wanted.discount_vnd)}{promise}, "
        f"giảm trừ gián đoạn {vi.number(wanted.credit_vnd)}, thuế {vi.number(wanted.vat_vnd)}",
        f"  phải trả {vi.number(wanted.total_vnd)}, {told}",
        f"  gián đoạn {len(row.quality.outages)} lần, {vi.number(row.quality.down_s // 60)} phút",
    ]
