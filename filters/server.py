"""`cong dns`: opens the ports, sees to the lists, keeps N workers running.

The story in time order: ports (a second start ends here) → lists (the last good generation, or a first one) → workers →
signals until the end. The supervisor answers no query; a worker that dies is started anew on the same sockets.
"""

import ctypes
import gc
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from filters import clock
from filters.blockset import Blockset
from filters.counts import Recent
from filters.errors import FilterError
from filters.generations import is_stale, load_current
from filters.guards import RateGuard
from filters.log import event
from filters.options import Options
from filters.renewal import LOOK_EVERY_S, Origin, Renewal
from filters.settings import FilterSettings
from filters.sockets import Listener, open_listeners
from filters.worker import Shared, run_worker

STOP_WITHIN_S = 5.0
_QUICK_DEATH_S, _MOST_QUICK_DEATHS = 2.0, 5
_PR_SET_PDEATHSIG = 1
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}


@dataclass(frozen=True, slots=True)
class Renewed:
    """Other settings, and the sockets they are to be served on."""

    settings: FilterSettings
    origin: Origin
    sockets: tuple[socket.socket, ...]
    """Open as long as somebody holds them."""


def run(settings: FilterSettings, origin: Origin | None = None, sockets: Sequence[int] = ()) -> Renewed | None:
    """Serve until SIGTERM or SIGINT (None), or until `origin` tells other settings. FilterError when it can't start."""
    listeners = open_listeners(settings, sockets)
    blockset, stale = _lists_at_start(settings)
    supervisor = _Supervisor(settings, listeners, blockset, origin)
    return supervisor.run(refresh_lists=stale)


def _lists_at_start(settings: FilterSettings) -> tuple[Blockset, bool]:
    """The generation to start with, and whether its lists have changed since."""
    blockset = _load(settings)
    if blockset is not None:
        return blockset, is_stale(blockset, settings)
    # in a child: the memory of a compilation must not stay with every worker
    _, status = os.waitpid(_fork(lambda: _compile(settings)), 0)
    blockset = _load(settings)
    if blockset is None:
        raise FilterError(
            f"no list could be compiled (the compiler ended with {os.waitstatus_to_exitcode(status)})",
            where=str(settings.blockset_directory),
            hint="run: cong lists update, which tells why",
        )
    return blockset, False


def _load(settings: FilterSettings) -> Blockset | None:
    faults: list[FilterError] = []
    blockset = load_current(settings.blockset_directory, faults)
    for fault in faults:
        event("lists.generation_refused", "error", where=fault.where, error=fault.message)
    return blockset


def _compile(settings: FilterSettings) -> None:
    from filters.compile import log, update  # numpy comes with it: only into this child

    os.nice(10)
    try:
        log(update(settings))
    except FilterError as bad:
        event("lists.kept_last_good", "error", where=bad.where, error=bad.message, hint=bad.hint)


def _fork(work: Callable[[], None]) -> int:
    """A child that does one thing and ends; it also ends when its parent does."""
    parent = os.getpid()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if os.getppid() == parent:
            work()
        code = 0
    except Exception as error:  # noqa: BLE001 - the child must never run on into its parent's code
        event("worker.failed", "error", error=repr(error))
    finally:
        os._exit(code)


@dataclass(slots=True)
class _Place:
    """A worker's place: what it serves, who serves it now."""

    number: int
    pid: int = 0
    started: float = 0.0
    quick_deaths: int = 0


class _Supervisor:
    def __init__(
        self, settings: FilterSettings, listeners: list[list[Listener]], blockset: Blockset, origin: Origin | None
    ) -> None:
        self._renewal = Renewal(origin) if origin else None
        self._renewed: FilterSettings | None = None
        self._settings = settings
        self._listeners = listeners
        self._blockset = blockset
        rate = RateGuard(settings.client_qps, settings.exempt) if settings.client_qps else None
        self._shared = Shared(Recent(), rate, Options(secrets.token_bytes(16), clock.monotonic))
        self._places = [_Place(number) for number in range(settings.workers)]
        self._compiler = 0

    def run(self, *, refresh_lists: bool) -> Renewed | None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.collect()
        gc.freeze()  # what is shared by fork stays shared: the collector would write to every page
        for place in self._places:
            self._start(place)
        event("dns.started", workers=len(self._places), generation=self._blockset.generation)
        if refresh_lists:
            self._start_compiler()
        while True:
            info = signal.sigtimedwait(_SIGNALS, self._turn_s())
            if info is not None and info.si_signo in (signal.SIGTERM, signal.SIGINT):
                self._stop()
                event("dns.stopped")
                return None
            if info is not None and info.si_signo == signal.SIGHUP:
                self._start_compiler()
            self._reap()
            if self._renewal and self._renewed:
                self._stop()
                event("settings.renewing")
                return Renewed(self._renewed, self._renewal.origin, self._sockets())
            if self._renewal:
                self._renewal.look(_fork)
            if any(place.quick_deaths > _MOST_QUICK_DEATHS for place in self._places):
                self._stop()
                raise FilterError("workers keep dying at once", hint="the log lines above (worker.failed) tell why")
            for place in self._missing():
                if clock.monotonic() - place.started >= min(place.quick_deaths, 1):
                    self._start(place)

    def _turn_s(self) -> float:
        rest = LOOK_EVERY_S if self._renewal else 3600.0
        return min(rest, 1.0) if self._missing() else rest

    def _sockets(self) -> tuple[socket.socket, ...]:
        """Each once: a socket that systemd holds may be shared by workers."""
        return tuple({each.socket.fileno(): each.socket for mine in self._listeners for each in mine}.values())

    def _missing(self) -> list[_Place]:
        return [place for place in self._places if not place.pid]

    def _start(self, place: _Place) -> None:
        place.started = clock.monotonic()
        place.pid = _fork(lambda: self._serve(place.number))

    def _serve(self, number: int) -> None:
        mine = self._listeners[number]
        kept = {listener.socket for listener in mine}
        for others in self._listeners:
            for listener in others:
                if listener.socket not in kept:
                    listener.socket.close()
        run_worker(self._settings, number, mine, self._blockset, self._shared)

    def _start_compiler(self) -> None:
        if self._compiler or not is_stale(_load(self._settings), self._settings):
            return
        if os.access(self._settings.blockset_directory, os.W_OK):
            self._compiler = _fork(lambda: _compile(self._settings))
        else:  # as a service it may not: cong-lists.service compiles, with rights and a memory limit of its own
            event("lists.stale", "warning", hint="run: cong lists update")

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self._compiler:
                self._compiler = 0
            if self._renewal and (told := self._renewal.ended(pid, status)) and told != self._settings:
                self._renewed = told
            for place in self._places:
                if place.pid == pid:
                    quick = clock.monotonic() - place.started < _QUICK_DEATH_S
                    place.pid, place.quick_deaths = 0, place.quick_deaths + 1 if quick else 0
                    code = os.waitstatus_to_exitcode(status)
                    event("worker.died", "error", worker=place.number, code=code)

    def _stop(self) -> None:
        if self._renewal:
            self._renewal.stop()
        until = clock.monotonic() + STOP_WITHIN_S
        children = [place.pid for place in self._places if place.pid] + [self._compiler] * bool(self._compiler)
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        for pid in children:
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                if clock.monotonic() >= until:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                    break
                signal.sigtimedwait({signal.SIGCHLD}, 0.1)
