"""cong line: outages of the ISP's line as they are kept for reports and the credit claim."""

from datetime import datetime, time, timedelta

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import made, moment, tree
from gateway.flows.line_entries import CAUSES, enter_outage, isp_told, outages_between, say_cause
from gateway.ports_line import ToldSpell
from gateway.probing import InterfaceCounters
from gateway.reports.spans import parse_span
from gateway.service.line import Kind, begin_of
from gateway.service.speed import LEAST_S
from gateway.speedtest import measure
from gateway.store.line import SqliteLine
from gateway.store.live_record import iso
from gateway.visits.comparison import Dates

_LASTS_S = LEAST_S


@click.group()
def line() -> None:
    """The ISP's line: outages by cause, when the ISP was told, its tickets."""


@line.command("outages")
@click.argument("month", default="")
@click.option("--cause", type=click.Choice(CAUSES), help="Only of this cause.")
@site_option
@json_option
@config_option
def outages(month: str, cause: str | None, site: str, as_json: bool, config_path: Path) -> None:
    """List outages, of a MONTH such as 2027-03, or all."""
    dates = _month(month) if month else None
    chosen = at_register(config_path, lambda desk: outages_between(desk.entries, dates, cause, site or None))
    if as_json:
        show([tree(each) for each in chosen])
        return
    for each in chosen:
        click.echo(_line(each))


@line.command("outage")
@click.argument("begin")
@click.argument("end", default="")
@click.option("--cause", type=click.Choice(CAUSES), required=True, help="Whose it is; the ISP's alone are claimed.")
@click.option("--note", default="", help="What else is known.")
@site_option
@by_option
@json_option
@config_option
def outage(begin: str, end: str, cause: str, note: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Enter an outage by hand: cong line outage "2027-03-31 14:00" "2027-03-31 14:36" --cause isp."""

    async def work(desk: Desk) -> Fact:
        since = moment(begin, desk.entries.zone)
        until = moment(end, desk.entries.zone) if end else ""
        telling = desk.telling(by, "cong line outage")
        return await enter_outage(desk.entries, desk.site(site), since, until, cause, note, telling)

    _said(at_register(config_path, work), as_json)


@line.command("told")
@click.argument("number")
@click.option("--at", "at", default="", help="When the ISP was told; now if left out.")
@click.option("--ticket", default="", help="The ISP's number of the incident.")
@site_option
@by_option
@json_option
@config_option
def told(number: str, at: str, ticket: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Note that the ISP was told of outage NUMBER: its time to repair runs from there."""

    async def work(desk: Desk) -> Fact:
        reported = moment(at, desk.entries.zone) if at else desk.now.isoformat()
        telling = desk.telling(by, "cong line told")
        return (await isp_told(desk.entries, desk.site(site), number, reported, ticket, telling))[1]

    _said(at_register(config_path, work), as_json)


@line.command("cause")
@click.argument("number")
@click.argument("cause", type=click.Choice(CAUSES))
@click.option("--note", default="", help="What says so.")
@site_option
@by_option
@json_option
@config_option
def cause(number: str, cause: str, note: str, site: str, by: str, as_json: bool, config_path: Path) -> None:
    """Say whose outage NUMBER was; begin, end and evidence stay."""

    async def work(desk: Desk) -> Fact:
        telling = desk.telling(by, "cong line cause")
        return (await say_cause(desk.entries, desk.site(site), number, cause, note, telling))[1]

    _said(at_register(config_path, work), as_json)


@line.command("evidence")
@click.argument("number")
@config_option
def evidence(number: str, config_path: Path) -> None:
    """Print the log an outage of the gateway's own rests on; its SHA-256 is the outage's evidence_sha256."""
    begin = begin_of(number)
    if begin is None:
        raise UsageError(f"{number} is no outage the gateway saw", hint="cong line outages lists them: L...")

    async def work(desk: Desk) -> str | None:
        return await SqliteLine(desk.database).log(begin)

    log = at_register(config_path, work)
    if log is None:
        raise UsageError(f"there is no log of {number}", hint="logs are kept 400 days")
    click.echo(log, nl=False)


@line.command("abroad")
@click.argument("month")
@json_option
@config_option
def abroad(month: str, as_json: bool, config_path: Path) -> None:
    """Spells of a MONTH in which targets at home answered and none abroad did: told, no outage."""
    begin, end = _month(month)

    async def work(desk: Desk) -> list[ToldSpell]:
        zone = desk.config.site.zone
        span = datetime.combine(begin, time.min, zone), datetime.combine(end + timedelta(days=1), time.min, zone)
        return await SqliteLine(desk.database).spells(*span, desk.now)

    told = [each for each in at_register(config_path, work) if each.spell.kind is Kind.ABROAD_DEGRADED]
    rows = [
        {
            "begin": iso(each.spell.start),
            "end": None if each.goes_on else iso(each.spell.stop),
            "failed_rounds": each.evidence.failed_rounds,
        }
        for each in told
    ]
    if as_json:
        show(rows)
        return
    for row in rows:
        click.echo(f"{row['begin']} .. {row['end'] or 'goes on'}  {row['failed_rounds']} looks")


@line.command("speed")
@click.option("--url", default="", help="Fetched instead of wan.speed_url.")
@click.option("--lasts", default=_LASTS_S, show_default=True, type=click.IntRange(1, 300), help="Seconds of it.")
@by_option
@json_option
@config_option
def speed(url: str, lasts: int, by: str, as_json: bool, config_path: Path) -> None:
    """Measure the line now, from this box, and note it; best while nobody is on: it fills the line.

    Shorter than 10 s, or while patrons use 5 % of the line, it is noted but counts for nothing.
    """

    async def work(desk: Desk) -> Fact:
        config, clock = desk.config, SystemClock()
        asked = url or config.wan.speed_url
        if not asked:
            raise UsageError("there is nothing to measure against", where="wan.speed_url", hint="set it, or give --url")
        counters = InterfaceCounters(config.lan.interface, "")

        def to_clients() -> int:
            counted = counters.read()
            return counted.up_bytes if counted else 0

        found = await measure(asked, lasts, clock.boot_s, to_clients)
        numbers = {"kbit_s": found.kbit_s, "client_kbit_s": found.client_kbit_s, "lasted_s": found.lasted_s}
        fact = made("speed_test", desk.site(""), {"at": desk.now.replace(microsecond=0).isoformat(), **numbers})
        await desk.amend([fact], by, "cong line speed")
        return fact

    fact = at_register(config_path, work)
    if as_json:
        show(tree(fact))
        return
    told = fact.number
    click.echo(
        f"{fact.text('at')}  {told('kbit_s') / 1000:.1f} Mb/s over {told('lasted_s')} s; "
        f"to patrons meanwhile {told('client_kbit_s') / 1000:.1f} Mb/s"
    )


def _month(text: str) -> Dates:
    try:
        return parse_span("month", text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _said(fact: Fact, as_json: bool) -> None:
    if as_json:
        show(tree(fact))
        return
    click.echo(_line(fact))


def _line(fact: Fact) -> str:
    reported = f"  told {fact.text('reported_at')} {fact.text('ticket')}".rstrip() if fact.has("reported_at") else ""
    span = f"{fact.text('begin')} .. {fact.text('end') or 'goes on':20}"
    return f"{fact.key:18} {fact.site:12} {span}  {fact.text('cause'):8}{reported}  {fact.text('note')}".rstrip()
