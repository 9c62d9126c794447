"""cong report: the figures of a month, quarter, half-year or year, out of live and imported facts alike."""

import json

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.paper_files import paper_options
from gateway.cli.register import Desk, at_register
from gateway.cli.report_lines import report_lines
from gateway.cli.report_papers import which_paper, write_report
from gateway.cli.signing import recount, sign, signed
from gateway.clock import local_day
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.errors import GatewayError, UsageError
from gateway.flows.signed_reports import Asked, printed_report
from gateway.flows.visit_years import YearOfVisits, visit_years
from gateway.papers.paper import Language
from gateway.reports.exact_json import json_tree


@click.group()
def report() -> None:
    """Reports of a period: every figure with its parts, the same each time it is asked for."""


def _command(form: str, example: str) -> None:
    @report.command(form, help=f"The figures of a {form}, such as {example}: as signed, else as they count today.")
    @click.argument("period")
    @click.option("--site", default=None, help="Only this site; all of them if left out.")
    @which_paper
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
            write_report(asked, paper, language, files, config_path, draft=draft)
        if as_json or not files:
            _show(asked, config_path, draft=draft, as_json=as_json)


for _form, _example in (("month", "2027-03"), ("quarter", "2027-Q1"), ("half", "2027-H1"), ("year", "2027")):
    _command(_form, _example)


def _asked(form: str, period: str, site: str | None) -> Asked:
    try:
        return Asked.of(form, period, site)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _show(asked: Asked, config_path: Path, *, draft: bool, as_json: bool) -> None:
    made = at_register(config_path, lambda desk: printed_report(desk.all_facts(), asked, draft=draft))
    if not made.report.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    if as_json:
        click.echo(made.body)
        return
    for line in report_lines(made, load_config(config_path).site.lock_day):
        click.echo(line)


@report.command("years")
@click.option("--last", "years", default=5, show_default=True, type=click.IntRange(1, 30), help="So many years.")
@click.option("--site", default=None, help="Only this site; all of them if left out.")
@json_option
@config_option
def years(years: int, site: str | None, as_json: bool, config_path: Path) -> None:
    """Visits year by year, each against the goal of its plan; the running year as far as it is over."""

    async def work(desk: Desk) -> list[YearOfVisits]:
        return await visit_years(desk.all_facts(), local_day(desk.now, desk.config.site.zone), years, site)

    told = at_register(config_path, work)
    if as_json:
        click.echo(json.dumps([json_tree(one) for one in told], indent=2, ensure_ascii=False))
        return
    for one in told:
        grown = "–" if one.percent is None else f"{float(one.percent):+.2f} %"
        goal = f"{one.band.low} to {one.band.high} %"
        click.echo(f"{one.year}  to {one.last}  {one.visits:>9,} visits  {grown:>9}  goal {goal}: {one.rating}")


for _one in (sign, signed, recount):
    report.add_command(_one)
