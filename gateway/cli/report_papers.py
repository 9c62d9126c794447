"""A report as a paper of the office: its figures, what stands around them, and the bills of its months."""

from collections.abc import Sequence
from dataclasses import replace

import click

from gateway.cli.paper_files import checked, say_what_lacks, write_paper
from gateway.cli.reconcile import VAT_HINT
from gateway.cli.register import Desk, at_register
from gateway.config.fields import Path
from gateway.errors import GatewayError
from gateway.flows.office import office_of
from gateway.flows.signed_reports import Asked, printed_report
from gateway.flows.told_bills import month_reconciled
from gateway.papers.annual import annual_paper
from gateway.papers.money import cost_ledger
from gateway.papers.office import Letterhead, Office
from gateway.papers.paper import Paper
from gateway.papers.period import period_paper
from gateway.papers.service_annexes import hours_paper, pcs_paper
from gateway.papers.tongue import Tongue
from gateway.ports_counts import SignedReport
from gateway.reports.bill_report import Reconciliation
from gateway.reports.report_values import Report
from gateway.reports.spans import months_of

which_paper = click.option(
    "--paper",
    type=click.Choice(("report", "hours", "pcs", "costs")),
    default="report",
    show_default=True,
    help="Which paper: the whole report, service hours alone, PCs alone, the ledger of costs.",
)


def write_report(
    asked: Asked, paper: str, say: Tongue, files: Sequence[Path], config_path: Path, *, draft: bool
) -> None:
    """Make the paper and write it in all forms asked for."""
    checked(files)

    async def work(desk: Desk) -> tuple[Report, Office, list[Reconciliation]]:
        source = desk.all_facts()
        printed = await printed_report(source, asked, draft=draft)
        bills: list[Reconciliation] = []
        try:
            bills = [await month_reconciled(source, month, asked.site) for month in months_of(asked.dates)]
        except ValueError as error:  # no legal VAT rate is set: section IV says that charges are not known
            click.echo(f"{error}: the paper has no charges\n  hint: {VAT_HINT}", err=True)
        office = replace(await office_of(source, asked.dates, asked.site), lock_day=desk.config.site.lock_day)
        return printed.report, _signed(office, printed.signed) if paper == "report" else office, bills

    made, office, bills = at_register(config_path, work)
    if not made.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    say_what_lacks(office)
    write_paper(_paper(asked.form, paper, made, office, bills, say), files)


def _signed(office: Office, signed: SignedReport | None) -> Office:
    """The office with the paper's number and date, once it has them; the symbol stands after the number."""
    if signed is None:
        return office
    number, _, symbol = signed.signature.number.partition("/")
    head = office.letterhead or Letterhead()
    return replace(
        office,
        number=number,
        signed_on=signed.signature.dated_on,
        letterhead=replace(head, symbol=symbol) if symbol else office.letterhead,
    )


def _paper(form: str, paper: str, made: Report, office: Office, bills: Sequence[Reconciliation], say: Tongue) -> Paper:
    match paper:
        case "hours":
            return hours_paper(made, office, say)
        case "pcs":
            return pcs_paper(made, office, say)
        case "costs":
            names = {one.site: one.name for one in made.sites}
            return cost_ledger(office.costs, office, names, (made.first, made.last), say)
        case _:
            return (annual_paper if form == "year" else period_paper)(made, office, bills, say)
