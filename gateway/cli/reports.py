"""cong report: the figures of a month, quarter, half-year or year, out of live and imported facts alike."""

from collections.abc import Sequence
from dataclasses import replace

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.paper_files import checked, paper_options, say_what_lacks, write_paper
from gateway.cli.reconcile import VAT_HINT
from gateway.cli.register import Desk, at_register
from gateway.cli.report_lines import report_lines
from gateway.cli.signing import recount, sign, signed
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.errors import GatewayError, UsageError
from gateway.flows.office import office_of
from gateway.flows.signed_reports import Asked, printed_report
from gateway.flows.told_bills import month_reconciled
from gateway.papers.annual import annual_paper
from gateway.papers.money import cost_ledger
from gateway.papers.office import Letterhead, Office
from gateway.papers.paper import Language, Paper
from gateway.papers.period import period_paper
from gateway.papers.service_annexes import hours_paper, pcs_paper
from gateway.papers.tongue import Tongue
from gateway.ports_counts import SignedReport
from gateway.reports.bill_report import Reconciliation
from gateway.reports.report_values import Report
from gateway.reports.spans import months_of

_PAPERS = ("report", "hours", "pcs", "costs")


@click.group()
def report() -> None:
    """Reports of a period: every figure with its parts, the same each time it is asked for."""


def _command(form: str, example: str) -> None:
    @report.command(form, help=f"The figures of a {form}, such as {example}: as signed, else as they count today.")
    @click.argument("period")
    @click.option("--site", default=None, help="Only this site; all of them if left out.")
    @click.option(
        "--paper",
        type=click.Choice(_PAPERS),
        default="report",
        show_default=True,
        help="Which paper: the whole report, service hours alone, PCs alone, the ledger of costs.",
    )
    @paper_options
    @click.option("--draft", is_flag=True, help="As it counts today, though it is signed.")
    @json_option
    @config_option
    def command(
        period: str,
        site: str | None,
        paper: str,
        files: tuple[Path, ...],
        language: Language,
        draft: bool,
        as_json: bool,
        config_path: Path,
    ) -> None:
        asked = _asked(form, period, site)
        if files:
            _write(asked, paper, Tongue(language), files, config_path, draft=draft)
        if as_json or not files:
            _show(asked, config_path, draft=draft, as_json=as_json)


for _form, _example in (("month", "2027-03"), ("quarter", "2027-Q1"), ("half", "2027-H1"), ("year", "2027")):
    _command(_form, _example)


def _asked(form: str, period: str, site: str | None) -> Asked:
    try:
        return Asked.of(form, period, site)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _write(asked: Asked, paper: str, say: Tongue, files: Sequence[Path], config_path: Path, *, draft: bool) -> None:
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
        office = await office_of(source, asked.dates, asked.site)
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
            return annual_paper(made, office, bills, say) if form == "year" else period_paper(made, office, bills, say)


def _show(asked: Asked, config_path: Path, *, draft: bool, as_json: bool) -> None:
    made = at_register(config_path, lambda desk: printed_report(desk.all_facts(), asked, draft=draft))
    if not made.report.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    if as_json:
        click.echo(made.body)
        return
    for line in report_lines(made, asked.form, load_config(config_path).site.lock_day):
        click.echo(line)


for _one in (sign, signed, recount):
    report.add_command(_one)
