"""cong doctor: are the things the gateway hangs on in order, and if not, what is to be done."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from ipaddress import ip_address

import click

from gateway.cli.certificate import portal_verdict
from gateway.cli.mail_told import mail_state
from gateway.cli.options import config_option, json_option
from gateway.cli.self_check import is_due, last, self_check, told
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config, read_layers, read_texts
from gateway.config.model import Config
from gateway.control.client import ask
from gateway.daemon.identities import sip2_server
from gateway.errors import GatewayError
from gateway.pages import LANGUAGES, text
from gateway.phone.findings import Finding as Step
from gateway.phone.findings import Outcome
from gateway.sip2.connection import Connection, Sip2Error, Trouble
from gateway.workers import WorkerResolver


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    thing: str
    good: bool
    said: str
    hint: str = ""


@click.command()
@click.option("--portal", is_flag=True, help="Send a fake phone through the portal, as a reader's; takes about 20 s.")
@click.option("--before-opening", is_flag=True, help="With --portal: only in the hour before opening, once.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="Of what the phone tells.")
@json_option
@config_option
def doctor(portal: bool, before_opening: bool, language: str, as_json: bool, config_path: Path) -> None:
    """Look at the gateway, its certificate, sites open before login, the library system.

    Exit code 1 when one is not in order.

    --portal looks at the portal alone, from outside: as root, on the gateway, while it runs. Readers notice nothing.
    """
    config = load_config(config_path)
    if portal:
        if not before_opening or is_due(config):
            _portal(config, language, as_json=as_json)
        return
    found = [*_findings(config), *_desk_settings(config_path)]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(f"{'ok   ' if each.good else 'FAULT'}  {each.thing}: {each.said}")
            if each.hint and not each.good:
                click.echo(f"         hint: {each.hint}")
    if not all(each.good for each in found):
        raise click.exceptions.Exit(1)


_WORDS = {Outcome.OK: "ok   ", Outcome.FAULT: "FAULT", Outcome.NOTE: "note "}


def _portal(config: Config, language: str, *, as_json: bool) -> None:
    def tell(step: Step) -> None:
        if not as_json:
            name, said, hint = told(step, language)
            click.echo(f"{_WORDS[step.outcome]}  {name}: {said} ({step.ms} ms)")
            if hint:
                click.echo(f"         {text(language, 'phone.do')}: {hint}")

    kept = self_check(config, tell)
    if as_json:
        steps = []
        for step in kept.findings:
            name, said, hint = told(step, language)
            steps.append({**step.as_json(), "name": name, "said": said, "hint": hint})
        tree = {"at": kept.at.isoformat(timespec="seconds"), "good": kept.is_good, "steps": steps}
        click.echo(json.dumps(tree, indent=2, ensure_ascii=False))
    if not kept.is_good:
        raise click.exceptions.Exit(1)


def _findings(config: Config) -> Iterator[Finding]:
    yield _gateway(config)
    verdict = portal_verdict(config)
    if verdict is not None:
        yield Finding("certificate", verdict.is_valid, verdict.why or "devices believe it", verdict.hint)
    if config.portal.garden.names:
        yield from asyncio.run(_open_sites(config))
    if "card" in config.login.methods:
        yield asyncio.run(_library_system(config))
    if mailed := mail_state(config, SystemClock().now()):
        yield Finding("nightly mail", *mailed)
    if checked := _self_check(config):
        yield checked


def _desk_settings(path: Path) -> Iterator[Finding]:
    for problem in read_layers(read_texts(path)).left_out:
        yield Finding("settings of the desk", False, f"left out: {problem}", "set it anew at the desk")


def _gateway(config: Config) -> Finding:
    try:
        answer = ask(config.state.control_socket, "GET", "/")
    except GatewayError as error:
        return Finding("gateway", False, error.message, error.hint)
    return Finding("gateway", True, f"serves, process {answer['pid']}")


def _self_check(config: Config) -> Finding | None:
    kept = last(config)
    if kept is None:
        return None
    at, now = kept.at.astimezone(config.site.zone), SystemClock().now().astimezone(config.site.zone)
    when = f"today {at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"
    faults = [told(each, "en") for each in kept.findings if each.outcome is Outcome.FAULT]
    if not faults:
        return Finding("self-check", True, f"{when}: in order")
    name, said, hint = faults[0]
    return Finding("self-check", False, f"{when}: {name}: {said}", f"{hint}; then look again: cong doctor --portal")


async def _open_sites(config: Config) -> list[Finding]:
    """The filter's own workers are asked for each, as for a captive client."""
    profile = config.session.profile
    workers = WorkerResolver({profile: config.dns.profiles[profile].port})
    names, found = config.portal.garden.names, []
    for name in names:
        both = [await workers.look_up(name, family, profile) for family in (4, 6)]
        thing = f"open before login: {name}"
        places = [address for each in both if each for address in each.addresses]
        closed = [place for place in places if ip_address(place).is_unspecified or place in config.page_addresses]
        if closed or both == [None, None]:
            said = "stays closed: the filter refuses it, or nobody knows it, or the line is down"
            found.append(Finding(thing, False, said, f"cong lists check {name} --profile {profile}"))
        else:
            said = f"leads to {', '.join(places)}" if places else "has no address itself; names below it may have"
            found.append(Finding(thing, True, said))
    return found


async def _library_system(config: Config) -> Finding:
    """Over a connection of its own, as the gateway makes one: reachable, logged in, answers."""
    sip2, clock = config.login.sip2, SystemClock()
    thing = f"library system {sip2.host} port {sip2.port}"
    try:
        server = sip2_server(sip2)
        began = clock.boot_s()
        connection = await Connection.open(server)
    except GatewayError as error:
        return Finding(thing, False, error.message, error.hint)
    except Sip2Error as error:
        return Finding(thing, False, str(error), _HINTS[error.trouble])
    took_ms, status = round((clock.boot_s() - began) * 1000), connection.status
    connection.close()
    if sip2.institution and status.institution and status.institution != sip2.institution:
        said = f"it names itself {status.institution}, login.sip2.institution is {sip2.institution}"
        return Finding(thing, False, said, "most systems refuse questions about another institution")
    logged_in = "logged in" if sip2.login else "it wants no login"
    message = "63" if status.takes_information else "23"
    return Finding(
        thing, True, f"reached, {logged_in}, answers within {took_ms} ms; asked about cards by message {message}"
    )


_HINTS = {
    Trouble.UNREACHABLE: "is it running, is login.sip2 host and port right, does its firewall let this box in",
    Trouble.LOST: "it may let in only addresses it knows: look at its list of SIP2 clients",
    Trouble.SILENT: "look at its own log, and at login.sip2 tls; error_detection = false helps old systems",
    Trouble.LOGIN: "the account must exist there (Koha: SIPconfig.xml, accounts) with this password",
    Trouble.OFFLINE: "ask whoever runs it",
    Trouble.GARBLED: "look at login.sip2 port, tls and line_end",
}
