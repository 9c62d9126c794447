"""cong reconcile: what the ISP should have charged for a month, against what it did."""

from collections.abc import Sequence

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.paper_files import checked, paper_options, say_what_lacks, write_paper
from gateway.cli.register import Desk, at_register, show
from gateway.config.fields import Path
from gateway.errors import GatewayError, UsageError
from gateway.flows.office import office_of
from gateway.flows.told_bills import month_reconciled
from gateway.papers.bill_tables import card_of
from gateway.papers.minutes import isps_of, minutes_paper
from gateway.papers.office import Office
from gateway.papers.paper import Language
from gateway.papers.tongue import Tongue
from gateway.reports import vietnamese as vi
from gateway.reports.bill_report import Reconciliation, Row, of_rows
from gateway.reports.exact_json import json_tree
from gateway.reports.spans import months_of, parse_span
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
        source = desk.all_facts()
        office = await office_of(source, dates, site)
        made = [await month_reconciled(source, month, site) for month in months_of(dates)]
        return [_of(one, isp, office) for one in made], office

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


def _of(bill: Reconciliation, isp: str | None, office: Office) -> Reconciliation:
    if isp is None:
        return bill
    known = {one.isp for one in office.contracts}
    if isp not in known:
        raise UsageError(f'there is no contract with "{isp}"', hint=f"there are those with {', '.join(sorted(known))}")
    return of_rows(bill.month, [row for row in bill.rows if card_of(office, row).isp == isp])


def _write(bills: Sequence[Reconciliation], dates: Dates, office: Office, say: Tongue, files: Sequence[Path]) -> None:
    isps = isps_of(bills, office)
    if not isps:
        raise GatewayError("no contract is in force, and nothing was invoiced", hint="cong contract add tells one")
    if len(isps) > 1:
        raise UsageError("minutes are signed with one ISP", hint=f"--isp names it: {', '.join(isps)}")
    say_what_lacks(office)
    write_paper(minutes_paper(bills, dates, office, say), files)


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
