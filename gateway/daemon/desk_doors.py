"""The sockets staff reach the desk by, and the desk behind them, which comes up while patrons are served already.

Its sockets listen from the start: who knocks before it stands waits some tenths of a second, nobody is sent away.
"""

import asyncio
import contextlib
import gc
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.config.model import Config
from gateway.daemon.house import Built
from gateway.daemon.kept_sockets import KeptSockets
from gateway.errors import GatewayError
from gateway.jobs import Job, repeat
from gateway.log import event
from gateway.portal.patience import Patience

if TYPE_CHECKING:
    from gateway.daemon.desk import Desk

_LISTENERS_S = 30
_AGAIN_S, _AGAIN_AT_MOST_S = 2.0, 60.0
_A_SECOND, _BURST = 100.0, 300.0
"""Requests of one address: a page has parts, and programs walk through lists."""
_SWITCH_S = 0.0005
"""How long the thread that loads the desk may keep Python to itself; with Python's own 5 ms each step of a login would
wait that long."""


class DeskState(StrEnum):
    """How it stands with the desk."""

    STARTING = "starting"
    OPEN = "open"
    FAILED = "failed"
    """It is tried again, at least each minute."""


class DeskDoors:
    """The desk's listeners: the box itself, and each interface of staff; one that comes up later is found."""

    def __init__(self, house: Built, sockets: KeptSockets) -> None:
        self.state = DeskState.STARTING
        self._house = house
        self._sockets = sockets
        self._patience = Patience(a_second=_A_SECOND, burst=_BURST)
        self._tls: ssl.SSLContext | None = None
        self._held: dict[tuple[str, int], socket.socket] = {}
        self._open: dict[tuple[str, int], asyncio.Server] = {}
        self._missing: set[tuple[str, int]] = set()
        self._desk: Desk | None = None
        self._stands = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def open(self, opened: contextlib.AsyncExitStack) -> None:
        """Listen; GatewayError when the port can't be had on the box itself, or the certificate can't be used."""
        config = self._house.config
        opened.push_async_callback(self._close)
        self._tls = _tls(config)
        try:
            self._hold("lo", socket.AF_INET)
        except OSError as error:
            port = config.desk.port
            hint = f"see who holds it: ss -ltnp 'sport = :{port}'"
            raise GatewayError(f"port {port} can't be had: {error.strerror}", where="desk", hint=hint) from error
        self._hold_missing()

    async def run(self) -> None:
        """Build the desk and serve it until cancelled. Whatever keeps it from standing keeps no patron out."""
        again_s = _AGAIN_S
        while (desk := await self._tried(again_s)) is None:
            await asyncio.sleep(again_s)
            again_s = min(2 * again_s, _AGAIN_AT_MOST_S)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(repeat(Job("desk", _LISTENERS_S, self._look)))
            for job in desk.jobs:
                tasks.create_task(repeat(job))
            tasks.create_task(desk.work())

    async def entries(self) -> list[dict[str, object]]:
        """Each way in with who may use it, as JSON has it; waits until the desk stands."""
        await self._stands.wait()
        assert self._desk is not None
        return [asdict(entry) for entry in self._desk.entries]

    async def _tried(self, again_s: float) -> "Desk | None":
        try:
            return await self._stand()
        except Exception as error:  # noqa: BLE001 - the portal goes on without its desk; log and doctor tell of it
            self.state = DeskState.FAILED
            event("desk.failed", "error", says=f"{type(error).__name__}: {error}", again_s=again_s)
            return None

    async def _stand(self) -> "Desk":
        """The desk answers: what waited since the sockets listen is served first. A step that was done stays done."""
        if self._desk is None:
            with _brief_turns():
                desk = await asyncio.to_thread(_built, self._house)
            code = await self._house.staff.first_code()
            self._runner = await self._patience.runner(desk.application)
            self._desk = desk
            if code:  # good once and for an hour, and only root and its group read the log
                port = self._house.config.desk.port
                event("desk.first_run", "warning", code=code, port=port, then="open /start there, or: cong desk code")
        await self._serve()
        gc.freeze()  # what stands now stays, as all else (daemon/serve)
        self.state = DeskState.OPEN
        self._stands.set()
        return self._desk

    async def _look(self) -> None:
        """Open what is missing: an interface may come up after the gateway."""
        self._hold_missing()
        await self._serve()
        await self._house.staff.forget_idle()

    def _hold_missing(self) -> None:
        config = self._house.config
        for name in ("lo", *config.desk.interfaces, *((config.lan.interface,) if config.desk.devices else ())):
            for family in (socket.AF_INET, socket.AF_INET6):
                try:
                    self._hold(name, family)
                except OSError as error:
                    self._tell_once(name, family, error)

    def _tell_once(self, interface: str, family: int, error: OSError) -> None:
        if (interface, family) not in self._missing:
            self._missing.add((interface, family))
            event(
                "desk.not_open",
                "warning",
                interface=interface,
                family=socket.AddressFamily(family).name,
                says=str(error),
            )

    def _hold(self, name: str, family: int) -> None:
        """A socket of this interface alone: what comes in by another never reaches it."""
        if (name, family) in self._held:
            return
        port = self._house.config.desk.port
        self._held[name, family] = self._sockets.held(socket.AddressFamily(family), socket.SOCK_STREAM, port, name)
        self._missing.discard((name, family))

    async def _serve(self) -> None:
        """Those that are held and not served yet."""
        assert self._runner is not None
        loop, protocol = asyncio.get_running_loop(), self._patience.protocol(self._runner)
        for place, listener in self._held.items():
            if place in self._open:
                continue
            self._open[place] = await loop.create_server(protocol, sock=listener, ssl=self._tls)
            interface, family = place
            port = self._house.config.desk.port
            event("desk.open", interface=interface, family=socket.AddressFamily(family).name, port=port)

    async def _close(self) -> None:
        for server in self._open.values():
            server.close()
        for listener in self._held.values():
            listener.close()
        if self._runner is not None:
            await self._runner.cleanup()


def _built(house: Built) -> "Desk":
    from gateway.daemon.desk import build_desk  # half a second and more of loading: patrons don't wait for it

    return build_desk(house)


@contextlib.contextmanager
def _brief_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _tls(config: Config) -> ssl.SSLContext | None:
    desk = config.desk
    if desk.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(desk.certificate, desk.certificate_key)
    except (OSError, ssl.SSLError) as error:
        hint = "see desk.certificate and desk.certificate_key"
        raise GatewayError(f"the desk's certificate can't be used: {error}", where="desk", hint=hint) from error
    return context
