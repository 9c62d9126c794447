"""What keeps the record of line, PCs, volume and devices: built beside the house, run as its jobs."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.access.device import Roster
from gateway.clock import SystemClock, is_clock_set
from gateway.config.model import Config
from gateway.daemon.kernel_parts import until_closed
from gateway.flows import pc_presence
from gateway.flows.day_bytes import DayBytes
from gateway.flows.line_record import LineRecord
from gateway.flows.pc_presence import PcPresence
from gateway.jobs import Job
from gateway.kernel.neighbours import KernelNeighbours
from gateway.kernel.presence import KernelPresence
from gateway.ports_bytes import ByteCount
from gateway.probing import InterfaceCounters, LineProber
from gateway.store.day_bytes import SqliteDayBytes
from gateway.store.db import Database
from gateway.store.device_counts import SqliteDeviceCounts
from gateway.store.line import SqliteLine
from gateway.store.presence import SqlitePresence

_DEVICE_COUNTS_S, _WAN_S = 60, 60


@dataclass(frozen=True, slots=True)
class Recorders:
    """One for each thing on record."""

    config: Config
    clock: SystemClock
    line: LineRecord
    pcs: PcPresence
    wan: DayBytes[ByteCount]
    devices: SqliteDeviceCounts

    def jobs(self) -> Iterator[Job]:
        yield Job("line_record", self.config.wan.probes.every_s, self.line.look)
        yield Job("pc_presence", pc_presence.EVERY_S, self.pcs.look)
        yield Job("wan_volume", _WAN_S, self.wan.book)
        yield Job("device_counts", _DEVICE_COUNTS_S, lambda: self.devices.count(self.clock.now()))


def build_recorders(
    opened: contextlib.AsyncExitStack, config: Config, database: Database, clock: SystemClock, roster: Roster
) -> Recorders:
    neighbours = until_closed(opened, KernelNeighbours.open(config.lan.interface))
    wan, zone = config.wan, config.site.zone
    probes = wan.probes
    prober = LineProber(wan.interface, probes.first_hop, probes.at_home, probes.abroad)
    return Recorders(
        config,
        clock,
        LineRecord(clock, is_clock_set, prober, SqliteLine(database)),
        PcPresence(clock, zone, roster, KernelPresence(neighbours), SqlitePresence(database)),
        DayBytes(
            InterfaceCounters(wan.interface, clock.boot_id()),
            SqliteDayBytes(database, "wan", counts_before=False),
            clock,
            zone,
        ),
        SqliteDeviceCounts(database, zone),
    )
