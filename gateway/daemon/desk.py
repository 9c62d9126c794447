"""The desk as it is built: its areas with what each needs of the house, and the sockets staff reach it by."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from functools import partial

from gateway import __version__
from gateway.child import Commands
from gateway.config.model import Config
from gateway.daemon.desk_filter import filter_desk
from gateway.daemon.desk_house import house_areas
from gateway.daemon.desk_money import money_areas
from gateway.daemon.desk_now import now_areas
from gateway.daemon.desk_patrons import patron_areas
from gateway.daemon.desk_plan import plan_areas
from gateway.daemon.house import Built
from gateway.daemon.kept_sockets import KeptSockets
from gateway.daemon.measures import measured
from gateway.desk.api import Api
from gateway.desk.application import application
from gateway.desk.assets import Assets
from gateway.desk.counted import Counted
from gateway.desk.doing import Doing
from gateway.desk.frame import NAVIGATION, Frame, Settings
from gateway.desk.metrics import metrics_route
from gateway.desk.render import DeskPages
from gateway.desk.table import Area
from gateway.desk.today import counted_today
from gateway.documents.svg import svg
from gateway.errors import GatewayError
from gateway.flows.settings import Settings as KeptSettings
from gateway.log import event
from gateway.portal.patience import Patience
from gateway.reports.today import TodayTold
from gateway.store.desk_settings import DeskSettingsFiles
from gateway.store.trail import SqliteTrail

LISTENERS_S = 30
_A_SECOND, _BURST = 100.0, 300.0
"""Requests of one address: a page has parts, and programs walk through lists."""


def areas(
    house: Built, commands: Commands, kept: KeptSettings, today: Counted[TodayTold], others: Sequence[Area]
) -> list[Area]:
    """All areas of the desk."""
    found = [
        *now_areas(house, today, kept),
        *patron_areas(house, commands),
        *plan_areas(house, commands, kept),
        *money_areas(house, commands, kept),
        *others,
    ]
    return [*found, *house_areas(house, commands, kept, found)]


class DeskDoors:
    """The desk's listeners: the box itself, and each interface of staff; one that comes up later is found."""

    def __init__(self, house: Built, sockets: KeptSockets) -> None:
        self._house = house
        commands, kept = Commands(house.config_path), KeptSettings(DeskSettingsFiles(house.config_path))
        self.today = counted_today(commands, house.clock)
        """Figures of the first page: its `look` is a job."""
        self.filter = filter_desk(house, kept)
        """Its `work` goes on as long as the gateway runs."""
        self.areas = areas(house, commands, kept, self.today, self.filter.areas)
        self._sockets = sockets
        self._open: dict[tuple[str, int], asyncio.Server] = {}
        self._missing: set[tuple[str, int]] = set()

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
        patience = Patience(a_second=_A_SECOND, burst=_BURST)
        runner = await patience.runner(
            application(frame, pages, api, self.areas, metrics_route(api, partial(measured, house)))
        )
        opened.push_async_callback(runner.cleanup)
        self._protocol = patience.protocol(runner)
        self._tls = _tls(config)
        opened.push_async_callback(self._close)
        try:
            await self._listen("lo", socket.AF_INET)
        except OSError as error:
            hint = f"see who holds it: ss -ltnp 'sport = :{desk.port}'"
            raise GatewayError(f"port {desk.port} can't be had: {error.strerror}", where="desk", hint=hint) from error
        await self.look()
        if (
            code := await house.staff.first_code()
        ):  # good once and for an hour, and only root and its group read the log
            event("desk.first_run", "warning", code=code, port=desk.port, then="open /start there, or: cong desk code")

    async def look(self) -> None:
        """Open what is missing: an interface may come up after the gateway."""
        config = self._house.config
        for name in ("lo", *config.desk.interfaces, *((config.lan.interface,) if config.desk.devices else ())):
            for family in (socket.AF_INET, socket.AF_INET6):
                try:
                    await self._listen(name, family)
                except OSError as error:
                    self._tell_once(name, family, error)
        await self._house.staff.forget_idle()

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

    async def _listen(self, interface: str, family: int) -> None:
        """A socket of this interface alone: what comes in by another never reaches it."""
        if (interface, family) in self._open:
            return
        port = self._house.config.desk.port
        listener = self._sockets.held(socket.AddressFamily(family), socket.SOCK_STREAM, port, interface)
        loop = asyncio.get_running_loop()
        self._open[interface, family] = await loop.create_server(self._protocol, sock=listener, ssl=self._tls)
        self._missing.discard((interface, family))
        event("desk.open", interface=interface, family=socket.AddressFamily(family).name, port=port)

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
