"""All upstreams of one worker: the fastest good one first, another beside it when it is late, the first answer wins.

In: a question. Out: Kept, or NoAnswerError within WHOLE_S. Names of a forward zone go to that zone's upstreams alone.
"""

import asyncio
from asyncio import Future, Task, TaskGroup, TimerHandle
from collections.abc import Callable, Sequence
from itertools import pairwise

from filters import clock
from filters.ede import NO_REACHABLE_AUTHORITY, Ede
from filters.kept import Kept, Key
from filters.names import to_wire
from filters.settings import FilterSettings, Upstream
from filters.upstreams.server import Came, Server, UpstreamFigures, channel_for

WHOLE_S = 5.0
EXPLORE_EVERY = 50
"""One question in so many goes to another good upstream first: so its time stays known."""
_LEAST_TRIES = 3
_MAX_STRAGGLERS = 16


class NoAnswerError(Exception):
    """None of the upstreams gave a usable answer; `edes` say why, as far as it is known."""

    def __init__(self, edes: tuple[Ede, ...]) -> None:
        super().__init__(edes)
        self.edes = edes


class Forwarder:
    """Asks; merging the same question of many is the resolver's."""

    def __init__(self, settings: FilterSettings, group: TaskGroup, now: Callable[[], float] = clock.monotonic) -> None:
        """`group`: holds what outlasts a question (connections, answers that come second)."""
        self._group = group
        self._stragglers: set[Task[Came]] = set()

        def circle(upstreams: Sequence[Upstream], *, ours: bool) -> _Circle:
            channels = [channel_for(each, group, mix_case=settings.mix_case) for each in upstreams]
            pairs = zip(upstreams, channels, strict=True)
            return _Circle([Server(each, channel, now, ours=ours) for each, channel in pairs], now)

        self._open = circle(settings.upstreams, ours=False)
        self._zones = {
            to_wire(zone.name): (zone.name, circle(zone.upstreams, ours=True)) for zone in settings.forward_zones
        }

    def ask(self, key: Key) -> Future[Kept]:
        """The answer to a question, to be awaited or called back by."""
        race = _Race(key, self._circle_of(key).order(), self._group, self._stragglers)
        race.start_next()
        return race.answer

    def is_down(self, key: Key) -> bool:
        """Do all its upstreams rest, so that an answer is not to be expected?"""
        return self._circle_of(key).is_down()

    def stats(self) -> list[UpstreamFigures]:
        """What is known of each upstream."""
        circles = [("", self._open), *self._zones.values()]
        return [server.figures(zone) for zone, circle in circles for server in circle.servers]

    def close(self) -> None:
        """Close all connections."""
        for _, circle in [("", self._open), *self._zones.values()]:
            for server in circle.servers:
                server.close()

    def _circle_of(self, key: Key) -> "_Circle":
        if self._zones:
            name, at = key[0][:-4], 0
            while name[at]:
                if found := self._zones.get(name[at:]):
                    return found[1]
                at += 1 + name[at]
        return self._open


class _Race:
    """One question at one or more upstreams; the first good answer ends it."""

    def __init__(
        self, key: Key, order: list[tuple[Server, float | None]], group: TaskGroup, stragglers: set[Task[Came]]
    ) -> None:
        self._key = key
        self._order = iter(order)
        self._group = group
        self._stragglers = stragglers
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + WHOLE_S
        self._running: set[Task[Came]] = set()
        self._timer: TimerHandle | None = None
        self._edes: tuple[Ede, ...] = (Ede(NO_REACHABLE_AUTHORITY, "no upstream answers"),)
        self.answer: Future[Kept] = self._loop.create_future()

    def start_next(self) -> None:
        """Ask the next upstream; the last one said how long it was to be waited for."""
        if self.answer.done():
            return  # whoever asked has gone
        server, patience_s = next(self._order, (None, None))
        if server is not None:
            task = self._group.create_task(server.ask(self._key))
            self._running.add(task)
            task.add_done_callback(self._came)
        elif not self._running:
            self._finish()
            return
        left_s = self._ends_at - self._loop.time()
        if self._timer is not None:
            self._timer.cancel()
        if patience_s is not None and patience_s < left_s:
            self._timer = self._loop.call_later(patience_s, self.start_next)
        else:
            self._timer = self._loop.call_later(left_s, self._finish)

    def _came(self, task: Task[Came]) -> None:
        self._running.discard(task)
        if self.answer.done():
            return
        if task.cancelled():  # the worker stops
            self._finish()
            return
        came = task.result()
        if isinstance(came, Kept):
            self._finish(came)
            return
        self._edes = came.edes
        if came.is_final:
            self._finish()
        else:
            self.start_next()

    def _finish(self, kept: Kept | None = None) -> None:
        """Tell; losers may end within their own time, so that it is known how slow they are, but not too many."""
        if self._timer is not None:
            self._timer.cancel()
        for loser in self._running:
            if len(self._stragglers) < _MAX_STRAGGLERS:
                self._stragglers.add(loser)
                loser.add_done_callback(self._stragglers.discard)
            else:
                loser.cancel()
        if self.answer.done():
            return  # whoever asked has gone
        if kept is not None:
            self.answer.set_result(kept)
        else:
            self.answer.set_exception(NoAnswerError(self._edes))


class _Circle:
    """Upstreams that may answer the same names."""

    def __init__(self, servers: list[Server], now: Callable[[], float]) -> None:
        self.servers = servers
        self._now = now
        self._questions = 0

    def is_down(self) -> bool:
        now = self._now()
        return all(server.rests_until > now for server in self.servers)

    def order(self) -> list[tuple[Server, float | None]]:
        """Who is asked in turn, each with how long it is waited for before the next; None: until it has failed."""
        now = self._now()
        self._questions += 1
        good = sorted((each for each in self.servers if each.rests_until <= now), key=lambda each: each.rtt_s)
        resting = sorted((each for each in self.servers if each.rests_until > now), key=lambda each: each.rests_until)
        if good and (back := next((each for each in good if each.failures), None)):
            back.rests_until = now + back.try_s  # this question tries it again; the others keep away meanwhile
            _put_first(good, back)
        elif len(good) > 1 and self._questions % EXPLORE_EVERY == 0:
            _put_first(good, good[1 + self._questions // EXPLORE_EVERY % (len(good) - 1)])
        order = good + resting
        while 0 < len(order) < _LEAST_TRIES:
            order += order
        waits = [
            None if one is other and not one.repeats else one.patience_s * 2 ** min(at, 3)
            for at, (one, other) in enumerate(pairwise(order))
        ]
        return list(zip(order, [*waits, None], strict=True))


def _put_first(servers: list[Server], one: Server) -> None:
    servers.remove(one)
    servers.insert(0, one)
