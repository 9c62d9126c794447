"""cong reconcile: what the ISP should have charged for a month, against what it did."""

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import at_register, show
from gateway.config.fields import Path
from gateway.errors import GatewayError, UsageError
from gateway.flows.told_bills import month_reconciled
from gateway.reports import vietnamese as vi
from gateway.reports.bill_report import Reconciliation, Row
from gateway.reports.exact_json import json_tree
from gateway.reports.spans import parse_span


@click.command()
@click.argument("month")
@click.option("--site", default=None, help="Only this site's contracts; all of them if left out.")
@json_option
@config_option
def reconcile(month: str, site: str | None, as_json: bool, config_path: Path) -> None:
    """Reconcile the ISP's bills of MONTH, such as 2027-03: expected, invoiced, difference and its parts, status."""
    try:
        first, _ = parse_span("month", month)
    except ValueError as error:
        raise UsageError(str(error)) from error

    try:
        made = at_register(config_path, lambda desk: month_reconciled(desk.all_facts(), first, site))
    except ValueError as error:
        raise GatewayError(str(error), hint="cong facts add vat first=2000-01-01 percent=10 sets it") from error
    if as_json:
        tree = json_tree(made)
        assert isinstance(tree, dict)
        show({"report": "reconciliation", "site": site, **tree})
        return
    for line in _lines(made):
        click.echo(line)


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
