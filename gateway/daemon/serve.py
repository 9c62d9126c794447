"""The one place that builds everything, in time order. No logic: what happens is in the rooms it joins.

Start: lock → store → kernel repaired from the store → doors opened → jobs. Any error before the doors is fatal.
Stop: last readings booked, doors closed. The kernel keeps what it has: admitted clients go on, nobody new gets in.
"""

import asyncio
import contextlib
import fcntl
import gc
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

from gateway import __version__
from gateway.clock import is_clock_set, process_age_s
from gateway.config.model import Config
from gateway.daemon.doors import open_doors
from gateway.daemon.house import build_house
from gateway.daemon.running import run_until
from gateway.errors import GatewayError
from gateway.flows.line_record import beat
from gateway.flows.meter import book_all
from gateway.flows.reconcile import reconcile
from gateway.flows.resume import end_superseded
from gateway.log import event

_GARBAGE_LEAST = 20_000
"""Objects made anew before one looks for circles among them: with Python's 700 that was 8 % of a login."""


def serve(config: Config) -> None:
    """Run the gateway until SIGTERM or SIGINT."""
    state = config.state
    for directory in (state.directory, state.run_directory):
        _make_directory(directory)
    with _only_one(state.run_directory / "serve.lock"):
        asyncio.run(_serve(config))


async def _serve(config: Config) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with build_house(config) as house:
        await reconcile(house.gate)
        await house.known.look()
        await end_superseded(house.returns)
        await house.resolvers.refresh()
        await house.reception.hours.refresh()
        await house.board.refresh()
        await house.starts.started(beat(house.clock, is_clock_set))
        async with open_doors(house):
            gc.freeze()  # what stands now stays: no later collection holds a login up by walking it
            gc.set_threshold(_GARBAGE_LEAST)
            gc.enable()
            event("gateway.started", version=__version__, site=config.site.code, took_s=round(process_age_s(), 2))
            _tell_systemd("READY=1")
            await run_until(stop, house)
            _tell_systemd("STOPPING=1")
        await book_all(house.gate, house.watch)
        await house.starts.alive(beat(house.clock, is_clock_set), stopped=True)
    event("gateway.stopped")


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
