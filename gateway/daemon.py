"""The one place that builds everything, in time order. No logic: what happens is in the rooms it joins.

Start: lock → store → kernel repaired from the store → doors opened → jobs. Any error before the doors is fatal.
Stop: last readings booked, doors closed. The kernel keeps what it has: admitted clients go on, nobody new gets in.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from aiohttp import web

from gateway import __version__
from gateway.access.client import Mac
from gateway.clock import SystemClock, process_age_s
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.control.server import Control, open_control
from gateway.counts import FilterCounts, hear_counts
from gateway.errors import ConfigError, GatewayError
from gateway.flows.admit import Offer
from gateway.flows.by_address import ByAddress
from gateway.flows.gate import Gate
from gateway.flows.leases import Known, tell_guard
from gateway.flows.meter import Watch, book_all, meter
from gateway.flows.reconcile import reconcile
from gateway.flows.unmask import Unmasking
from gateway.garden import Garden, GardenNames, serve_garden
from gateway.jobs import Job, repeat
from gateway.kernel.advertise import Advertisement, advertise
from gateway.kernel.askers import ConntrackAskers
from gateway.kernel.conntrack import Conntrack
from gateway.kernel.dhcp import DnsmasqLeases, lease_file, portal_api_url
from gateway.kernel.generations import watch_ruleset
from gateway.kernel.neighbours import KernelNeighbours
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.treatment import treatments
from gateway.log import event
from gateway.pages import Pages
from gateway.portal.api import CaptiveApi
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.redirector import Redirector
from gateway.portal.why import WhyPages
from gateway.resolvers import KnownResolvers
from gateway.store.db import Database
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.requests import SqliteRequests
from gateway.store.sessions import SqliteSessions
from gateway.store.starts import SqliteStarts
from gateway.store.usage import SqliteUsage
from gateway.strict.relay import Relay
from gateway.strict.teach import Teacher
from gateway.workers import WorkerResolver

_METER_S, _LEASES_S, _RECONCILE_S, _HEARTBEAT_S, _COUNTS_S, _RESOLVERS_S, _BY_ADDRESS_S = 5, 5, 60, 30, 10, 60, 10


@dataclass(frozen=True, slots=True)
class _House:
    """What was built, for the parts that are built after it."""

    config: Config
    clock: SystemClock
    firewall: NftFirewall
    gate: Gate
    usage: SqliteUsage
    starts: SqliteStarts
    watch: Watch
    garden: Garden
    unmasking: Unmasking
    counts: FilterCounts
    workers: WorkerResolver
    requests: SqliteRequests
    resolvers: KnownResolvers
    relays: tuple[Relay, ...]


def serve(config: Config) -> None:
    """Run the gateway until SIGTERM or SIGINT."""
    state = config.state
    for directory in (state.directory, state.run_directory):
        _make_directory(directory)
    with _only_one(state.run_directory / "serve.lock"):
        asyncio.run(_serve(config))


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _house(config) as house:
        await reconcile(house.gate)
        await house.resolvers.refresh()
        await house.starts.started(house.clock.now(), house.clock.boot_id())
        async with _doors(house):
            event("gateway.started", version=__version__, site=config.site.code, took_s=round(process_age_s(), 2))
            _tell_systemd("READY=1")
            await _run_until(stop, house)
            _tell_systemd("STOPPING=1")
        await book_all(house.gate, house.watch)
        await house.starts.alive(house.clock.now(), stopped=True)
    event("gateway.stopped")


@contextlib.asynccontextmanager
async def _house(config: Config) -> AsyncIterator[_House]:
    clock = SystemClock()
    ports = {name: profile.port for name, profile in config.dns.profiles.items()}
    async with contextlib.AsyncExitStack() as opened:
        database = await Database.open(config.state.database)
        opened.push_async_callback(database.close)
        firewall = NftFirewall(ruleset(config), treatments(config), clock)
        opened.callback(firewall.close)
        neighbours = KernelNeighbours.open(config.lan.interface)
        opened.callback(neighbours.close)
        connections = Conntrack(own=config.lan.addresses, clock=clock)
        opened.callback(connections.close)
        usage = SqliteUsage(database)
        gate = Gate(
            clock, firewall, neighbours, connections, SqliteSessions(database), usage, config.session.dead_man_s
        )
        watch = Watch(config.session.book_every_s, clock.boot_s())
        garden = Garden(_garden_names(config))
        workers = WorkerResolver(ports)
        unmasking = Unmasking(firewall, neighbours, garden, workers)
        counts = FilterCounts(SqliteDnsCounts(database), clock, config.site.zone)
        askers = ConntrackAskers()
        opened.callback(askers.close)
        yield _House(
            config,
            clock,
            firewall,
            gate,
            usage,
            SqliteStarts(database),
            watch,
            garden,
            unmasking,
            counts,
            workers,
            SqliteRequests(database),
            KnownResolvers(firewall, filter_settings(config)),
            tuple(_relays(config, Teacher(askers, firewall))),
        )


@contextlib.asynccontextmanager
async def _doors(house: _House) -> AsyncIterator[None]:
    """The portal's listeners, the garden's, and the control socket."""
    config, gate = house.config, house.gate
    portal, session = config.portal, config.session
    offer = Offer(session.profile, session.limit_s, session.idle_s, frozenset(Mac(mac) for mac in session.staff))
    welcome = Welcome(
        config.site.name, config.site.phone, config.site.mail, config.site.language, _portal_hosts(config)
    )
    frame = Frame(gate, Pages(), welcome, await house.starts.secret("portal"))
    patron = PatronPages(gate, offer, frame, house.unmasking.wanted)
    why = WhyPages(gate, frame, house.workers, house.requests, f"http://{portal.hostname}/")
    redirector = Redirector(f"http://{portal.hostname}/")
    async with contextlib.AsyncExitStack() as opened:
        await _serve_pages(opened, patron.application(why.routes()), portal.port, None)
        await _serve_pages(opened, why.application(), portal.page_port, None)
        if portal.certificate and portal.certificate_key:
            api = CaptiveApi(gate, portal.hostname)
            context = _tls(portal.certificate, portal.certificate_key)
            await _serve_pages(opened, patron.application([*why.routes(), *api.routes()]), portal.tls_port, context)
        with _port_errors(portal.redirect_port):
            listener = await asyncio.get_running_loop().create_server(redirector.protocol, None, portal.redirect_port)
        await opened.enter_async_context(listener)
        await opened.enter_async_context(serve_garden(house.garden, portal.garden_port))
        # the last: who can be asked over it has all doors open
        runner = await open_control(Control(gate, house.watch, house.counts), config.state.control_socket)
        opened.push_async_callback(runner.cleanup)
        yield


async def _run_until(stop: asyncio.Event, house: _House) -> None:
    config, gate, clock = house.config, house.gate, house.clock
    counts, known = house.counts, Known()
    leases = DnsmasqLeases(lease_file(config), config.lan.lease_s)
    repair = Job("reconcile", _RECONCILE_S, lambda: reconcile(gate))
    jobs: tuple[Job, ...] = (
        repair,
        Job("meter", _METER_S, lambda: meter(gate, house.watch)),
        Job("leases", _LEASES_S, lambda: tell_guard(gate.firewall, leases, clock, known)),
        Job("heartbeat", _HEARTBEAT_S, lambda: house.starts.alive(clock.now())),
        Job("counts", _COUNTS_S, counts.store),
        Job("resolvers", _RESOLVERS_S, house.resolvers.refresh),
    )
    if house.relays:
        jobs = (*jobs, Job("by_address", _BY_ADDRESS_S, ByAddress(gate, counts, _log_only(config)).look))
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(repeat(job)) for job in jobs]
        running.append(tasks.create_task(house.unmasking.run()))
        running.append(tasks.create_task(hear_counts(config.state.counts_socket, counts)))
        running.append(tasks.create_task(watch_ruleset(house.firewall.own_processes, repair.wake)))
        running += [tasks.create_task(relay.serve()) for relay in house.relays]
        if config.lan.ipv6:
            told = Advertisement(config.lan.ipv6.network, config.lan.ipv6.ip, portal_api_url(config))
            running.append(tasks.create_task(advertise(config.lan.interface, told)))
        await stop.wait()
        for task in running:
            task.cancel()
    await counts.store()


async def _serve_pages(
    opened: contextlib.AsyncExitStack, application: web.Application, port: int, context: ssl.SSLContext | None
) -> None:
    runner = web.AppRunner(application, access_log=None, keepalive_timeout=15, shutdown_timeout=2)
    await runner.setup()
    opened.push_async_callback(runner.cleanup)
    with _port_errors(port):
        await web.TCPSite(runner, None, port, ssl_context=context, backlog=512).start()


@contextlib.contextmanager
def _port_errors(port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GatewayError(
            f"port {port} can't be had: {error.strerror}",
            where="portal",
            hint=f"see who holds it: ss -ltnp 'sport = :{port}'",
        ) from error


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        problem = f"portal.certificate, portal.certificate_key: {error}"
        raise ConfigError((problem,), where=str(certificate)) from error
    return context


def _portal_hosts(config: Config) -> frozenset[str]:
    """As a URL has them: IPv6 literals in brackets (RFC 3986 section 3.2.2)."""
    literals = (f"[{address}]" if ":" in address else address for address in config.lan.addresses)
    return frozenset({config.portal.hostname, *literals})


def _relays(config: Config, teacher: Teacher) -> Iterator[Relay]:
    for profile in config.dns.profiles.values():
        if profile.strict != "off":
            yield Relay(profile.question_port, profile.port, teacher)


def _log_only(config: Config) -> frozenset[str]:
    return frozenset(name for name, profile in config.dns.profiles.items() if profile.strict == "log-only")


def _garden_names(config: Config) -> GardenNames:
    lan, portal = config.lan, config.portal
    synthetic: dict[int, IPv4Network | IPv6Network] = {1: portal.synthetic_ipv4}
    if lan.ipv6:
        synthetic[28] = portal.synthetic_ipv6
    return GardenNames(portal.hostname, lan.addresses, synthetic)


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GatewayError(
            f"the directory can't be made: {error.strerror}", where=str(directory), hint="see [state] and its rights"
        ) from error


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GatewayError(
                "another gateway is running with this configuration; this one did nothing",
                where=str(path),
                hint="stop it first: systemctl stop cong-gateway",
            ) from None
        yield


def _tell_systemd(message: str) -> None:
    """sd_notify(3), where systemd listens."""
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link, contextlib.suppress(OSError):
            link.sendto(message.encode(), "\0" + path[1:] if path.startswith("@") else path)
