"""What keeps the record of line, PCs and volume: built beside the house, run as its jobs."""

from dataclasses import dataclass

from gateway.clock import SystemClock, is_clock_set
from gateway.config.model import Config
from gateway.flows.line_record import LineRecord
from gateway.probing import LineProber
from gateway.store.db import Database
from gateway.store.line import SqliteLine


@dataclass(frozen=True, slots=True)
class Recorders:
    """One for each thing on record."""

    line: LineRecord


def build_recorders(config: Config, database: Database, clock: SystemClock) -> Recorders:
    probes = config.wan.probes
    prober = LineProber(config.wan.interface, probes.first_hop, probes.at_home, probes.abroad)
    return Recorders(LineRecord(clock, is_clock_set, prober, SqliteLine(database)))
