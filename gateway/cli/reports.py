"""cong report: the figures of a month, quarter, half-year or year, out of live and imported facts alike."""

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.paper_files import paper_options
from gateway.cli.register import at_register, show
from gateway.cli.report_papers import which_paper, write_report
from gateway.config.fields import Path
from gateway.errors import GatewayError, UsageError
from gateway.flows.told_sites import period_report
from gateway.papers.paper import Language
from gateway.papers.tongue import Tongue
from gateway.reports import vietnamese as vi
from gateway.reports.exact_json import json_tree
from gateway.reports.period_quality import quality_line
from gateway.reports.report_values import Report, SiteReport
from gateway.reports.sentences import hours_sentence, method_note, pcs_sentence, visits_sentence
from gateway.reports.spans import parse_span
from gateway.visits.comparison import Dates

_WORDS = {"month": "tháng", "quarter": "quý", "half": "6 tháng", "year": "năm"}


@click.group()
def report() -> None:
    """Reports of a period: every figure with its parts, the same each time it is asked for."""


def _command(form: str, example: str) -> None:
    @report.command(form, help=f"The figures of a {form}, such as {example}.")
    @click.argument("period")
    @click.option("--site", default=None, help="Only this site; all of them if left out.")
    @which_paper
    @paper_options
    @json_option
    @config_option
    def command(
        period: str,
        site: str | None,
        paper: str,
        files: tuple[Path, ...],
        language: Language,
        as_json: bool,
        config_path: Path,
    ) -> None:
        dates = _dates(form, period)
        if files:
            write_report(dates, site, paper, Tongue(language), files, config_path)
        if as_json or not files:
            _show(form, period, dates, site, as_json, config_path)


for _form, _example in (("month", "2027-03"), ("quarter", "2027-Q1"), ("half", "2027-H1"), ("year", "2027")):
    _command(_form, _example)


def _dates(form: str, period: str) -> Dates:
    try:
        return parse_span(form, period)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _show(form: str, period: str, dates: Dates, site: str | None, as_json: bool, config_path: Path) -> None:
    made = at_register(config_path, lambda desk: period_report(desk.all_facts(), dates, site))
    if not made.sites:
        raise GatewayError("there are no facts of any site", hint="cong facts import brings them in")
    if as_json:
        show({"report": form, "period": period.upper(), "site": site, **_tree(made)})
        return
    for line in _lines(made, _WORDS[form]):
        click.echo(line)


def _tree(made: Report) -> dict[str, object]:
    tree = json_tree(made)
    assert isinstance(tree, dict)
    return dict(tree)


def _lines(made: Report, word: str) -> list[str]:
    """The standard sentences over all sites, then a line a site."""
    grown = made.growth
    lines = [f"Từ {vi.official_day(made.first)} đến {vi.official_day(made.last)}"]
    lines.append(visits_sentence(grown.visits, grown.before, span=word, band=made.band))
    for one in made.sites:
        lines += [
            "",
            f"{one.name} ({one.site})",
            f"  {visits_sentence(one.growth.visits, one.growth.before, span=word, band=made.band)}",
            f"  {hours_sentence(one.service)}",
            f"  {pcs_sentence(one.period.pcs, one.pcs, span=word)}",
            *_volume(one),
            f"  {quality_line(one.quality, 'vi')}",
        ]
    if made.compared.left_out:
        lines += ["", f"Không so sánh: {', '.join(made.compared.left_out)}"]
    return [*lines, "", method_note()]


def _volume(one: SiteReport) -> list[str]:
    """The line's bytes beside the sessions': what is between them is headers, the gateway's own and open sites'."""
    line, counted = one.line_volume, one.period.counted
    if line is None:
        return []
    sums = [vi.amount(n) for n in (counted.down_bytes, counted.up_bytes, line.down_bytes, line.up_bytes)]
    return [
        f"  Dung lượng: các phiên tải xuống {sums[0]}, tải lên {sums[1]}; "
        f"đường truyền tải xuống {sums[2]}, tải lên {sums[3]} ({vi.number(line.days)} ngày có số liệu)."
    ]
