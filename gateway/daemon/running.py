"""What goes on while the doors are open: repeated jobs and listeners of the kernel."""

import asyncio
from functools import partial
from ipaddress import IPv6Interface

from gateway.access.timeline import Step
from gateway.certificate import PortalCertificate
from gateway.clock import is_clock_set
from gateway.config.model import Config
from gateway.counts import hear_counts
from gateway.daemon.desk_doors import DeskDoors
from gateway.daemon.house import Built
from gateway.daemon.renewing import EVERY_S as RENEWAL_S
from gateway.daemon.renewing import Renewal
from gateway.flows.approvals import settle
from gateway.flows.by_address import ByAddress
from gateway.flows.closing import end_at_closing
from gateway.flows.day_limits import end_spent
from gateway.flows.leases import Known, tell_guard
from gateway.flows.line_record import beat
from gateway.flows.local_accounts import end_shut
from gateway.flows.meter import meter
from gateway.flows.reconcile import reconcile
from gateway.flows.resume import end_superseded
from gateway.flows.vouchers import end_over
from gateway.jobs import Job, repeat
from gateway.kernel.advertise import Advertisement, advertise
from gateway.kernel.dhcp import DnsmasqLeases, lease_file, portal_api_url
from gateway.kernel.generations import watch_ruleset
from gateway.line import EVERY_S as LINE_S
from gateway.shelf.folder import EVERY_S as SHELF_S

_METER_S, _LEASES_S, _RECONCILE_S, _HEARTBEAT_S, _COUNTS_S, _RESOLVERS_S, _BY_ADDRESS_S = 5, 5, 60, 30, 10, 60, 10
_DAY_LIMITS_S, _CLOSING_S, _ACCOUNTS_S, _CERTIFICATE_S = 60, 5, 2, 60
_DEVICES_S, _APPROVALS_S, _SUPERSEDED_S, _VOUCHERS_S, _BOARD_S = 30, 30, 60, 10, 5


async def run_until(stop: asyncio.Event, house: Built, desk: DeskDoors, renewal: Renewal) -> None:
    config, gate, clock = house.config, house.gate, house.clock
    counts, known = house.counts, Known()
    leased = partial(house.timeline.note, step=Step.LEASE)
    leases = DnsmasqLeases(lease_file(config), config.lan.lease_s)
    repair = Job("reconcile", _RECONCILE_S, lambda: reconcile(gate))
    jobs: tuple[Job, ...] = (
        repair,
        Job("meter", _METER_S, lambda: meter(gate, house.watch)),
        Job(
            "leases",
            _LEASES_S,
            lambda: tell_guard(gate.firewall, leases, clock, known, leased),
        ),
        Job("heartbeat", _HEARTBEAT_S, lambda: house.starts.alive(beat(clock, is_clock_set))),
        Job("counts", _COUNTS_S, counts.store),
        Job("closing", _CLOSING_S, lambda: end_at_closing(house.reception)),
        Job("day_limits", _DAY_LIMITS_S, lambda: end_spent(house.reception)),
        Job("devices", _DEVICES_S, house.known.look),
        Job("approvals", _APPROVALS_S, lambda: _settle(house)),
        Job("superseded", _SUPERSEDED_S, lambda: end_superseded(house.returns)),
        Job("vouchers", _VOUCHERS_S, lambda: _end_over(house)),
        Job("resolvers", _RESOLVERS_S, house.resolvers.refresh),
        Job("shelf", SHELF_S, house.shelf.refresh),
        Job("board", _BOARD_S, house.board.refresh),
        Job("line", LINE_S, house.line.look),
        Job("settings", RENEWAL_S, renewal.look),
        *house.recorders.jobs(),
    )
    if certificate := house.certificate:
        jobs = (*jobs, Job("certificate", _CERTIFICATE_S, lambda: _look_at(certificate)))
    if house.relays:
        jobs = (*jobs, Job("by_address", _BY_ADDRESS_S, ByAddress(gate, counts, _log_only(config)).look))
    radius = house.radius
    if radius and radius.accounts:
        jobs = (*jobs, Job("accounts", _ACCOUNTS_S, radius.tell))
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(repeat(job)) for job in jobs]
        running.append(tasks.create_task(desk.run()))
        running.append(tasks.create_task(house.unmasking.run()))
        running.append(tasks.create_task(house.connections.run()))
        running.append(tasks.create_task(house.knocks.run()))
        running.append(tasks.create_task(house.timeline.run()))
        running.append(tasks.create_task(hear_counts(config.state.counts_socket, counts)))
        running.append(tasks.create_task(watch_ruleset(house.firewall.own_processes, repair.wake)))
        running += [tasks.create_task(relay.serve()) for relay in house.relays]
        if radius and radius.door:
            running.append(tasks.create_task(radius.door.serve()))
        if lan6 := config.lan.ipv6:
            running.append(tasks.create_task(advertise(config.lan.interface, lambda: _advertisement(house, lan6))))
        await stop.wait()
        for task in running:
            task.cancel()
    await counts.store()
    await house.recorders.wan.book()


async def _settle(house: Built) -> None:
    await settle(house.reception, house.approvals, house.unmasking.wanted)


def _advertisement(house: Built, lan6: IPv6Interface) -> Advertisement:
    is_valid = house.certificate is not None and house.certificate.is_valid
    return Advertisement(lan6.network, lan6.ip, portal_api_url(house.config) if is_valid else None)


async def _look_at(certificate: PortalCertificate) -> None:
    await asyncio.to_thread(certificate.refresh)


async def _end_over(house: Built) -> None:
    await end_over(house.gate, house.vouchers)
    await end_shut(house.reception, house.accounts)


def _log_only(config: Config) -> frozenset[str]:
    return frozenset(name for name, profile in config.dns.profiles.items() if profile.strict == "log-only")
