"""The one place that builds everything, in time order. No logic: what happens is in the rooms it joins.

Start: lock → store → kernel repaired from the store → doors opened → jobs → the desk. Any error before the doors is
fatal. What the doors need is loaded by a thread while the repair waits for the kernel, what the desk needs when patrons
are served.
Stop: last readings booked, doors closed. The kernel keeps what it has: admitted clients go on, nobody new gets in.
"""

import asyncio
import contextlib
import fcntl
import gc
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import __version__
from gateway.clock import is_clock_set, process_age_s
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.daemon.house import Built, build_house
from gateway.daemon.kept_sockets import KeptSockets
from gateway.daemon.renewing import Renewal, start_anew
from gateway.daemon.restored import put_in_place
from gateway.errors import GatewayError
from gateway.flows.line_record import beat
from gateway.flows.meter import book_all
from gateway.flows.reconcile import reconcile
from gateway.flows.resume import end_superseded
from gateway.log import event

if TYPE_CHECKING:
    from gateway.daemon.desk_doors import DeskDoors

_Open = Callable[[Built, KeptSockets], contextlib.AbstractAsyncContextManager["DeskDoors"]]
_Run = Callable[[asyncio.Event, Built, "DeskDoors", Renewal], Awaitable[None]]


def serve(path: Path) -> None:
    """Run the gateway of this configuration file until SIGTERM or SIGINT; anew when the desk has set other keys."""
    config = load_config(path)
    state = config.state
    for directory in (state.directory, state.run_directory):
        _make_directory(directory)
    sockets = KeptSockets()
    with _only_one(state.run_directory / "serve.lock"):
        if put_in_place(config, path):
            config = load_config(path)
        is_renewal = asyncio.run(_serve(path, config, sockets))
    if is_renewal:
        sockets.hand_over()
        start_anew()


async def _serve(path: Path, config: Config, sockets: KeptSockets) -> bool:
    """Whether it ended to begin anew."""
    stop = asyncio.Event()
    renewal = Renewal(path, config, stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with build_house(config, path) as house:
        loading = asyncio.get_running_loop().run_in_executor(None, _serving)
        await reconcile(house.gate)
        await house.known.look()
        await end_superseded(house.returns)
        await house.resolvers.refresh()
        await house.reception.hours.refresh()
        await house.board.refresh()
        await house.starts.started(beat(house.clock, is_clock_set))
        open_doors, run_until = await loading
        async with open_doors(house, sockets) as desk:
            sockets.let_go_of_unused()
            gc.freeze()  # what stands now stays: no later collection holds a login up by walking it
            gc.enable()
            event("gateway.started", version=__version__, site=config.site.code, took_s=round(process_age_s(), 2))
            _tell_systemd("READY=1")
            await run_until(stop, house, desk, renewal)
            # a service that reloads is not one that stops: what hangs on this unit stays (sd_notify(3))
            _tell_systemd(f"RELOADING=1\nMONOTONIC_USEC={_now_us()}" if renewal.is_wanted else "STOPPING=1")
        await book_all(house.gate, house.watch)
        await house.starts.alive(beat(house.clock, is_clock_set), stopped=True)
    event("gateway.stopped")
    return renewal.is_wanted


def _serving() -> tuple[_Open, _Run]:
    from gateway.daemon.doors import open_doors  # a quarter of the start: meanwhile the kernel is repaired
    from gateway.daemon.running import run_until

    return open_doors, run_until


def _now_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


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
