"""The desk as it is built: its areas with what each needs of the house, and the sockets staff reach it by."""

import asyncio
import contextlib
import socket
import ssl

from gateway import __version__
from gateway.child import Commands
from gateway.config.model import Config
from gateway.daemon.desk_now import now_areas
from gateway.daemon.house import Built
from gateway.desk.api import Api
from gateway.desk.application import application
from gateway.desk.assets import Assets
from gateway.desk.counted import Counted
from gateway.desk.doing import Doing
from gateway.desk.frame import NAVIGATION, Frame, Settings
from gateway.desk.render import DeskPages
from gateway.desk.table import Area
from gateway.desk.today import counted_today
from gateway.documents.svg import svg
from gateway.errors import GatewayError
from gateway.log import event
from gateway.portal.patience import Patience
from gateway.reports.today import TodayTold
from gateway.store.trail import SqliteTrail

LISTENERS_S = 30


def areas(house: Built, today: Counted[TodayTold]) -> list[Area]:
    """All areas of the desk."""
    return [*now_areas(house, today)]


class DeskDoors:
    """The desk's listeners: the box itself, and each interface of staff; one that comes up later is found."""

    def __init__(self, house: Built) -> None:
        self._house = house
        self.today = counted_today(Commands(house.config_path), house.clock)
        """Figures of the first page: its `look` is a job."""
        self._open: dict[tuple[str, int], asyncio.Server] = {}

    async def open(self, opened: contextlib.AsyncExitStack) -> None:
        """Serve; GatewayError when the port can't be had on the box itself."""
        house, config = self._house, self._house.config
        desk, site = config.desk, config.site
        assets = Assets()
        pages = DeskPages(site.zone, svg, {"static": assets.address, "site": site.name, "navigation": NAVIGATION})
        incoming = config.state.directory / "incoming"
        names = frozenset(desk.names)
        settings = Settings(site.name, site.language, names, desk.certificate is not None, incoming)
        doing = Doing(SqliteTrail(house.database))
        frame = Frame(house.staff, doing, pages, assets, house.clock, settings)
        api = Api(house.staff, doing, house.clock, incoming, __version__)
        patience = Patience()
        runner = await patience.runner(application(frame, pages, api, areas(house, self.today)))
        opened.push_async_callback(runner.cleanup)
        self._protocol = patience.protocol(runner)
        self._tls = _tls(config)
        opened.push_async_callback(self._close)
        await self._listen("", "127.0.0.1")
        with contextlib.suppress(OSError):  # a box without IPv6
            await self._listen("", "::1")
        await self.look()

    async def look(self) -> None:
        """Open what is missing: an interface may come up after the gateway."""
        config = self._house.config
        for name in (*config.desk.interfaces, *((config.lan.interface,) if config.desk.devices else ())):
            for host in ("0.0.0.0", "::"):
                with contextlib.suppress(OSError):
                    await self._listen(name, host)
        await self._house.staff.forget_idle()

    async def _listen(self, interface: str, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if (interface, family) in self._open:
            return
        port = self._house.config.desk.port
        with contextlib.ExitStack() as unless_served:
            listener = unless_served.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                if interface:
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
                listener.bind((host, port))
            except OSError as error:
                if interface or family == socket.AF_INET6:
                    raise
                hint = f"see who holds it: ss -ltnp 'sport = :{port}'"
                raise GatewayError(f"port {port} can't be had: {error.strerror}", where="desk", hint=hint) from error
            unless_served.pop_all()
        loop = asyncio.get_running_loop()
        self._open[interface, family] = await loop.create_server(self._protocol, sock=listener, ssl=self._tls)
        event("desk.open", interface=interface or "lo", address=host, port=port)

    async def _close(self) -> None:
        for server in self._open.values():
            server.close()


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
