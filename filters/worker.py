"""One worker process: its loop, its listeners, and what it follows (rules, lists) and tells (counts).

Made and watched by filters.server; it ends on SIGTERM.
"""

import asyncio
import gc
import signal
import socket
from collections.abc import Sequence
from functools import partial

from filters import clock
from filters.blockset import Blockset
from filters.cache import Cache
from filters.counts import CountsSender, ProfileCounts, Recent
from filters.errors import FilterError
from filters.generations import CurrentGeneration
from filters.log import event
from filters.policy import View
from filters.resolver import Lane, Resolver
from filters.rules import RulesFile
from filters.settings import FilterSettings
from filters.sockets import Listener
from filters.streams import Connection, Connections
from filters.udp import Buffers, UdpPort
from filters.upstream import Forwarder

LOOK_EVERY_S = 0.2
COUNT_EVERY_S = 1.0


class _StopError(Exception):
    """Ends the worker's task group."""


class Worker:
    """Serves until SIGTERM."""

    def __init__(
        self, settings: FilterSettings, listeners: Sequence[Listener], blockset: Blockset, recent: Recent
    ) -> None:
        self._settings = settings
        self._listeners = listeners
        self._generation = CurrentGeneration(settings.blockset_directory)  # looked at before it is read: no gap
        self._blockset = self._generation.load() or blockset
        self._rules = RulesFile(settings.local_rules)
        self._records = dict(settings.local_records)
        half = settings.cache_bytes // 2  # the other half: ready answers, shared out among the profiles
        self._cache = Cache(half)
        self._refresh_rules()
        self._lanes = {
            profile.name: Lane(
                profile.name,
                self._view(profile.categories),
                ProfileCounts(recent),
                half // len(settings.profiles),
            )
            for profile in settings.profiles
        }

    async def serve(self) -> None:
        """Answer until told to stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        sender = CountsSender(self._settings.counts_socket, [(n, lane.counts) for n, lane in self._lanes.items()])
        try:
            async with asyncio.TaskGroup() as group:
                forwarder = Forwarder(self._settings.upstreams)
                resolver = Resolver(forwarder, self._cache, group, clock.monotonic, self._settings.block_ttl_s)
                connections = Connections(resolver, clock.monotonic)
                await self._listen(resolver, connections)
                group.create_task(self._follow())
                group.create_task(_tell(sender, connections))
                await stop.wait()
                connections.close_all()
                raise _StopError
        except* _StopError:
            pass
        finally:
            sender.close()

    async def _listen(self, resolver: Resolver, connections: Connections) -> None:
        loop = asyncio.get_running_loop()
        buffers = {family: Buffers(family) for family in (socket.AF_INET, socket.AF_INET6)}
        for listener in self._listeners:
            lane = self._lanes[listener.profile]
            sock = listener.socket
            if listener.is_udp:
                family = socket.AF_INET6 if sock.family == socket.AF_INET6 else socket.AF_INET
                port = UdpPort(sock, lane, resolver, buffers[family], clock.monotonic)
                loop.add_reader(sock, port.on_readable)
            else:
                await loop.create_server(partial(Connection, lane, connections), sock=sock)

    async def _follow(self) -> None:
        """Look for other rules and other lists, a few times a second."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            changed = self._refresh_rules()
            if self._generation.has_moved():
                found = await asyncio.to_thread(self._generation.load)
                if found is not None and found.generation != self._blockset.generation:
                    self._blockset = found
                    changed = True
                    event("lists.swapped", generation=found.generation)
            if changed:
                self._change_views()

    def _refresh_rules(self) -> bool:
        try:
            return self._rules.refresh()
        except FilterError as broken:
            event("rules.kept_last_good", "error", where=broken.where, error=broken.message, hint=broken.hint)
            return False

    def _change_views(self) -> None:
        for profile in self._settings.profiles:
            self._lanes[profile.name].change(self._view(profile.categories))

    def _view(self, categories: frozenset[str]) -> View:
        return View(categories, self._blockset, self._rules.rules, self._records)


async def _tell(sender: CountsSender, connections: Connections) -> None:
    while True:
        await asyncio.sleep(COUNT_EVERY_S)
        sender.send()
        connections.close_idle()


def run_worker(settings: FilterSettings, listeners: Sequence[Listener], blockset: Blockset, recent: Recent) -> None:
    """Serve in this process until SIGTERM; `blockset` is used when the disk has no whole one any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor passes on the end
    gc.set_threshold(100_000, 50, 100)  # ready answers have no cycles: a full collection would only stall the loop
    asyncio.run(Worker(settings, listeners, blockset, recent).serve())
