"""cong facts: what was told, in and out as JSON Lines, and hand entry of any kind."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Any

import click

from gateway.cli.hand_register import register
from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option, signer
from gateway.cli.signing import counting
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.facts.describe import markdown, table
from gateway.facts.fact import Fact
from gateway.facts.kinds import KINDS
from gateway.facts.lines import fact_line, header, read_facts
from gateway.flows.counted_months import count_all
from gateway.flows.hand_entries import made, tree, typed
from gateway.ports_facts import Span, Taken, Telling

_SHOWN_FROM_BYTES = 1_000_000
_WORTH_COUNTING = 1000
"""New facts that make an import count its months at once; after fewer, whoever asks for a report waits less than it."""
_COUNTS_FOR_S = 20
"""How long an import counts the months it brought, newest first."""


@click.group()
def facts() -> None:
    """Facts that reports rest on: sessions, openings, outages, PCs, contracts, invoices, plans (FACTS.md)."""


@facts.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@by_option
@json_option
@config_option
def import_(file: Path, by: str, as_json: bool, config_path: Path) -> None:
    """Take the facts of FILE ("-": standard input), all or none; known ones change nothing."""
    where = "standard input" if str(file) == "-" else file.name

    async def work(desk: Desk) -> Taken:
        telling = Telling(desk.now, signer(by), where)
        with click.open_file(str(file), "rb") as opened, _progress(file) as advance:
            taken = await desk.register.take(read_facts(_counted(opened, advance), where), telling)
        if taken.fresh < _WORTH_COUNTING:
            return taken
        clock = SystemClock()
        until = clock.boot_s() + _COUNTS_FOR_S
        with counting() as progress:  # what is left after that is counted when it is asked for, or by the night
            await count_all(desk.all_facts(), progress, lambda: clock.boot_s() > until)
        return taken

    taken = at_register(config_path, work)
    if as_json:
        show({"told": taken.told, "new": taken.fresh, "known": taken.told - taken.fresh})
        return
    click.echo(f"{taken.told} facts read, {taken.fresh} new, {taken.told - taken.fresh} known before")


@facts.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option("--from", "first", metavar="DAY", help="Only what may matter from this day on.")
@click.option("--to", "last", metavar="DAY", help="Only what may matter up to this day.")
@config_option
def export(file: Path, first: str | None, last: str | None, config_path: Path) -> None:
    """Write all facts that stand, in the one order and form that import reads."""
    span = _span(first, last)

    async def work(desk: Desk) -> int:
        written = 0

        def heard(fact: Fact) -> None:
            nonlocal written
            opened.write(fact_line(fact).encode() + b"\n")
            written += 1

        with click.open_file(str(file), "wb", atomic=str(file) != "-") as opened:
            opened.write(header().encode() + b"\n")
            await desk.all_facts().each(span, heard)
        return written

    count = at_register(config_path, work)
    click.echo(f"{count} facts written", err=True)


@facts.command("describe")
@click.argument("kind", required=False)
@click.option("--markdown", "as_page", is_flag=True, help="The whole reference, as FACTS.md has it.")
def describe(kind: str | None, as_page: bool) -> None:
    """Tell the kinds of facts, or the fields of one KIND with their units."""
    if as_page:
        click.echo(markdown(), nl=False)
        return
    if kind is None:
        for each in KINDS.values():
            click.echo(f"{each.name:15} {each.help}")
        return
    found = KINDS[_kind(kind)]
    click.echo(f"{found.name}: {found.help}\nkey: {', '.join(found.key) or 'the site'}; kept {found.term}\n")
    for name, must, what, help_ in table(found):
        click.echo(f"  {name:16} {'needed' if must else '':7} {help_}\n{'':27}{what.replace('`', '')}")


@facts.command("add")
@click.argument("kind")
@click.argument("values", nargs=-1, metavar="FIELD=VALUE...")
@click.option("--void", is_flag=True, help="It does not stand any more.")
@site_option
@by_option
@json_option
@config_option
def add(kind: str, values: tuple[str, ...], void: bool, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Tell one fact by hand: cong facts add plan year=2027 document=156/KH-UBND low_percent=5 high_percent=7.

    A known key gets its next revision; the ones before stay in the trail.
    """
    name = _kind(kind)
    told = {field: typed(name, field, text) for field, text in map(_pair, values)}

    async def work(desk: Desk) -> tuple[Fact, int]:
        fact = made(name, desk.site(site), told, void=void)
        return fact, await desk.amend([fact], by, f"cong facts add {name}")

    fact, fresh = at_register(config_path, work)
    if as_json:
        show({"new": fresh, "fact": tree(fact)})
        return
    click.echo(f"{name} {fact.key}".strip() + (": told" if fresh else ": stands so already"))


@facts.command("list")
@click.argument("kind")
@site_option
@json_option
@config_option
def list_(kind: str, site: str, as_json: bool, config_path: Path) -> None:
    """Show the facts of KIND that stand."""
    told = at_register(config_path, lambda desk: desk.register.standing([_kind(kind)], site=site or None))
    if as_json:
        show([tree(one) for one in told])
        return
    for one in told:
        click.echo(fact_line(one))


@facts.command("history")
@click.argument("kind")
@click.argument("key", default="")
@site_option
@json_option
@config_option
def history(kind: str, key: str, site: str, as_json: bool, config_path: Path) -> None:
    """Show all revisions of a fact, with who told it when."""
    name = _kind(kind)

    async def work(desk: Desk) -> list[dict[str, object]]:
        of = "" if KINDS[name].of_office else desk.site(site)
        return [
            {
                "told_at": each.telling.at.astimezone(desk.config.site.zone).isoformat(),
                "by": each.telling.author,
                "source": each.telling.source,
                "fact": tree(each.fact),
            }
            for each in await desk.register.history(name, of, key)
        ]

    told = at_register(config_path, work)
    if as_json:
        show(told)
        return
    for each in told:
        fact = each["fact"]
        assert isinstance(fact, dict)
        values = {name: value for name, value in fact.items() if name not in ("kind", "site", "rev", "void")}
        state = "void" if fact["void"] else values
        click.echo(f"rev {fact['rev']}  {each['told_at']}  {each['by']}  {each['source']}\n  {state}")


def _kind(text: str) -> str:
    if text not in KINDS:
        raise UsageError(f'there is no kind "{text}" of facts', hint="cong facts describe lists them")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f'"{text}" is no FIELD=VALUE')
    return name, value


def _span(first: str | None, last: str | None) -> Span | None:
    if first is None and last is None:
        return None
    return _midnight(first or "2000-01-01"), _midnight(last or "9998-12-30") + timedelta(days=1)


def _midnight(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise UsageError(f'"{text}" is no day', hint='write it as "2027-03-12"') from None


def _counted(opened: IO[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    seen = 0
    for line in opened:
        seen += len(line)
        if seen > 1 << 18:
            advance(seen)
            seen = 0
        yield line
    advance(seen)


@contextlib.contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar by bytes for a big file on a terminal, else nothing."""
    size = file.stat().st_size if str(file) != "-" else 0
    if size < _SHOWN_FROM_BYTES or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (TextColumn("import"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=size)
        yield lambda count: progress.advance(task, count)


facts.add_command(register)
