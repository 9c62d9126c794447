"""One worker process: its loop, its listeners, and what it follows (rules, lists) and tells (counts).

Made and watched by filters.server; it ends on SIGTERM.
"""

import asyncio
import gc
import mmap
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from filters import clock
from filters.blockset import Blockset
from filters.cache import Cache
from filters.counts import CountsSender, ProfileCounts, Recent
from filters.errors import FilterError
from filters.flush import FlushFile
from filters.generations import CurrentGeneration, pointed_to
from filters.guards import RateGuard
from filters.log import event
from filters.options import Options
from filters.policy import View
from filters.ready import Lane, Space
from filters.resolver import Resolver
from filters.rules import RulesFile
from filters.settings import FilterSettings, Profile
from filters.sockets import Listener
from filters.streams import Connection, Connections
from filters.udp import Buffers, UdpPort
from filters.upstreams.forwarder import Forwarder
from filters.views import view_of

LOOK_EVERY_S = 0.2
COUNT_EVERY_S = 1.0
GIVE_BACK_EVERY_S = 1.0
STEP_S = 2.0
"""A smaller difference between the clocks is drift and scheduling."""
FINISH_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Shared:
    """Memory that all workers write to; made before they are forked."""

    recent: Recent
    rate: RateGuard | None
    """None: no limit is set."""
    options: Options
    """With the key of the cookies: a client gets the same from every worker."""


class _StopError(Exception):
    """Ends the worker's task group."""


class Worker:
    """Serves until SIGTERM."""

    def __init__(
        self, settings: FilterSettings, number: int, listeners: Sequence[Listener], blockset: Blockset, shared: Shared
    ) -> None:
        self._settings = settings
        self._number = number
        self._listeners = listeners
        self._shared = shared
        self._generation = CurrentGeneration(settings.blockset_directory)  # looked at before it is read: no gap
        self._blockset = self._newest(blockset)
        self._rules = RulesFile(settings.local_rules)
        self._refresh_rules()
        half = settings.cache_bytes // 2  # the other half: ready answers of all profiles
        self._cache = Cache(half, settings.stale_s)
        self._flush = FlushFile(settings.local_rules.with_name("flush.json"))
        self._ahead_s = clock.wall_s() - clock.monotonic()
        self._gave_back = clock.monotonic()
        space = Space(half)
        self._lanes: dict[str, Lane] = {}
        for profile in settings.profiles:
            counts = ProfileCounts(shared.recent, with_names=settings.count_names)
            view, edge_at = self._view(profile)
            lane = Lane(profile.name, view, counts, space)
            lane.edge_at = edge_at
            self._lanes[profile.name] = lane

    async def serve(self) -> None:
        """Answer until told to stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        counted = [(name, lane.counts) for name, lane in self._lanes.items()]
        try:
            async with asyncio.TaskGroup() as group:
                forwarder = Forwarder(self._settings, group)
                sender = CountsSender(self._settings.counts_socket, counted, lambda: self._state(forwarder))
                resolver = Resolver(forwarder, self._cache, self._settings, self._shared.options, clock.monotonic)
                connections = Connections(resolver, clock.monotonic, self._shared.rate)
                servers = await self._listen(resolver, connections)
                group.create_task(self._follow())
                group.create_task(_tell(sender, connections))
                await stop.wait()
                await self._finish(resolver, servers)
                connections.close_all()
                forwarder.close()
                sender.close()
                raise _StopError
        except* _StopError:
            pass

    async def _listen(self, resolver: Resolver, connections: Connections) -> list[asyncio.Server]:
        servers: list[asyncio.Server] = []
        loop = asyncio.get_running_loop()
        buffers = {family: Buffers(family) for family in (socket.AF_INET, socket.AF_INET6)}
        for listener in self._listeners:
            lane = self._lanes[listener.profile]
            sock = listener.socket
            if listener.is_udp:
                family = socket.AF_INET6 if sock.family == socket.AF_INET6 else socket.AF_INET
                port = UdpPort(sock, lane, resolver, buffers[family], clock.monotonic, self._shared.rate)
                loop.add_reader(sock, port.on_readable)
            else:
                servers.append(await loop.create_server(partial(Connection, lane, connections), sock=sock))
        return servers

    async def _finish(self, resolver: Resolver, servers: list[asyncio.Server]) -> None:
        """Take no more questions, and answer those that wait; what comes now waits in sockets for who comes next."""
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            if listener.is_udp:
                loop.remove_reader(listener.socket)
        for server in servers:
            server.close()
        until = clock.monotonic() + FINISH_WITHIN_S
        while not resolver.is_idle and clock.monotonic() < until:  # noqa: ASYNC110 - once in a life, and bounded
            await asyncio.sleep(0.02)

    async def _follow(self) -> None:
        """Look for other rules, other lists and another hour, a few times a second."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            changed = self._forget_flushed() | self._refresh_rules() | self._clock_has_stepped()
            if self._generation.has_moved():
                found = await asyncio.to_thread(self._generation.load)
                if found is not None and found.generation != self._blockset.generation:
                    self._blockset = found
                    changed = True
                    event("lists.swapped", generation=found.generation)
            now = clock.monotonic()
            if now - self._gave_back >= GIVE_BACK_EVERY_S:
                self._gave_back = now
                self._blockset.give_back()
            for profile in self._settings.profiles:
                lane = self._lanes[profile.name]
                if changed or lane.edge_at <= now:
                    view, lane.edge_at = self._view(profile)
                    lane.change(view)

    def _state(self, forwarder: Forwarder) -> dict[str, Any]:
        """How this worker stands, for `cong dns stats`."""
        return {
            "worker": self._number,
            "pid": os.getpid(),
            "generation": self._blockset.generation,
            "built_at": self._blockset.about.get("built_at", 0),
            "rules": self._rules.rules.generation,
            "rss_bytes": _resident_bytes(),
            "cache_bytes": self._cache.used_bytes + sum(lane.used_bytes for lane in self._lanes.values()),
            "upstreams": [asdict(each) for each in forwarder.stats()],
        }

    def _forget_flushed(self) -> bool:
        """Forget what the operator wants forgotten; the ready answers are made anew as by another view."""
        names = self._flush.refresh()
        if names is not None:
            self._cache.flush(names)
        return names is not None

    def _refresh_rules(self) -> bool:
        try:
            return self._rules.refresh()
        except FilterError as broken:
            event("rules.kept_last_good", "error", where=broken.where, error=broken.message, hint=broken.hint)
            return False

    def _newest(self, inherited: Blockset) -> Blockset:
        """The generation on disk; the supervisor's own, already verified, when that is the one."""
        pointed = pointed_to(self._settings.blockset_directory)
        if pointed is not None and pointed.stem.isdigit() and int(pointed.stem) == inherited.generation:
            return inherited
        return self._generation.load() or inherited

    def _clock_has_stepped(self) -> bool:
        """Did the wall clock jump? The box may start without the right time and be told later."""
        ahead_s = clock.wall_s() - clock.monotonic()
        if abs(ahead_s - self._ahead_s) < STEP_S:
            return False
        self._ahead_s = ahead_s
        return True

    def _view(self, profile: Profile) -> tuple[View, float]:
        """A profile's view now, and the moment (monotonic) at which it must be made anew."""
        wall_s = clock.wall_s()
        view, until_s = view_of(profile, self._settings, self._blockset, self._rules.rules, wall_s)
        return view, clock.monotonic() + until_s - wall_s


async def _tell(sender: CountsSender, connections: Connections) -> None:
    while True:
        await asyncio.sleep(COUNT_EVERY_S)
        sender.send()
        connections.close_idle()


def _resident_bytes() -> int:
    # statm(5): pages; the second number is what is resident, shared pages with it
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE


def run_worker(
    settings: FilterSettings, number: int, listeners: Sequence[Listener], blockset: Blockset, shared: Shared
) -> None:
    """Serve in this process until SIGTERM; `blockset` is used when the disk has no whole one any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor passes on the end
    gc.set_threshold(100_000, 50, 100)  # ready answers have no cycles: a full collection would only stall the loop
    asyncio.run(Worker(settings, number, listeners, blockset, shared).serve())
