"""The kernel's parts of the house: opened with it, closed with it."""

import contextlib
from typing import Protocol, TypeVar

from gateway.clock import Clock
from gateway.config.model import Config
from gateway.flows.day_bytes import DayBytes
from gateway.flows.gate import Gate
from gateway.kernel.carried import KernelCarried
from gateway.kernel.conntrack import Conntrack
from gateway.kernel.neighbours import KernelNeighbours
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.shaper import Shaper, open_rates, wires
from gateway.kernel.treatment import treatments
from gateway.kernel.wall import KernelGardenWall
from gateway.ports_bytes import ByteCount
from gateway.ports_garden import GardenCount
from gateway.store.day_bytes import SqliteDayBytes
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage


def open_firewall(opened: contextlib.AsyncExitStack, config: Config, clock: Clock) -> NftFirewall:
    """With the ruleset and the queues of the configuration."""
    shaper = Shaper(wires(config), open_rates(config))
    return until_closed(opened, NftFirewall(ruleset(config), treatments(config), shaper, clock))


class _Closes(Protocol):
    def close(self) -> None: ...


_T = TypeVar("_T", bound=_Closes)


def until_closed(opened: contextlib.AsyncExitStack, part: _T) -> _T:
    """The part, closed with the house."""
    opened.callback(part.close)
    return part


def open_day_bytes(
    opened: contextlib.AsyncExitStack, config: Config, database: Database, clock: Clock, wall: KernelGardenWall
) -> tuple[DayBytes[GardenCount], DayBytes[ByteCount]]:
    """Of the garden, and of all that is carried."""
    carried, zone = until_closed(opened, KernelCarried(clock)), config.site.zone
    return (
        DayBytes(wall, SqliteDayBytes(database, "garden"), clock, zone),
        DayBytes(carried, SqliteDayBytes(database, "carried"), clock, zone),
    )


def open_gate(
    opened: contextlib.AsyncExitStack,
    config: Config,
    clock: Clock,
    firewall: NftFirewall,
    database: Database,
    usage: SqliteUsage,
) -> tuple[Gate, Conntrack]:
    """What the session's journeys hold, and the connection table beside it."""
    neighbours = until_closed(opened, KernelNeighbours.open(config.lan.interface))
    connections = until_closed(opened, Conntrack(config.lan.addresses, clock, neighbours))
    sessions, dead_man_s = SqliteSessions(database), config.session.dead_man_s
    return Gate(clock, firewall, neighbours, connections, sessions, usage, dead_man_s), connections
