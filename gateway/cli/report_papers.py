"""A report as a paper of the office: its figures, what stands around them, and the bills of its months."""

from collections.abc import Sequence

import click

from gateway.cli.paper_files import checked, say_what_lacks, write_paper
from gateway.cli.reconcile import VAT_HINT
from gateway.cli.register import Desk, at_register
from gateway.config.fields import Path
from gateway.errors import GatewayError
from gateway.flows.report_papers import Around, around, report_paper
from gateway.flows.signed_reports import Asked, Printed, printed_report, signed_paper
from gateway.papers.money import cost_ledger
from gateway.papers.paper import Language, Paper
from gateway.papers.service_annexes import hours_paper, pcs_paper
from gateway.papers.tongue import Tongue
from gateway.reports.report_values import Report

which_paper = click.option(
    "--paper",
    type=click.Choice(("report", "hours", "pcs", "costs")),
    default="report",
    show_default=True,
    help="Which paper: the whole report, service hours alone, PCs alone, the ledger of costs.",
)


def write_report(
    asked: Asked, paper: str, language: Language, files: Sequence[Path], config_path: Path, *, draft: bool
) -> None:
    """Make the paper and write it in all forms asked for; a signed report's is written as it was signed."""
    checked(files)

    async def work(desk: Desk) -> tuple[Printed, Around | None]:
        source = desk.all_facts()
        printed = await printed_report(source, asked, draft=draft)
        if paper == "report" and printed.signed:  # its paper is kept: nothing of today stands in it
            return printed, None
        return printed, await around(source, asked.dates, asked.site, desk.config.site.lock_day)

    printed, known = at_register(config_path, work)
    if not printed.report.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    if known is None:
        assert printed.signed
        write_paper(signed_paper(printed.signed, language), files)
        return
    if known.no_bills:
        click.echo(f"{known.no_bills}: the paper has no charges\n  hint: {VAT_HINT}", err=True)
    say_what_lacks(known.office)
    write_paper(_paper(asked.form, paper, printed.report, known, language), files)


def _paper(form: str, paper: str, made: Report, known: Around, language: Language) -> Paper:
    office, say = known.office, Tongue(language)
    match paper:
        case "hours":
            return hours_paper(made, office, say)
        case "pcs":
            return pcs_paper(made, office, say)
        case "costs":
            names = {one.site: one.name for one in made.sites}
            return cost_ledger(office.costs, office, names, (made.first, made.last), say)
        case _:
            return report_paper(form, made, known, language)
