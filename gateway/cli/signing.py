"""cong report sign, signed, recount: what the office enters under a report, and how figures are kept."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show
from gateway.cli.rules import by_option, signer
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.flows.counted_months import count_all
from gateway.flows.hand_entries import day_of
from gateway.flows.signed_reports import Asked, sign_report
from gateway.ports_counts import SignedReport
from gateway.reports.exact_json import json_tree
from gateway.reports.report_body import Signature

_FORMS = ("month", "quarter", "half", "year")
_MOST_NUMBER = 60


@click.command()
@click.argument("form", type=click.Choice(_FORMS))
@click.argument("period")
@click.option("--number", required=True, help="The paper's number and symbol, as the office gave it: 12/BC-TV.")
@click.option("--date", "dated", required=True, metavar="DAY", help="The date under the paper: 2027-04-05.")
@click.option("--site", default=None, help="The report of this site alone; of all of them if left out.")
@click.option(
    "--figures",
    default="",
    metavar="SHA256",
    help="Of the JSON of the draft that was looked at: figures that changed since are not signed.",
)
@by_option
@json_option
@config_option
def sign(
    form: str,
    period: str,
    number: str,
    dated: str,
    site: str | None,
    figures: str,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Enter the number and date of a report: cong report sign month 2027-03 --number 12/BC-TV --date 2027-04-05.

    Its data is frozen: from now on it is printed as it stands, byte for byte. What comes out otherwise later stands as
    an adjustment in the next report.
    """
    try:
        asked = Asked.of(form, period, site)
    except ValueError as error:
        raise UsageError(str(error)) from error
    given = number.strip()
    if not given or len(given) > _MOST_NUMBER or not given.isprintable():
        raise UsageError(f'"{number}" is no number of a paper', where="--number", hint='write it as "12/BC-TV"')
    on = date.fromisoformat(day_of(dated))

    async def work(desk: Desk) -> tuple[SignedReport, bool]:
        signature = Signature(given, on, desk.now.replace(microsecond=0), signer(by))
        zone, lock_day = desk.config.site.zone, desk.config.site.lock_day
        return await sign_report(desk.all_facts(), asked, signature, zone, lock_day, figures=figures.lower())

    frozen, is_new = at_register(config_path, work)
    if as_json:
        show({"new": is_new, **signed_tree(frozen)})
        return
    told = "signed" if is_new else "is signed so already"
    click.echo(f"{asked.period}: {told}, number {given} of {on}; SHA-256 {frozen.sha256}")


@click.command()
@json_option
@config_option
def signed(as_json: bool, config_path: Path) -> None:
    """List the signed reports with number, date, who entered them, and the hash of their text."""
    told = at_register(config_path, lambda desk: desk.reports.all_signed())
    if as_json:
        show([signed_tree(one) for one in told])
        return
    for one in told:
        name = f"{one.form} {one.period}" + (f" {one.site}" if one.site else "")
        click.echo(
            f"{name:24} {one.signature.number:16} {one.signature.dated_on}  {one.signature.author}  {one.sha256[:16]}"
        )


@click.command()
@json_option
@config_option
def recount(as_json: bool, config_path: Path) -> None:
    """Count every month anew from the facts.

    Figures are right without it: what a fact may change is counted anew whenever it is asked for. Signed reports and
    the figures of locked months stay as they are.
    """

    async def work(desk: Desk) -> int:
        await desk.counts.drop()
        with counting() as progress:
            done, _ = await count_all(desk.all_facts(), progress)
        return done

    done = at_register(config_path, work)
    if as_json:
        show({"months": done})
        return
    click.echo(f"{done} months counted")


@contextlib.contextmanager
def counting() -> Iterator[Callable[[int, int], None]]:
    """A bar by months on a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda done, whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (TextColumn("months"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def signed_tree(one: SignedReport) -> dict[str, object]:
    """A signed report for programs."""
    return {
        "report": one.form,
        "period": one.period,
        "site": one.site,
        "signature": json_tree(one.signature),
        "sha256": one.sha256,
    }
