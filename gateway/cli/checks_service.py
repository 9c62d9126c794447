"""cong doctor, what the gateway hangs on: itself, filter, line, certificate, open sites, library system, mail."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from gateway.certificate import RENEW_BEFORE_S, Verdict
from gateway.cli.certificate import portal_verdict
from gateway.cli.checkup import Finding, Grade, failed, fault, good, warning
from gateway.cli.mail_told import mail_state
from gateway.cli.self_check import last, told
from gateway.clock import SystemClock
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.daemon.library_cards import sip2_server
from gateway.errors import GatewayError
from gateway.line import Line
from gateway.phone.findings import Outcome
from gateway.sip2.connection import Connection, Sip2Error
from gateway.units import epoch_s, from_epoch_s
from gateway.workers import WorkerResolver


def service(config: Config, now: datetime, language: str) -> Iterator[Finding]:
    """Each in turn; `language` is that of what the last self-check says."""
    yield from _gateway(config)
    yield asyncio.run(_filter(config))
    yield asyncio.run(_line(config))
    if verdict := portal_verdict(config):
        yield _certificate(config, verdict, now)
    if config.portal.garden.names:
        yield from asyncio.run(_open_sites(config))
    if "card" in config.login.methods:
        yield asyncio.run(_library_system(config))
    if mailed := mail_state(config, now, language):
        yield mailed
    yield from _self_check(config, now, language)


def _gateway(config: Config) -> Iterator[Finding]:
    try:
        answer = ask(config.state.control_socket, "GET", "/")
    except NotRunningError:
        yield fault("gateway", "not_running")
    except GatewayError as error:
        yield failed("gateway", error)
    else:
        yield good("gateway", pid=answer["pid"])
        if answer["desk"] == "failed":
            yield fault("desk", "closed")


async def _filter(config: Config) -> Finding:
    """Do the workers of each profile answer?"""
    workers = WorkerResolver({name: profile.port for name, profile in config.dns.profiles.items()})
    silent = []
    for name in config.dns.profiles:
        try:
            await workers.refused(config.portal.hostname, name)
        except GatewayError:
            silent.append(name)
    return fault("filter", "silent", profiles=", ".join(silent)) if silent else good("filter")


async def _line(config: Config) -> Finding:
    line = Line(config.wan.interface, filter_settings(config).upstreams)
    for _ in range(3):
        await line.look()
        if line.is_up_now:
            return good("line")
    return warning("line", "down")


def _certificate(config: Config, verdict: Verdict, now: datetime) -> Finding:
    if not verdict.is_valid:
        return fault("certificate", verdict.fault.value, why=verdict.why)
    ends_s = verdict.not_after_s or 0
    until = f"{from_epoch_s(ends_s).astimezone(config.site.zone):%Y-%m-%d}"
    is_late = ends_s - epoch_s(now) < RENEW_BEFORE_S
    return warning("certificate", "ends", until=until) if is_late else good("certificate", until=until)


async def _open_sites(config: Config) -> list[Finding]:
    """The filter's own workers are asked for each, as for a captive client."""
    profile = config.session.profile
    workers = WorkerResolver({profile: config.dns.profiles[profile].port})
    names, found = config.portal.garden.names, []
    for name in names:
        both = [await workers.look_up(name, family, profile) for family in (4, 6)]
        places = [address for each in both if each for address in each.addresses]
        closed = [place for place in places if ip_address(place).is_unspecified or place in config.page_addresses]
        if closed or both == [None, None]:
            found.append(fault("open_site", "closed", name=name, profile=profile))
        elif places:
            found.append(good("open_site", name=name, places=", ".join(places)))
        else:
            found.append(good("open_site", "no_address", name=name))
    return found


async def _library_system(config: Config) -> Finding:
    """Over a connection of its own, as the gateway makes one: reachable, logged in, answers."""
    sip2, clock = config.login.sip2, SystemClock()
    values: dict[str, str | int] = {"host": sip2.host, "port": sip2.port}
    try:
        server = sip2_server(sip2)
        began = clock.boot_s()
        connection = await Connection.open(server)
    except GatewayError as error:
        return failed("library", error, **values)
    except Sip2Error as error:
        return fault("library", error.trouble.value, why=str(error), **values)
    took_ms, status = round((clock.boot_s() - began) * 1000), connection.status
    connection.close()
    if sip2.institution and status.institution and status.institution != sip2.institution:
        return fault("library", "institution", theirs=status.institution, ours=sip2.institution, **values)
    message = "63" if status.takes_information else "23"
    said = "ok" if sip2.login else "no_login"
    return good("library", said, ms=took_ms, message=message, **values)


def _self_check(config: Config, now: datetime, language: str) -> Iterator[Finding]:
    kept = last(config)
    if kept is None:
        return
    at, today = kept.at.astimezone(config.site.zone), now.astimezone(config.site.zone).date()
    when = {"day": f"{at:%Y-%m-%d}", "at": f"{at:%H:%M}"}
    of_today = "_today" if at.date() == today else ""
    faults = [each for each in kept.findings if each.outcome is Outcome.FAULT]
    if not faults:
        yield good("self_check", f"ok{of_today}", **when)
        return
    name, said, hint = told(faults[0], language)
    values: dict[str, str | int] = {**when, "step": name, "why": said}
    yield Finding("self_check", Grade.FAULT, f"fault{of_today}", values, hint)
