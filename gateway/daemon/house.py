"""What stands behind the doors: store, kernel, and what the journeys hold in their hands."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.access.client import Mac, phone_mac
from gateway.access.login import Method
from gateway.access.timeline import Step
from gateway.certificate import PortalCertificate
from gateway.clock import Clock, SystemClock
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.counts import FilterCounts
from gateway.daemon.identities import identity_verifiers
from gateway.daemon.kernel_parts import open_day_bytes, open_firewall, open_gate, until_closed
from gateway.daemon.recorders import Recorders, build_recorders
from gateway.flows.approvals import StaffApproval
from gateway.flows.board import Board
from gateway.flows.day_bytes import DayBytes
from gateway.flows.desk_codes import DeskCodes
from gateway.flows.devices import KnownDevices
from gateway.flows.garden import WalledGarden
from gateway.flows.gate import Gate
from gateway.flows.hours import Hours
from gateway.flows.knock import Knocks
from gateway.flows.meter import Watch
from gateway.flows.person import pseudonym
from gateway.flows.resume import Returns
from gateway.flows.sign_in import AcceptedTerms, House, Reception
from gateway.flows.staff import Staff
from gateway.flows.timeline import Timeline
from gateway.flows.tries import Tries
from gateway.flows.unmask import Unmasking
from gateway.flows.vouchers import Vouchers
from gateway.garden import Garden, GardenNames
from gateway.kernel.askers import ConntrackAskers
from gateway.kernel.conntrack import Conntrack
from gateway.kernel.sets import NftFirewall
from gateway.kernel.wall import KernelGardenWall
from gateway.line import Line
from gateway.local_accounts.hashing import OneThread
from gateway.portal.terms import operator_of, terms
from gateway.ports import Verifier
from gateway.ports_bytes import ByteCount
from gateway.ports_garden import GardenCount, GardenWall, Lookup
from gateway.resolvers import KnownResolvers
from gateway.shelf.folder import ShelfFolder
from gateway.store.accounted import SqliteAccounted
from gateway.store.approvals import SqliteApprovals
from gateway.store.board import SqliteNotices, SqlitePurposes
from gateway.store.calendar import SqliteCalendar
from gateway.store.db import Database
from gateway.store.devices import SqliteDevices
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.local_accounts import SqliteAccounts
from gateway.store.requests import SqliteRequests
from gateway.store.resumes import SqliteResumes
from gateway.store.staff import SqliteStaff
from gateway.store.starts import SqliteStarts
from gateway.store.usage import SqliteUsage
from gateway.store.voucher_key import voucher_key
from gateway.store.vouchers import SqliteVouchers
from gateway.strict.relay import Relay
from gateway.strict.teach import Teacher
from gateway.workers import WorkerResolver

if TYPE_CHECKING:
    from gateway.daemon.accounts import Radius


@dataclass(frozen=True, slots=True)
class Built:
    """What was built, for the parts that are built after it."""

    config: Config
    config_path: Path
    clock: SystemClock
    database: Database
    staff: Staff
    firewall: NftFirewall
    gate: Gate
    connections: Conntrack
    usage: SqliteUsage
    starts: SqliteStarts
    watch: Watch
    garden: Garden
    unmasking: Unmasking
    reception: Reception
    certificate: PortalCertificate | None
    counts: FilterCounts
    workers: WorkerResolver
    requests: SqliteRequests
    resolvers: KnownResolvers
    relays: tuple[Relay, ...]
    known: KnownDevices
    knocks: Knocks
    timeline: Timeline
    approvals: SqliteApprovals
    returns: Returns
    codes: DeskCodes
    radius: "Radius | None"
    vouchers: SqliteVouchers
    garden_bytes: DayBytes[GardenCount]
    carried: DayBytes[ByteCount]
    accounts: SqliteAccounts
    line: Line
    shelf: ShelfFolder
    board: Board
    recorders: Recorders


@contextlib.asynccontextmanager
async def build_house(config: Config, config_path: Path) -> AsyncIterator[Built]:
    clock = SystemClock()
    async with contextlib.AsyncExitStack() as opened:
        database = await opened.enter_async_context(Database.opened(config.state.database))
        firewall = open_firewall(opened, config, clock)
        usage, starts = SqliteUsage(database), SqliteStarts(database)
        gate, connections = open_gate(opened, config, clock, firewall, database, usage)
        key, phone = await starts.secret("person"), phone_mac(await starts.secret("phone"))
        workers, wall = WorkerResolver(config.dns.ports), until_closed(opened, KernelGardenWall(clock))
        garden_bytes, carried = open_day_bytes(opened, config, database, clock, wall)
        watch = Watch(config.session.book_every_s, clock.boot_s(), (garden_bytes, carried))
        garden = Garden(_garden_names(config), _walled(config, workers, wall, clock))
        unmasking = Unmasking(firewall, gate.neighbours, garden, workers)
        counts = FilterCounts(SqliteDnsCounts(database), clock, config.site.zone)
        radius = _radius(opened, config, gate, watch, database)
        verifiers = _verifiers(opened, config, radius, database, clock)
        reception = _reception(config, gate, database, verifiers, partial(pseudonym, key), phone)
        known = KnownDevices(reception, SqliteDevices(database), unmasking.wanted)
        knocks = Knocks(reception.roster, clock, gate.neighbours, known.welcome)
        timeline = Timeline(clock, gate.neighbours, gate.sessions)
        garden.heard = _told(knocks, timeline)
        yield Built(
            config,
            config_path,
            clock,
            database,
            _staff(opened, config, database, clock),
            firewall,
            gate,
            connections,
            usage,
            starts,
            watch,
            garden,
            unmasking,
            reception,
            _certificate(config),
            counts,
            workers,
            SqliteRequests(database),
            KnownResolvers(firewall, filter_settings(config)),
            tuple(_relays(config, Teacher(until_closed(opened, ConntrackAskers()), firewall))),
            known,
            knocks,
            timeline,
            SqliteApprovals(database),
            _returns(config, reception, database),
            DeskCodes(clock),
            radius,
            SqliteVouchers(database),
            garden_bytes,
            carried,
            SqliteAccounts(database),
            Line(config.wan.interface, filter_settings(config).upstreams),
            ShelfFolder(config.shelf_path, clock),
            _board(config, database, clock),
            build_recorders(opened, config, database, clock, reception.roster),
        )


def _radius(
    opened: contextlib.AsyncExitStack, config: Config, gate: Gate, watch: Watch, database: Database
) -> "Radius | None":
    if "radius" not in config.login.methods:
        return None
    from gateway.daemon.accounts import build_radius  # start-up: its rooms only where it is offered

    built = build_radius(config, gate, watch, SqliteAccounted(database))
    opened.callback(built.close)
    return built


def _staff(opened: contextlib.AsyncExitStack, config: Config, database: Database, clock: Clock) -> Staff:
    passwords = OneThread()
    opened.callback(passwords.close)
    return Staff(SqliteStaff(database), passwords, clock, config.site.name)


def _board(config: Config, database: Database, clock: Clock) -> Board:
    asked = config.portal.purpose.asked
    return Board(clock, config.site.zone, SqliteNotices(database), SqlitePurposes(database), asked)


def _returns(config: Config, reception: Reception, database: Database) -> Returns:
    site = config.site
    accepted = partial(
        terms,
        limit_min=reception.longest_s() // 60,
        methods=reception.verifiers,
        asks_purpose=config.portal.purpose.ask,
        operator=operator_of(site.name, site.run_by, site.phone, site.mail),
    )
    return Returns(reception, SqliteResumes(database), accepted)


def _told(knocks: Knocks, timeline: Timeline) -> Callable[[str], None]:
    """Who hears of each question at the garden."""

    def heard(address: str) -> None:
        knocks.heard(address)
        timeline.heard(address, Step.NAME)

    return heard


def _certificate(config: Config) -> PortalCertificate | None:
    portal = config.portal
    if portal.certificate is None or portal.certificate_key is None:
        return None
    found = PortalCertificate(portal.certificate, portal.certificate_key, portal.hostname, portal.certificate_authority)
    found.refresh()
    return found


def _reception(
    config: Config,
    gate: Gate,
    database: Database,
    verifiers: dict[Method, Verifier],
    pseudonym: Callable[[str], str],
    phone: Mac,
) -> Reception:
    clock, site = gate.clock, config.site
    plan = config.hours.calendar(site.zone, site.holiday_dates)
    hours = Hours(clock, plan, SqliteCalendar(database), enforced=config.hours.enforce, warn_s=config.hours.warn_s)
    return Reception(gate, _house(config, phone), verifiers, pseudonym, Tries(clock), hours)


def _house(config: Config, phone: Mac) -> House:
    session = config.session
    staff = frozenset((phone, *map(Mac, session.staff)))
    ends_oldest = config.login.when_full == "end-oldest"
    return House(session.profile, config.caps, staff, ends_oldest, config.site.zone, session.kiosk_idle_s)


def _verifiers(
    opened: contextlib.AsyncExitStack, config: Config, radius: "Radius | None", database: Database, clock: Clock
) -> dict[Method, Verifier]:
    """The methods offered, in their order."""
    known: dict[Method, Verifier] = {
        Method.TERMS: AcceptedTerms(),
        Method.APPROVAL: StaffApproval(SqliteApprovals(database), clock),
    }
    if Method.VOUCHER in config.login.offered:
        known[Method.VOUCHER] = Vouchers(SqliteVouchers(database), voucher_key(config.state.voucher_key), clock)
    known |= identity_verifiers(opened, config, database, clock)
    if radius:
        known[Method.RADIUS] = radius.verifier
    return {method: known[method] for method in config.login.offered}


def _relays(config: Config, teacher: Teacher) -> Iterator[Relay]:
    for profile in config.dns.profiles.values():
        if profile.strict != "off":
            yield Relay(profile.question_port, profile.port, teacher)


def _garden_names(config: Config) -> GardenNames:
    lan, portal = config.lan, config.portal
    synthetic: dict[int, IPv4Network | IPv6Network] = {1: portal.synthetic_ipv4}
    if lan.ipv6:
        synthetic[28] = portal.synthetic_ipv6
    return GardenNames(portal.hostname, lan.addresses, synthetic)


def _walled(config: Config, lookup: Lookup, wall: GardenWall, clock: Clock) -> WalledGarden | None:
    portal = config.portal
    if not portal.garden.names:
        return None
    synthetic = (portal.synthetic_ipv4, portal.synthetic_ipv6)
    least_s = portal.garden.least_life_s
    return WalledGarden(portal.garden.names, synthetic, config.session.profile, least_s, lookup, wall, clock)
